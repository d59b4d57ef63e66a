// Which containers of which pods have a log to read. Pure.
import type { ContainerStatus, PodObject } from '../../kinds.ts';

/** One run of a container. */
export interface ContainerRun {
  readonly pod: string;
  readonly container: string;
  /** Names this run and no other. */
  readonly key: string;
  /** Whether it goes on. */
  readonly runs: boolean;
}

/** Names of all containers of the pods, each once: init containers, such as the one that brings the bridge, come first. */
export function containerNames(pods: readonly PodObject[]): string[] {
  return [...new Set(pods.flatMap(({ spec }) => [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name)))];
}

/** Of which containers. */
export interface Wanted {
  /** Default: all. */
  readonly container?: string | undefined;
  /** Whether the runs before the present ones are meant. Default: no. */
  readonly previous?: boolean;
}

/** The runs that have a log, in the order of their pods' names. */
export function runsOf(pods: readonly PodObject[], { container, previous = false }: Wanted): ContainerRun[] {
  const inOrder = pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return inOrder.flatMap(({ metadata: { name: pod, uid }, status }) => {
    const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    const wanted = containers.filter(({ name }) => container === undefined || name === container).filter(previous ? ranBefore : hasRun);
    return wanted.map(({ name, restartCount = 0, state }) => {
      const key = `${uid}/${name}/${restartCount}`;
      return { pod, container: name, key, runs: state?.running !== undefined };
    });
  });
}

function hasRun({ state, restartCount = 0 }: ContainerStatus): boolean {
  // Of one that waits to be started again the API server gives the log of its last run.
  return state?.running !== undefined || state?.terminated !== undefined || restartCount > 0;
}

function ranBefore({ lastState, restartCount = 0 }: ContainerStatus): boolean {
  return lastState?.terminated !== undefined || restartCount > 0;
}
