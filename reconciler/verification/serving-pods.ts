// Which pods serve: those a client of the Service may be sent to; and which are on their way to it. Pure.
import { CONTAINER_NAME, PORT_NAME } from '../../charts/api/labels.ts';
import type { ContainerStatus, PodObject } from '../kinds.ts';
import { containerOf, type ServingPod } from './observation.ts';

/** Pods that are ready, have an address and an MCP port, and are not on their way out. */
export function servingPods(pods: readonly PodObject[]): ServingPod[] {
  return pods.filter(isReady).flatMap(addressed);
}

/** Pods that are not ready although their MCP container runs: the bridge of a stdio server answers in it, and tells why nothing else does. */
export function startingPods(pods: readonly PodObject[]): ServingPod[] {
  return pods.filter((pod) => !isReady(pod) && containerIn(pod)?.state?.running !== undefined).flatMap(addressed);
}

function isReady({ status }: PodObject): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
}

function addressed(pod: PodObject): ServingPod[] {
  const { metadata, spec, status } = pod;
  const { name, namespace, uid, deletionTimestamp } = metadata;
  const ip = status?.podIP;
  // The Service finds the port by name, too: while another one rolls out, pods of the old one serve on theirs.
  const ports = spec?.containers.find((container) => container.name === CONTAINER_NAME)?.ports;
  const port = ports?.find((each) => each.name === PORT_NAME)?.containerPort;
  if (deletionTimestamp !== undefined || ip === undefined || port === undefined || namespace === undefined || uid === undefined) return [];
  return [{ namespace, name, uid, ip, port, restarts: restartsOf(pod) }];
}

/** The MCP containers of all pods that have not ended, as `containerOf` names them. */
export function existingContainers(pods: readonly PodObject[]): string[] {
  const alive = pods.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  return alive.map((pod) => containerOf({ uid: pod.metadata.uid ?? '', restarts: restartsOf(pod) }));
}

function restartsOf(pod: PodObject): number {
  return containerIn(pod)?.restartCount ?? 0;
}

function containerIn({ status }: PodObject): ContainerStatus | undefined {
  return status?.containerStatuses?.find((container) => container.name === CONTAINER_NAME);
}
