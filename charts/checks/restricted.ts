// How an MCPServer leaves Pod Security `restricted`, in the words of its own spec.
import { deployment } from '../deployment.ts';
import { podSecurityViolations, type PodSecurityViolation } from './pod-security.ts';
import type { ResolvedServer } from '../server.ts';

/** Fields of the pod template, and the fields of the spec they come from. */
const ORIGINS: readonly [rendered: RegExp, written: string][] = [
  [/^spec\.containers\[0\]\.(liveness|readiness|startup)Probe/, 'probes.$1'],
  [/^spec\.containers\[0\]\.lifecycle\./, ''],
  [/^spec\.containers\[0\]\./, ''],
  [/^spec\.securityContext/, 'podSecurityContext'],
  [/^metadata/, 'podMetadata'],
];

/** How the sentence begins that says so. */
export const LEAVES_RESTRICTED = 'The pods do not meet Pod Security';

/** What its pods break of `baseline` and `restricted`; fields are those of the MCPServer's spec. */
export function restrictedViolations(server: ResolvedServer): PodSecurityViolation[] {
  const template = deployment(server).spec?.template ?? {};
  return podSecurityViolations(template).map((violation) => ({ ...violation, field: originOf(violation.field) }));
}

/** One sentence that says by which fields the pods leave `restricted`; undefined when they do not. For conditions and events. */
export function restrictedMessage(server: ResolvedServer): string | undefined {
  const violations = restrictedViolations(server);
  if (violations.length === 0) return undefined;
  // Where both standards speak of a field, the stricter one, which comes last, says all there is.
  const problems = new Map(violations.map(({ field, problem }) => [field, problem]));
  const missed = violations.some(({ standard }) => standard === 'baseline') ? 'restricted, nor baseline' : 'restricted';
  const list = [...problems].map(([field, problem]) => `${field} ${problem}`).join(', ');
  return `${LEAVES_RESTRICTED} ${missed}: ${list}${server.spec.securityProfile === 'None' ? ' (securityProfile is None)' : ''}.`;
}

function originOf(rendered: string): string {
  const origin = ORIGINS.find(([pattern]) => pattern.test(rendered));
  return origin === undefined ? rendered : rendered.replace(...origin);
}
