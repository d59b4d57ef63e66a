// How many pods there are, as far as the spec decides that.
import type { ResolvedSpec } from './api/spec.ts';

/** Replicas the operator sets; undefined where an autoscaler or somebody else does. */
export function managedReplicas({ replicas, scaling, autoscaling }: ResolvedSpec): number | undefined {
  return scaling === 'External' || autoscaling !== undefined ? undefined : replicas;
}

/** Whether more than one pod can run, apart from rollouts. */
export function canRunSeveral(spec: ResolvedSpec): boolean {
  const { scaling, replicas, autoscaling } = spec;
  return scaling === 'External' || (autoscaling?.maxReplicas ?? replicas) > 1;
}
