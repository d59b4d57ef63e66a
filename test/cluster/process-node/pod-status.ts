// The status of a pod, computed from its containers. Pure but for the clock.
import type { V1PodSpec } from '@kubernetes/client-node';
import type { KubernetesObject, ObjectMeta } from '../../../kubernetes/objects.ts';
import { now } from './container.ts';
import type { ContainerRunner } from './container.ts';

/** A pod as the API server stores it. */
export interface Pod extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly deletionGracePeriodSeconds?: number };
  readonly spec: V1PodSpec;
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason?: string;
}

/** The status as a kubelet would report it: `conditions` of the pod that did not change keep their times. */
export function podStatus(pod: Pod, containers: readonly ContainerRunner[], place: { podIP: string; hostIP: string; startTime: string }): object {
  const { podIP, hostIP, startTime } = place;
  const condition = (type: string, holds: boolean, reason: string): Condition => {
    const status = holds ? 'True' : 'False';
    const before = pod.status?.conditions?.find((one) => one.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now();
    return { type, status, lastTransitionTime, ...(holds ? {} : { reason }) };
  };
  const allReady = containers.every(({ ready }) => ready);
  const gatesOpen = (pod.spec.readinessGates ?? []).every(({ conditionType }) =>
    pod.status?.conditions?.some(({ type, status }) => type === conditionType && status === 'True'),
  );
  return {
    phase: phaseOf(containers),
    conditions: [
      condition('Initialized', true, ''),
      condition('ContainersReady', allReady, 'ContainersNotReady'),
      condition('Ready', allReady && gatesOpen, allReady ? 'ReadinessGatesNotReady' : 'ContainersNotReady'),
    ],
    podIP,
    podIPs: [{ ip: podIP }],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime,
    containerStatuses: containers.map(({ spec, state, lastState, ready, started, restartCount }) => {
      return { name: spec.name, image: spec.image, imageID: '', state, lastState, ready, started, restartCount };
    }),
  };
}

function phaseOf(containers: readonly ContainerRunner[]): string {
  if (containers.some(({ state, lastState }) => state.waiting !== undefined && lastState.terminated === undefined)) return 'Pending';
  if (!containers.every(({ finished }) => finished)) return 'Running';
  return containers.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}
