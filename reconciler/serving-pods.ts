// Which pods serve: those a client of the Service may be sent to. Pure.
import { CONTAINER_NAME } from '../charts/labels.ts';
import type { PodObject } from './kinds.ts';
import type { ServingPod } from './verification/verifier.ts';

/** Pods that are ready, have an address and are not on their way out. */
export function servingPods(pods: readonly PodObject[]): ServingPod[] {
  return pods.flatMap(({ metadata, status }) => {
    const { name, namespace, uid, deletionTimestamp } = metadata;
    const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
    const ip = status?.podIP;
    if (!isReady || deletionTimestamp !== undefined || ip === undefined || namespace === undefined || uid === undefined) return [];
    const restarts = status?.containerStatuses?.find((container) => container.name === CONTAINER_NAME)?.restartCount ?? 0;
    return [{ namespace, name, uid, ip, restarts }];
  });
}
