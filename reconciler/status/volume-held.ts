// A pod that waits for a volume which another pod of the same MCPServer holds: told from the pods alone, for the operator may read
// neither claims nor volumes. Pure.
import { TEMPLATE_LABEL, type PodObject } from '../kinds.ts';
import { CREATION_PATIENCE_MS, isPrepared, waitsForCreation } from './not-created.ts';
import { sentence, type Trouble } from './trouble.ts';

/** The scheduler's words, of Kubernetes 1.30 and of 1.36. */
const ONE_POD_ONLY = /ReadWriteOncePod access mode/;
const OTHER_NODES_CANNOT = /volume node affinity conflict|PersistentVolume's node affinity/;

/** How events speak of a volume that is taken, and which of them are silent about what a pod waits for on its node. */
const TAKEN = /^FailedAttachVolume|Multi-Attach|already|in use/;
const SAYS_NOTHING = /^FailedScheduling|Unable to attach or mount volumes/;
const WORDS_LENGTH = 240;

/** How pods are looked at. */
export interface Surroundings {
  /** All pods of the MCPServer: those of earlier templates hold volumes as well. */
  readonly among: readonly PodObject[];
  /** Without it no pod is known to have waited long enough for its containers. */
  readonly now?: Date | undefined;
  /** Pods the Deployment is to have. Default: 1. */
  readonly wanted?: number | undefined;
  /** What the events of a pod say, by its uid, where they may be read: they may say that it waits for something else. */
  readonly words?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** How a pod waits for a claim that another pod uses. */
interface Hold {
  readonly pod: PodObject;
  readonly holder: PodObject;
  readonly claim: string;
  /** What the scheduler says; undefined for a pod that has a node and waits there. */
  readonly words?: string | undefined;
  /** When it counts, as Unix time in milliseconds; NaN where nobody knows. */
  readonly countsAt: number;
}

/** The first of the pods, by name, that waits for a volume which another one holds. */
export function volumeHeld(pods: readonly PodObject[], { among, now, wanted = 1, words: events }: Surroundings): Trouble | undefined {
  const holds = pods.toSorted(byName).flatMap((pod) => holdOf(pod, among) ?? []);
  const isLate = ({ countsAt }: Hold): boolean => (now?.getTime() ?? Number.NaN) >= countsAt;
  const eventsOf = ({ pod }: Hold): string[] => (events?.get(pod.metadata.uid ?? '') ?? []).filter((each) => !SAYS_NOTHING.test(each));
  const waitsForElse = (each: Hold): boolean => eventsOf(each).length > 0 && !eventsOf(each).some((event) => TAKEN.test(event));
  const hold = holds.find((each) => each.words !== undefined || (isLate(each) && !waitsForElse(each)));
  if (hold === undefined) return undefined;
  const message = `${whatWaits(hold)} ${whatToDo(hold, wanted)}${whatElse(hold, eventsOf(hold))}`;
  return { reason: 'VolumeHeld', message, waits: true };
}

/** Milliseconds, more than 0, until a pod will have waited long enough for `volumeHeld` to speak of it; undefined where none will. */
export function volumeLookMs(pods: readonly PodObject[], now: Date): number | undefined {
  const left = pods
    .flatMap((pod) => holdOf(pod, pods) ?? [])
    .map(({ words, countsAt }) => (words === undefined ? countsAt - now.getTime() : Number.NaN))
    .filter((ms) => ms > 0);
  return left.length === 0 ? undefined : Math.min(...left);
}

function holdOf(pod: PodObject, among: readonly PodObject[]): Hold | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || hasEnded(pod)) return undefined;
  const placement = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const words = placement?.status === 'False' && placement.reason === 'Unschedulable' ? (placement.message ?? '') : undefined;
  if (words === undefined ? !waitsOnItsNode(pod) : !ONE_POD_ONLY.test(words) && !OTHER_NODES_CANNOT.test(words)) return undefined;
  const users = among.filter((other) => other.metadata.name !== pod.metadata.name && hasMounted(other)).toSorted(byName);
  for (const claim of claimsOf(pod)) {
    const holders = users.filter((other) => claimsOf(other).includes(claim));
    // What pods on two nodes have, no node has for itself.
    const isShared = new Set(holders.map(({ spec }) => spec?.nodeName)).size > 1;
    const holder = holders.find(({ spec }) => spec?.nodeName !== pod.spec?.nodeName);
    if (holder === undefined || isShared) continue;
    const since = placement?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '';
    return { pod, holder, claim, words, countsAt: Date.parse(since) + CREATION_PATIENCE_MS };
  }
  return undefined;
}

/** Has a node, and neither a sandbox nor an address yet: a pod gets them when its volumes are mounted. */
function waitsOnItsNode(pod: PodObject): boolean {
  const { spec, status } = pod;
  const containers = status?.containerStatuses ?? [];
  const isPlaced = spec?.nodeName !== undefined && status?.podIP === undefined && !isPrepared(pod);
  return isPlaced && containers.length > 0 && containers.every(waitsForCreation);
}

function hasMounted(pod: PodObject): boolean {
  return pod.spec?.nodeName !== undefined && pod.status?.podIP !== undefined && !hasEnded(pod);
}

function hasEnded({ status }: PodObject): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

function claimsOf({ spec }: PodObject): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []).toSorted();
}

function byName(a: PodObject, b: PodObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function whatWaits({ pod, holder, claim, words }: Hold): string {
  const uses = `pod ${holder.metadata.name} on node ${holder.spec?.nodeName} uses the same claim ${claim}`;
  if (words === undefined) return `Pod ${pod.metadata.name} waits on node ${pod.spec?.nodeName} for its containers to be created, while ${uses}, which it has to wait for if only one node can mount it (ReadWriteOnce).`;
  const which = ONE_POD_ONLY.test(words) ? 'which one pod at a time can mount' : 'whose volume other nodes cannot mount';
  return `No node takes pod ${pod.metadata.name}: ${sentence(words)} And ${uses}, ${which}.`;
}

function whatToDo({ pod, holder }: Hold, wanted: number): string {
  const { name, deletionTimestamp } = holder.metadata;
  if (deletionTimestamp !== undefined) {
    return `Pod ${name} is on its way out, which spec.strategy cannot hasten: if its node is down for good, delete the Node, or the pod with --force.`;
  }
  const isUpdate = templateOf(holder) !== templateOf(pod);
  if (isUpdate && wanted <= 1) return 'Set spec.strategy to {type: Recreate}, so that the old pod ends before the new one starts.';
  return 'Keep to one replica with spec.strategy {type: Recreate}, or use a claim that several nodes can mount (ReadWriteMany).';
}

/** What else is known, or could be, of a pod that waits on its node. */
function whatElse({ pod, words }: Hold, events: readonly string[]): string {
  if (words !== undefined) return '';
  const said = events.find((each) => TAKEN.test(each));
  if (said !== undefined) return ` Its events say: ${sentence(said, WORDS_LENGTH)}`;
  return ` An image that takes long to pull looks the same: see kubectl describe pod ${pod.metadata.name}.`;
}

function templateOf({ metadata }: PodObject): string | undefined {
  return metadata.labels?.[TEMPLATE_LABEL];
}
