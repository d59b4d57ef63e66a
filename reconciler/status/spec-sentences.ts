// What ConfigurationValid says of a valid spec, whatever becomes of it. Pure.
import { SPEC_RULES } from '../../charts/api/rules.ts';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { claimMessage } from '../../charts/checks/claims.ts';
import { mcpProbeMessage } from '../../charts/checks/mcp-probes.ts';
import { movingPackageMessage } from '../../charts/checks/moving-packages.ts';

/** `weakened`: how its pods leave Pod Security `restricted`, in a sentence. */
export function specSentences(spec: ResolvedSpec, weakened: string | undefined): string {
  const seen = [weakened, claimMessage(spec), mcpProbeMessage(spec), movingPackageMessage(spec)];
  return [...ruleMessages(spec), ...seen.filter((each) => each !== undefined)].join(' ');
}

/** What the rules say, those that a spec stored before them may break among them: sentences. */
function ruleMessages(spec: ResolvedSpec): string[] {
  const broken = SPEC_RULES.filter(({ meanwhile, holds }) => meanwhile !== undefined && !holds(spec));
  if (broken.length === 0) return ['The spec passed every rule.'];
  return ['The spec passed every rule of its time.', ...broken.map(({ field, message, meanwhile }) => `Later came: spec.${field}: ${message}; until then ${meanwhile}.`)];
}
