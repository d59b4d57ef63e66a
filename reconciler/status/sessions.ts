// What follows for the Service from whether a server keeps sessions: those live in one pod, and the next call may reach another. Pure.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import type { MCPServerStatus } from '../../charts/api/status.ts';
import { canRunSeveral } from '../../charts/replicas.ts';
import { clientIpAffinity, type ClientIPAffinity } from '../../charts/service.ts';

type Sessions = NonNullable<MCPServerStatus['server']>['sessions'];

/** The affinity that keeps clients at their pod, where the spec leaves it to observation; a server nobody knows yet counts as stateless. */
export function observedAffinity(spec: ResolvedSpec, sessions: Sessions): ClientIPAffinity | undefined {
  const isAuto = spec.transport !== 'stdio' && (spec.service?.sessionAffinity ?? 'Auto') === 'Auto';
  return isAuto && spread(spec, sessions) ? clientIpAffinity(spec) : undefined;
}

/** Whether clients of a server that keeps sessions may be sent to a pod that does not know theirs; bridges take any session to its pod. */
export function areSessionsAtRisk(spec: ResolvedSpec, sessions: Sessions): boolean {
  return spec.transport !== 'stdio' && spec.service?.sessionAffinity === 'None' && spread(spec, sessions);
}

function spread(spec: ResolvedSpec, sessions: Sessions): boolean {
  return sessions === 'Stateful' && canRunSeveral(spec);
}
