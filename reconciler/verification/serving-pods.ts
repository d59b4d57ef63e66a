// Which pods serve: those a client of the Service may be sent to. Pure.
import { CONTAINER_NAME, PORT_NAME } from '../../charts/api/labels.ts';
import type { PodObject } from '../kinds.ts';
import { containerOf, type ServingPod } from './observation.ts';

/** Pods that are ready, have an address and an MCP port, and are not on their way out. */
export function servingPods(pods: readonly PodObject[]): ServingPod[] {
  return pods.flatMap(({ metadata, spec, status }) => {
    const { name, namespace, uid, deletionTimestamp } = metadata;
    const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
    const ip = status?.podIP;
    // The Service finds the port by name, too: while another one rolls out, pods of the old one serve on theirs.
    const ports = spec?.containers.find((container) => container.name === CONTAINER_NAME)?.ports;
    const port = ports?.find((each) => each.name === PORT_NAME)?.containerPort;
    if (!isReady || deletionTimestamp !== undefined) return [];
    if (ip === undefined || port === undefined || namespace === undefined || uid === undefined) return [];
    return [{ namespace, name, uid, ip, port, restarts: restartsOf(status) }];
  });
}

/** The MCP containers of all pods that have not ended, as `containerOf` names them. */
export function existingContainers(pods: readonly PodObject[]): string[] {
  const alive = pods.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  return alive.map(({ metadata: { uid = '' }, status }) => containerOf({ uid, restarts: restartsOf(status) }));
}

function restartsOf(status: PodObject['status']): number {
  return status?.containerStatuses?.find((container) => container.name === CONTAINER_NAME)?.restartCount ?? 0;
}
