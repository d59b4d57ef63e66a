// How one pod stands, in a word and, where something is wrong, in a sentence. Pure.
import { plain } from '../../kubernetes/text.ts';
import type { ContainerStatus, PodObject } from '../kinds.ts';
import { podTrouble } from '../status/pod-troubles.ts';
import type { LastWords } from '../status/trouble.ts';

/** One pod. Part of the output in JSON. */
export interface PodStanding {
  readonly name: string;
  /** `Ready`, `Starting`, `Pending`, `Terminating`, `Succeeded`, `Failed`, or the reason of its trouble. */
  readonly state: string;
  /** What is wrong and what to do; null where nothing is known to be. */
  readonly message: string | null;
  readonly restarts: number;
  /** Node that runs it; null before it has one. */
  readonly node: string | null;
}

export interface Judging {
  readonly now: Date;
  readonly lastWords: LastWords;
}

/** The pods, those in trouble first, then by name. */
export function standingsOf(pods: readonly PodObject[], judging: Judging): PodStanding[] {
  const standings = pods.map((pod) => standingOf(pod, judging));
  return standings.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

function rank({ message, state }: PodStanding): number {
  return message !== null ? 0 : state === 'Ready' ? 2 : 1;
}

function standingOf(pod: PodObject, judging: Judging): PodStanding {
  const { metadata, spec, status } = pod;
  const trouble = podTrouble([pod], judging);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const restarts = containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const state = trouble?.reason ?? stateOf(pod);
  return { name: metadata.name, state, message: trouble?.message ?? null, restarts, node: spec?.nodeName ?? null };
}

function stateOf({ metadata, status }: PodObject): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const { phase = 'Pending', conditions = [], containerStatuses = [] } = status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return phase;
  if (conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')) return 'Ready';
  return containerStatuses.some(runs) ? 'Starting' : plain(phase, 20);
}

function runs({ state }: ContainerStatus): boolean {
  return state?.running !== undefined;
}
