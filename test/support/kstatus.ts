// How the tools people trust read an MCPServer's status: kstatus, Argo CD's health check, `kubectl wait`.
import type { MCPServerStatus } from '../../charts/api/status.ts';

/** The parts of an MCPServer those tools look at. */
export interface Readable {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: MCPServerStatus;
}

type Condition = NonNullable<MCPServerStatus['conditions']>[number];

/** The condition of a type, if it is there. */
export function conditionOf({ status }: Pick<Readable, 'status'>, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

function has(object: Readable, type: string): boolean {
  return conditionOf(object, type)?.status === 'True';
}

function isObserved({ metadata, status }: Readable): boolean {
  return status?.observedGeneration === metadata.generation;
}

/** https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md */
export function kstatus(object: Readable): 'Terminating' | 'InProgress' | 'Failed' | 'Current' {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (!isObserved(object) || has(object, 'Reconciling')) return 'InProgress';
  if (has(object, 'Stalled')) return 'Failed';
  return has(object, 'Ready') ? 'Current' : 'InProgress';
}

/** The rules of a health check for Argo CD. */
export function argoHealth(object: Readable): 'Progressing' | 'Suspended' | 'Degraded' | 'Healthy' {
  const ready = conditionOf(object, 'Ready')?.status ?? 'Unknown';
  if (object.metadata.deletionTimestamp !== undefined || !isObserved(object) || has(object, 'Reconciling') || ready === 'Unknown') return 'Progressing';
  if (has(object, 'Suspended')) return 'Suspended';
  return has(object, 'Stalled') || ready === 'False' ? 'Degraded' : 'Healthy';
}

/** Whether `kubectl wait --for=condition=Ready` returns. */
export function meetsReady(object: Readable): boolean {
  const ready = conditionOf(object, 'Ready');
  return ready?.status === 'True' && (ready.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
}
