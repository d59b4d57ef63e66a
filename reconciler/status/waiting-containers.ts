// Pods that have a node and whose containers wait to be created: for their volumes, for their network, for their image. Nobody says
// why in their status, so the suspects are named, and what the pod's events say where they may be read. Pure.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { usesOf } from '../../charts/api/uses.ts';
import { folded, plain } from '../../kubernetes/text.ts';
import type { PodObject } from '../kinds.ts';
import { describeCommand } from './endings.ts';
import { CREATION_PATIENCE_MS, isPrepared, waitsForCreation } from './not-created.ts';
import type { Trouble } from './trouble.ts';

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
  const { name, uid = '' } = pod.metadata;
  const said = saidOf(waiting.words?.get(uid) ?? []);
  const message = [
    `The containers of pod ${name} have waited to be created for more than ${CREATION_PATIENCE_MS / 1000} seconds.`,
    said ?? suspicion(pod, waiting.spec),
    `${describeCommand(pod)} tells more.`,
  ].join(' ');
  return { reason: 'ContainerWaiting', message };
}

/** Milliseconds until a pod that waits has waited for too long; undefined while none waits. */
export function waitLookMs(pods: readonly PodObject[], now: Date): number | undefined {
  const left = pods.filter(isWaiting).map((pod) => sinceOf(pod) + CREATION_PATIENCE_MS - now.getTime()).filter((ms) => ms > 0);
  return left.length === 0 ? undefined : Math.min(...left);
}

/** The pods whose containers wait for too long, by name. */
export function longWaiting(pods: readonly PodObject[], now: Date): PodObject[] {
  return pods.filter((pod) => isWaiting(pod) && now.getTime() - sinceOf(pod) >= CREATION_PATIENCE_MS)
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
  return containers.every((container) => {
    const { state, restartCount = 0 } = container;
    const isSilent = state?.waiting?.reason === undefined;
    const wasCreated = restartCount > 0 || state?.running !== undefined || state?.terminated !== undefined;
    return !wasCreated && (isSilent || waitsForCreation(container));
  });
}

function sinceOf({ status }: PodObject): number {
  return Date.parse(scheduledAt(status) ?? '');
}

function scheduledAt(status: PodObject['status']): string | undefined {
  const scheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'True');
  return scheduled?.lastTransitionTime;
}

function suspicion(pod: PodObject, spec: ResolvedSpec | undefined): string {
  if ((pod.status?.containerStatuses ?? []).length === 0) return 'The kubelet of its node says nothing of them: see kubectl get nodes.';
  // Where the kubelet does not say whether volumes and network are there, either may be why.
  if (isPrepared(pod)) return 'Its volumes and its network are there, so its image is probably still being pulled.';
  const mounted = spec === undefined ? [] : mountedBy(spec);
  const more = mounted.length > MOST_SUSPECTS ? ` and ${mounted.length - MOST_SUSPECTS} more` : '';
  const objects = mounted.length === 0 ? '' : `: ${mounted.slice(0, MOST_SUSPECTS).join(', ')}${more} must be there, and able to be mounted on its node`;
  return `Its volumes or its network are not ready, or its image is still being pulled${objects}.`;
}

/** What pods mount by name: a container waits for it without a word in the status. */
function mountedBy(spec: ResolvedSpec): string[] {
  const uses = usesOf(spec).filter(({ field, optional }) => field.startsWith('spec.files') && optional !== true);
  const claims = (spec.storage ?? []).flatMap(({ mountPath, persistentVolumeClaim: claim, ephemeral }) => {
    if (claim !== undefined) return [`PersistentVolumeClaim ${claim.claimName}`];
    return ephemeral === undefined ? [] : [`the pod's claim for ${mountPath}`];
  });
  const drivers = (spec.files ?? []).flatMap(({ csi }) => (csi === undefined ? [] : [`CSI driver ${csi.driver}`]));
  return [...new Set([...claims, ...uses.map(({ kind, name }) => `${kind} ${name}`), ...drivers])];
}

function saidOf(words: readonly string[]): string | undefined {
  const different = words.filter((word, index) => words.findIndex((other) => folded(other) === folded(word)) === index);
  if (different.length === 0) return undefined;
  return `Its events say: ${different.slice(0, MOST_WORDS).map((word) => plain(word, WORDS_LENGTH).replace(/\.+$/, '')).join('; ')}.`;
}
