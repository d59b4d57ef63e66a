// What is wrong with an MCPServer, by what that is known, and what to do next: in sentences. Pure.
import { CONTAINER_NAME } from '../../charts/api/labels.ts';
import { CONDITION_TYPES, type Condition } from '../../charts/api/status.ts';
import { plain } from '../../kubernetes/text.ts';
import type { ContainerStatus, PodObject } from '../kinds.ts';
import { lastEnd } from '../status/endings.ts';
import { nextSteps, stepsWhereUnseen } from './next-steps.ts';
import { toldEvents, type ToldEvent } from './told-events.ts';
import { treeOf, type ServerTree } from './tree.ts';
import { unseen } from './unseen.ts';
import type { Snapshot } from './snapshot.ts';

/** The output in JSON. Every key is always there; new ones may be added. */
export interface Explanation {
  readonly namespace: string;
  readonly name: string;
  readonly ready: Condition['status'];
  readonly reason: string;
  /** What is wrong and what to change, as the status says it; of one that is Ready what it was verified by. */
  readonly message: string;
  /** What was seen beside that, one sentence each. */
  readonly evidence: readonly string[];
  /** What containers said before they ended, by pod and container. */
  readonly lastWords: readonly LastWords[];
  /** Warnings, the newest first, and the newest others where there are few. */
  readonly events: readonly ToldEvent[];
  readonly nextSteps: readonly string[];
  /** Kinds that could not be read. */
  readonly unread: readonly string[];
}

interface LastWords {
  readonly pod: string;
  readonly container: string;
  /** Null where nothing is known of it. */
  readonly exitCode: number | null;
  /** The last lines, each plain. */
  readonly lines: readonly string[];
}

const MOST_EVENTS = 8;
const MOST_TROUBLES = 5;
const MOST_LINES = 10;
const LONGEST_LINE = 400;

/** Explains what a snapshot shows. */
export function explain(snapshot: Snapshot): Explanation {
  const tree = treeOf(snapshot);
  const { namespace, name, ready, reason, message, unread } = tree;
  const isUnseen = unseen(snapshot.server, snapshot.now) !== undefined;
  const isFine = ready === 'True';
  return {
    namespace,
    name,
    ready,
    reason,
    message,
    evidence: [...conditionsOf(snapshot, tree), ...missingOf(tree), ...podsOf(tree)],
    lastWords: isFine ? [] : lastWordsOf(snapshot),
    events: eventsOf(snapshot, isFine),
    nextSteps: isUnseen ? stepsWhereUnseen() : isFine ? [] : nextSteps(reason, { namespace, name }),
    unread,
  };
}

/** What other conditions say that Ready does not: those that are not as they should be, or are there at all where that means something. */
function conditionsOf({ server: { status } }: Snapshot, { message }: ServerTree): string[] {
  const conditions = status?.conditions ?? [];
  const telling = CONDITION_TYPES.slice(0, 5).flatMap((type) => conditions.filter((each) => each.type === type && each.status !== 'True'));
  const present = conditions.filter(({ type }) => type === 'SessionsAtRisk' || type === 'Orphaned' || type === 'Suspended');
  const said = new Set([message]);
  return [...telling, ...present].flatMap(({ type, status: value, reason, message: text }) => {
    const line = plain(text, 1000);
    // The same sentence stands in several of them.
    const rest = said.has(line) ? '' : `: ${line}`;
    said.add(line);
    return [`${type} is ${value} (${reason})${rest}`];
  });
}

function missingOf({ objects }: ServerTree): string[] {
  const missing = objects.filter(({ state }) => state === 'Missing').map(({ kind, name }) => `${kind} ${name}`);
  return missing.length === 0 ? [] : [`Not there, or not made for this MCPServer: ${missing.join(', ')}.`];
}

function podsOf({ pods, message, unread }: ServerTree): string[] {
  if (pods.length === 0) return unread.includes('Pod') ? [] : ['It has no pods.'];
  const ready = pods.filter(({ state }) => state === 'Ready').length;
  const troubled = pods.filter((pod) => pod.message !== null && !message.includes(pod.message));
  const told = troubled.slice(0, MOST_TROUBLES).map((pod) => pod.message ?? '');
  const more = troubled.length - told.length;
  return [
    `${ready} of ${pods.length} ${pods.length === 1 ? 'pod is' : 'pods are'} ready.`,
    ...told,
    ...(more > 0 ? [`${more} more ${more === 1 ? 'pod is' : 'pods are'} in trouble.`] : []),
  ];
}

/** Of the first pods that have some; the same words are told once. */
function lastWordsOf({ server: { spec }, pods }: Snapshot): LastWords[] {
  if (spec.lastWords === 'Hide') return [];
  const all = pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).flatMap(wordsOf);
  const seen = new Set<string>();
  const different = all.filter(({ container, lines }) => {
    const key = `${container} ${lines.join('\n')}`;
    return !seen.has(key) && seen.add(key);
  });
  return different.slice(0, MOST_TROUBLES);
}

function wordsOf({ metadata, status }: PodObject): LastWords[] {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.filter(matters).flatMap((container) => {
    const end = lastEnd(container);
    const lines = linesOf(end?.message ?? '');
    if (lines.length === 0) return [];
    return [{ pod: metadata.name, container: plain(container.name, 100), exitCode: end?.exitCode ?? null, lines }];
  });
}

/** An end of long ago says nothing about a container that serves; one that copied the bridge and ended well is none. */
function matters(container: ContainerStatus): boolean {
  return container.ready !== true && (lastEnd(container)?.exitCode !== 0 || container.name === CONTAINER_NAME);
}

function linesOf(words: string): string[] {
  const lines = words.slice(-(MOST_LINES * LONGEST_LINE)).split('\n').map((line) => plain(line, LONGEST_LINE));
  return lines.filter((line) => line !== '').slice(-MOST_LINES);
}

function eventsOf(snapshot: Snapshot, isFine: boolean): ToldEvent[] {
  const newestFirst = toldEvents(snapshot).toReversed();
  const warnings = newestFirst.filter(({ type }) => type === 'Warning');
  if (isFine) return warnings.slice(0, 3);
  return [...warnings, ...newestFirst.filter(({ type }) => type !== 'Warning')].slice(0, MOST_EVENTS);
}
