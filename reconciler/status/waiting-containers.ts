// Pods that have a node and whose containers wait to be created: for their volumes, for their network, for their image. Nobody says
// why in their status, so the suspects are named, and what the pod's events say where they may be read. Pure.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { usesOf } from '../../charts/api/uses.ts';
import { folded, plain } from '../../kubernetes/text.ts';
import type { PodObject } from '../kinds.ts';
import type { Trouble } from './pod-troubles.ts';

/** So long a container may wait to be created before that is told, in milliseconds: most volumes are there in a few seconds. */
const WAIT_MS = 20_000;
/** What the kubelet calls it. */
const WAITING = new Set(['ContainerCreating', 'PodInitializing']);
const MOST_SUSPECTS = 6;
const MOST_WORDS = 2;
const WORDS_LENGTH = 240;

/** What is known beside the pods. */
export interface Waiting {
  readonly now: Date;
  /** Undefined: nothing is suspected. */
  readonly spec?: ResolvedSpec | undefined;
  /** What the events of a pod say, by its uid. */
  readonly words?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** The first pod by name whose containers wait for too long; undefined when none does. */
export function waitingContainers(pods: readonly PodObject[], waiting: Waiting): Trouble | undefined {
  const pod = longWaiting(pods, waiting.now)[0];
  if (pod === undefined) return undefined;
  const { name, namespace = '', uid = '' } = pod.metadata;
  const said = saidOf(waiting.words?.get(uid) ?? []);
  const message = [
    `The containers of pod ${name} have waited to be created for more than ${WAIT_MS / 1000} seconds.`,
    said ?? suspicion(pod, waiting.spec),
    `kubectl -n ${namespace} describe pod ${name} tells more.`,
  ].join(' ');
  return { reason: 'ContainerWaiting', message };
}

/** Milliseconds until a pod that waits has waited for too long; undefined while none waits. */
export function waitLookMs(pods: readonly PodObject[], now: Date): number | undefined {
  const left = pods.filter(isWaiting).map((pod) => sinceOf(pod) + WAIT_MS - now.getTime()).filter((ms) => ms > 0);
  return left.length === 0 ? undefined : Math.min(...left);
}

/** The pods whose containers wait for too long, by name. */
export function longWaiting(pods: readonly PodObject[], now: Date): PodObject[] {
  return pods.filter((pod) => isWaiting(pod) && now.getTime() - sinceOf(pod) >= WAIT_MS)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Where a pod that waits stands, for comparing: its events are read anew when that changes. */
export function standOf({ status }: PodObject): string {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const conditions = (status?.conditions ?? []).map((condition) => [condition.type, condition.status]);
  return JSON.stringify([containers.map(({ name, state }) => [name, state?.waiting?.reason]), conditions]);
}

/** Has a node, and none of its containers was ever created. One that is on its way out is not waited for. */
function isWaiting({ metadata, status }: PodObject): boolean {
  if (metadata.deletionTimestamp !== undefined || status?.phase !== 'Pending' || scheduledAt(status) === undefined) return false;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers.every(({ state, restartCount = 0 }) => restartCount === 0 && WAITING.has(state?.waiting?.reason ?? 'ContainerCreating')
    && state?.running === undefined && state?.terminated === undefined);
}

function sinceOf({ status }: PodObject): number {
  return Date.parse(scheduledAt(status) ?? '');
}

function scheduledAt(status: PodObject['status']): string | undefined {
  const scheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'True');
  return scheduled?.lastTransitionTime;
}

function suspicion({ status }: PodObject, spec: ResolvedSpec | undefined): string {
  if ((status?.containerStatuses ?? []).length === 0) return 'The kubelet of its node says nothing of them: see kubectl get nodes.';
  const isPrepared = status?.conditions?.some(({ type, status: value }) => type === 'PodReadyToStartContainers' && value === 'True');
  // Where the kubelet does not say whether volumes and network are there, either may be why.
  if (isPrepared === true) return 'Its volumes and its network are there, so its image is probably still being pulled.';
  const mounted = spec === undefined ? [] : mountedBy(spec);
  const more = mounted.length > MOST_SUSPECTS ? ` and ${mounted.length - MOST_SUSPECTS} more` : '';
  const objects = mounted.length === 0 ? '' : `: ${mounted.slice(0, MOST_SUSPECTS).join(', ')}${more} must be there, and able to be mounted on its node`;
  return `Its volumes or its network are not ready, or its image is still being pulled${objects}.`;
}

/** What pods mount by name: a container waits for it without a word in the status. */
function mountedBy(spec: ResolvedSpec): string[] {
  const files = usesOf(spec).filter(({ field }) => field.startsWith('spec.files')).map(({ kind, name }) => `${kind} ${name}`);
  const claims = (spec.storage ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
    .map((name) => `PersistentVolumeClaim ${name}`);
  return [...new Set([...claims, ...files])];
}

function saidOf(words: readonly string[]): string | undefined {
  const different = words.filter((word, index) => words.findIndex((other) => folded(other) === folded(word)) === index);
  if (different.length === 0) return undefined;
  return `Its events say: ${different.slice(0, MOST_WORDS).map((word) => plain(word, WORDS_LENGTH).replace(/\.+$/, '')).join('; ')}.`;
}
