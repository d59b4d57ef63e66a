// How an MCPServer leaves Pod Security `restricted`, in the words of its own spec.
import { deployment } from '../deployment.ts';
import { openTemplate } from '../open-fields.ts';
import { originOf } from './origins.ts';
import { podSecurityViolations, type PodSecurityViolation } from './pod-security.ts';
import type { ResolvedServer } from '../server.ts';
import type { JsonFields } from '../strategic-merge.ts';

/** How the sentence begins that says so. */
export const LEAVES_RESTRICTED = 'The pods do not meet Pod Security';

/** What its pods break of `baseline` and `restricted`; fields are those of the MCPServer's spec. */
export function restrictedViolations(server: ResolvedServer): PodSecurityViolation[] {
  return violationsIn(openTemplate(deployment(server).spec?.template, server.spec), server);
}

function violationsIn(template: JsonFields, server: ResolvedServer): PodSecurityViolation[] {
  const found = podSecurityViolations(template);
  return found.map((violation) => ({ ...violation, field: originOf(violation.field, template, server.spec) }));
}

/**
 * One sentence that says by which fields the pods leave `restricted`; undefined when they do not. For conditions and events.
 * `template`: what was rendered of their template, where it is at hand.
 */
export function restrictedMessage(server: ResolvedServer, template?: JsonFields): string | undefined {
  const violations = template === undefined ? restrictedViolations(server) : violationsIn(template, server);
  if (violations.length === 0) return undefined;
  // Where both standards speak of a field, the stricter one, which comes last, says all there is.
  const problems = new Map(violations.map(({ field, problem }) => [field, problem]));
  const missed = violations.some(({ standard }) => standard === 'baseline') ? 'restricted, nor baseline' : 'restricted';
  const list = [...problems].map(([field, problem]) => `${field} ${problem}`).join(', ');
  return `${LEAVES_RESTRICTED} ${missed}: ${list}${server.spec.securityProfile === 'None' ? ' (securityProfile is None)' : ''}.`;
}
