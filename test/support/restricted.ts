// Which fields of a spec say that its pods leave Pod Security `restricted`.
import * as fc from 'fast-check';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { PodSecurityViolation } from '../../charts/checks/pod-security.ts';
import { restrictedViolations } from '../../charts/checks/restricted.ts';
import { arbitrarySpec } from './arbitrary-spec.ts';

/** Valid specs, every second one without a word about security contexts. */
export const SPEC_TO_JUDGE = fc.oneof(arbitrarySpec(), arbitrarySpec(['securityProfile', 'securityContext', 'podSecurityContext']));

/** What keeps the pods out of `restricted` although no field of the spec says so. */
export function unsaidViolations(spec: MCPServerSpec): PodSecurityViolation[] {
  const said = saidBy(spec);
  const violations = restrictedViolations({ name: 'demo', spec: resolveSpec('demo', spec) });
  return violations.filter(({ field }) => !said.some((parent) => field.startsWith(`${parent}.`) || field.startsWith(`${parent}[`)));
}

function saidBy({ securityProfile, securityContext, podSecurityContext, probes, postStart, podTemplate }: MCPServerSpec): string[] {
  const hosts = Object.entries(probes ?? {}).filter(([, probe]) => (probe?.httpGet ?? probe?.tcpSocket)?.host !== undefined);
  return [
    ...(securityContext || securityProfile === 'None' ? ['securityContext'] : []),
    ...(podSecurityContext || securityProfile === 'None' ? ['podSecurityContext'] : []),
    ...(securityProfile === 'None' ? ['initContainers', 'sidecars'] : []),
    ...(podTemplate ? ['podTemplate'] : []),
    ...hosts.map(([name]) => `probes.${name}`),
    ...(postStart?.httpGet?.host === undefined ? [] : ['postStart']),
  ];
}
