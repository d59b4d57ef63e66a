// What is said of a pod in one word, and in two numbers: by the rules of `kubectl get pods` (Kubernetes 1.36, printPod of its printers).
import type { ContainerState, ContainerStatus, Pod } from '../cluster/port.ts';

/** Words come from kubelets; longer ones are cut. */
const MOST_REASON = 100;

/** What a reader of pods sees first. */
export interface PodSummary {
  /** The word of kubectl's column STATUS, such as Running, CrashLoopBackOff, Init:0/1 or Terminating; Unknown where nobody reported yet. */
  readonly status: string;
  /** Whether all containers and sidecars are ready and the pod is not on its way out. */
  readonly ready: boolean;
  /** Of containers and sidecars; while the pod initializes of its init containers. */
  readonly restarts: number;
}

/** How far the init containers are: the word for the first one that is not done, undefined when all are; and the restarts of those looked at. */
interface Initialization {
  readonly word: string | undefined;
  readonly restarts: number;
}

/** Sums a pod up. */
export function podSummary(pod: Pod): PodSummary {
  const { phase = 'Unknown', reason, conditions = [], containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const sidecars = sidecarsOf(pod);
  const init = initialization(pod, sidecars);
  const gated = conditions.some((each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated');
  let word = init.word ?? (gated ? 'SchedulingGated' : reason || phase);
  let { restarts } = init;
  if (init.word === undefined || isTrue(pod, 'Initialized')) {
    word = runningWord(pod, word);
    restarts = restartsOf(containerStatuses) + restartsOf(initContainerStatuses.filter(({ name }) => sidecars.has(name)));
  }
  const deleted = pod.metadata.deletionTimestamp !== undefined;
  if (deleted && reason === 'NodeLost') word = 'Unknown';
  else if (deleted && phase !== 'Succeeded' && phase !== 'Failed') word = 'Terminating';
  const running = [...containerStatuses, ...initContainerStatuses.filter(({ name }) => sidecars.has(name))];
  return {
    status: word.length > MOST_REASON ? `${word.slice(0, MOST_REASON)}…` : word,
    ready: !deleted && containerStatuses.length > 0 && running.every(({ ready }) => ready),
    restarts,
  };
}

function sidecarsOf({ spec }: Pod): ReadonlySet<string> {
  return new Set((spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
}

function initialization({ spec, status }: Pod, sidecars: ReadonlySet<string>): Initialization {
  let restarts = 0;
  for (const [index, container] of (status?.initContainerStatuses ?? []).entries()) {
    const { name, started = false, state = {} } = container;
    restarts += container.restartCount;
    if (state.terminated?.exitCode === 0 || (sidecars.has(name) && started)) continue;
    const waits = state.waiting?.reason === 'PodInitializing' ? undefined : state.waiting?.reason;
    const why = state.terminated === undefined ? waits || `${index}/${spec?.initContainers?.length ?? 0}` : endOf(state.terminated);
    return { word: `Init:${why}`, restarts };
  }
  return { word: undefined, restarts };
}

/** The word of the first container that has one to say; else the one before. */
function runningWord(pod: Pod, before: string): string {
  const statuses: readonly ContainerStatus[] = pod.status?.containerStatuses ?? [];
  const words = statuses.map(({ state = {} }) => wordOf(state));
  const word = words.find((each) => each !== undefined) ?? before;
  const stillRuns = statuses.some(({ ready, state = {} }, index) => words[index] === undefined && ready && state.running !== undefined);
  if (word !== 'Completed' || !stillRuns) return word;
  return isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
}

/** What keeps a container from running; undefined where nothing is known to. */
function wordOf({ waiting, terminated }: ContainerState): string | undefined {
  return waiting?.reason || (terminated === undefined ? undefined : endOf(terminated));
}

function endOf({ reason, signal = 0, exitCode }: NonNullable<ContainerState['terminated']>): string {
  return reason || (signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`);
}

function isTrue({ status }: Pod, type: string): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
}

function restartsOf(statuses: readonly ContainerStatus[]): number {
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
