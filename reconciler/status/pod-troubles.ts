// What stands in the way of a pod, read from the status the kubelet and the scheduler gave it: a reason, the evidence, a hint. Pure.
import { CONTAINER_NAME } from '../../charts/api/labels.ts';
import type { ContainerStatus, PodObject } from '../kinds.ts';
import { otherTrouble, roleBefore, subjectOf } from './other-troubles.ts';
import { LISTEN_HINT, serverTrouble } from './server-troubles.ts';
import { sentence, type LastWords, type Trouble } from './trouble.ts';
import { youngFor } from './young.ts';

/** How pods are judged. */
export interface Judging {
  readonly now: Date;
  /** Default: Show. */
  readonly lastWords?: LastWords | undefined;
}

/** The first trouble by name of the pod, so that the same pods always tell the same. Pods on their way out have none. */
export function podTrouble(pods: readonly PodObject[], how: Judging): Trouble | undefined {
  return alive(pods).map((pod) => troubleOf(pod, how)).find((trouble) => trouble !== undefined);
}

/** Says what is still awaited of a container that runs; empty when nothing, and in its first seconds, which every start takes. */
export function awaited(pods: readonly PodObject[], now: Date): string {
  for (const pod of alive(pods)) {
    const own = ownOf(pod).map((container) => awaitedOfServer(pod, container, now));
    const before = (pod.status?.initContainerStatuses ?? []).map((container) => awaitedBefore(pod, container, now));
    const said = [...before, ...own].find((each) => each !== '');
    if (said !== undefined) return said;
  }
  return '';
}

/** In the order of their names. */
function alive(pods: readonly PodObject[]): PodObject[] {
  const left = pods.filter(({ metadata, status }) =>
    metadata.deletionTimestamp === undefined && status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  return left.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function ownOf({ status }: PodObject): readonly ContainerStatus[] {
  return status?.containerStatuses?.filter(({ name }) => name === CONTAINER_NAME) ?? [];
}

function awaitedOfServer({ metadata }: PodObject, { started, ready, state }: ContainerStatus, now: Date): string {
  if (state?.running === undefined || ready === true || youngFor(state.running.startedAt, now) > 0) return '';
  if (started === false) return ` Pod ${metadata.name} runs, but its startup probe has not passed yet. ${LISTEN_HINT}`;
  return ready === false ? ` Pod ${metadata.name} has started, but its readiness probe has not passed yet.` : '';
}

function awaitedBefore(pod: PodObject, container: ContainerStatus, now: Date): string {
  const { started, state } = container;
  if (state?.running === undefined || youngFor(state.running.startedAt, now) > 0) return '';
  const role = roleBefore(pod, container);
  const subject = subjectOf(pod, container, role);
  if (role === 'init container') return ` ${subject} runs; the server starts when it has ended.`;
  return started === false ? ` ${subject} runs, but its startup probe has not passed yet; the server starts after it.` : '';
}

function troubleOf(pod: PodObject, { now, lastWords = 'Show' }: Judging): Trouble | undefined {
  const { metadata, status } = pod;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    // A claim that is bound in a moment keeps a pod from its node for that moment.
    if (youngFor(scheduled.lastTransitionTime, now) > 0) return undefined;
    const message = `No node takes pod ${metadata.name}: ${sentence(scheduled.message ?? 'the scheduler gives no reason')} Check spec.resources, what spec says about nodes, and the room in the cluster.`;
    return { reason: 'Unschedulable', message, waits: true };
  }
  const before = status?.initContainerStatuses;
  return firstOf(before, (container) => otherTrouble(pod, container, { role: roleBefore(pod, container), lastWords }))
    ?? firstOf(ownOf(pod), (container) => serverTrouble(pod, container, lastWords))
    ?? firstOf(othersOf(pod), (container) => otherTrouble(pod, container, { role: 'container', lastWords }));
}

function othersOf({ status }: PodObject): readonly ContainerStatus[] {
  return status?.containerStatuses?.filter(({ name }) => name !== CONTAINER_NAME) ?? [];
}

type Judge = (container: ContainerStatus) => Trouble | undefined;

function firstOf(containers: readonly ContainerStatus[] = [], judge: Judge): Trouble | undefined {
  return containers.map(judge).find((trouble) => trouble !== undefined);
}
