// What stands in the way of a pod, read from the status the kubelet and the scheduler gave it: a reason, the evidence, a hint. Pure.
import type { Reason } from '../../charts/api/reasons.ts';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { PORT_NAME } from '../../charts/api/labels.ts';
import { plain } from '../../kubernetes/text.ts';
import { portsNamedIn } from './last-words.ts';
import type { ContainerStatus, PodObject, TerminatedState } from '../kinds.ts';

/** Why a pod does not work. */
export interface Trouble {
  readonly reason: Exclude<Reason<'DeploymentReady'>, 'RolledOut' | 'Progressing' | 'ProgressDeadlineExceeded'>;
  /** Names the pod, gives the evidence, and says what to do. */
  readonly message: string;
  /** The pod waits for a place; it has not failed. */
  readonly waits?: boolean;
}

/** Whether what a container said before it ended is quoted: its exit code, and what follows from it, always are. */
export type LastWords = ResolvedSpec['lastWords'];
export const LAST_WORDS = ['Show', 'Hide'] as const satisfies readonly LastWords[];

const LISTEN_HINT = 'By default the program must listen on spec.port (MCP_PORT), on all addresses.';
/** The kubelet keeps half of this; whoever else writes a pod's status may write more. */
const MAX_WORDS = 8192;
/** So much of what kubelet, scheduler and controllers say is shown. */
export const EXCERPT = 600;
/** What the kubelet puts before the last error between two attempts: without it both read alike, and cost no writes. */
const BACK_OFF = /^Back-off pulling image "[^"]*": \w+: /;
const PULL_REASONS = /^(Err|Invalid)?Image|ErrImage|RegistryUnavailable|SignatureValidationFailed/;

/** The first trouble by name of the pod, so that the same pods always tell the same. Pods on their way out have none. */
export function podTrouble(pods: readonly PodObject[], lastWords: LastWords = 'Show'): Trouble | undefined {
  const alive = pods.filter(({ metadata, status }) =>
    metadata.deletionTimestamp === undefined && status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  const ordered = alive.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return ordered.map((pod) => troubleOf(pod, lastWords)).find((trouble) => trouble !== undefined);
}

/** Says of a container that runs what is still awaited of it; empty when nothing. */
export function awaited(pods: readonly PodObject[]): string {
  for (const { metadata, status } of pods) {
    if (metadata.deletionTimestamp !== undefined) continue;
    for (const { started, ready, state } of status?.containerStatuses ?? []) {
      if (state?.running === undefined || ready === true) continue;
      if (started === false) return ` Pod ${metadata.name} runs, but its startup probe has not passed yet. ${LISTEN_HINT}`;
      if (ready === false) return ` Pod ${metadata.name} has started, but its readiness probe has not passed yet.`;
    }
  }
  return '';
}

function troubleOf(pod: PodObject, lastWords: LastWords): Trouble | undefined {
  const { metadata, status } = pod;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const message = `No node takes pod ${metadata.name}: ${sentence(scheduled.message ?? 'the scheduler gives no reason')} Check spec.resources, what spec says about nodes, and the room in the cluster.`;
    return { reason: 'Unschedulable', message, waits: true };
  }
  for (const container of status?.containerStatuses ?? []) {
    const trouble = waitingTrouble(pod, container) ?? endingTrouble(pod, container, lastWords) ?? readinessTrouble(pod, container);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

function waitingTrouble({ metadata }: PodObject, { state }: ContainerStatus): Trouble | undefined {
  const { reason = '', message = reason } = state?.waiting ?? {};
  if (PULL_REASONS.test(reason)) {
    return { reason: 'ImagePullError', message: `Pod ${metadata.name} cannot pull its image (${plain(message.replace(BACK_OFF, ''), EXCERPT)}). Check spec.image and spec.imagePullSecrets.` };
  }
  if (reason === 'CreateContainerConfigError') {
    return { reason: 'ContainerConfigError', message: `Pod ${metadata.name} cannot start: ${sentence(message)}` };
  }
  if (reason === 'CreateContainerError' || reason === 'RunContainerError') {
    return { reason: 'ContainerStartError', message: `The container of pod ${metadata.name} cannot be started: ${sentence(message)} Check spec.command, spec.args and what is mounted.` };
  }
  return undefined;
}

/** A container that ends again and again: judged alike while it waits, runs for a moment, or has just ended. */
function endingTrouble(pod: PodObject, container: ContainerStatus, lastWords: LastWords): Trouble | undefined {
  const { name } = pod.metadata;
  const { restartCount = 0, started, state, lastState } = container;
  const loops = state?.waiting?.reason === 'CrashLoopBackOff';
  const hasEnded = state?.terminated !== undefined && restartCount > 0;
  const again = started !== true && (hasEnded || (state?.running !== undefined && restartCount > 1));
  const last = state?.terminated ?? lastState?.terminated;
  const isRestarted = started === false && restartCount > 0 && state?.running !== undefined;
  if (!loops && !again && !isRestarted) return undefined;
  const elsewhere = wrongPort(pod, container, { last, lastWords });
  if (elsewhere !== undefined) return elsewhere;
  if (loops || (again && last !== undefined)) {
    return { reason: 'CrashLoop', message: `Pod ${name} keeps ending with ${howItEnded(last, lastWords)}. ${crashHint(pod, container, last)}` };
  }
  const ended = last === undefined ? '' : ` after it ended with ${howItEnded(last, lastWords)}`;
  const hint = last === undefined ? LISTEN_HINT : crashHint(pod, container, last);
  return { reason: 'NotStarted', message: `Pod ${name} was restarted${ended}, and has not passed its startup probe since. ${hint}` };
}

function howItEnded(last: TerminatedState | undefined, lastWords: LastWords): string {
  const { exitCode, reason, message } = last ?? {};
  const why = reason === undefined || reason === 'Error' ? '' : ` (${plain(reason, 60)})`;
  const words = lastWords === 'Hide' ? '' : plain(message ?? '', 300, { keep: 'end' });
  return `exit code ${exitCode ?? 'unknown'}${why}${words === '' ? '' : `, last words: ${words}`}`;
}

function crashHint({ spec }: PodObject, { name }: ContainerStatus, last: TerminatedState | undefined): string {
  if (last?.reason === 'OOMKilled') {
    const limit = spec?.containers.find((container) => container.name === name)?.resources?.limits?.['memory'];
    return `It needs more memory than its limit${limit === undefined ? '' : ` of ${limit}`}: raise spec.resources.limits.memory, or let it use less.`;
  }
  if (endedBySignal(last)) return `It was ended from outside, as the kubelet does when the startup or liveness probe fails. ${LISTEN_HINT}`;
  if (last?.exitCode === 0) return 'It ends by itself without an error, as a program does that speaks MCP over stdio: let it serve HTTP, for instance by spec.args.';
  return 'See kubectl logs --previous.';
}

function endedBySignal(last: TerminatedState | undefined): boolean {
  return (last?.exitCode === 137 || last?.exitCode === 143) && last.reason !== 'OOMKilled';
}

/** How a container ended, and whether its words may be quoted. */
interface Ending {
  readonly last: TerminatedState | undefined;
  readonly lastWords: LastWords;
}

/** Only where the program itself said where it listens, and was ended from outside all the same. */
function wrongPort({ metadata, spec }: PodObject, { name }: ContainerStatus, { last, lastWords }: Ending): Trouble | undefined {
  const port = spec?.containers.find((container) => container.name === name)?.ports?.find((each) => each.name === PORT_NAME)?.containerPort;
  const [said, another] = endedBySignal(last) ? portsNamedIn(last?.message?.slice(-MAX_WORDS) ?? '') : [];
  if (port === undefined || said === undefined || another !== undefined || said.port === port) return undefined;
  if (lastWords === 'Hide') {
    // The number, too, is a word of the program's.
    const message = `Pod ${metadata.name} listens on another port than ${port}, as its last words say, which are hidden. See kubectl logs --previous, and set spec.port, or let it listen on MCP_PORT.`;
    return { reason: 'WrongPort', message };
  }
  const message = `Pod ${metadata.name} listens on ${said.port}, not ${port}, as its last words say: "${plain(said.line, 200)}". Set spec.port to ${said.port}, or let it listen on MCP_PORT.`;
  return { reason: 'WrongPort', message };
}

/** Was ready since its container started, and is not any more: later than the start, Ready can only have turned by a probe. */
function readinessTrouble({ metadata, status }: PodObject, { started, ready, state }: ContainerStatus): Trouble | undefined {
  const since = status?.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'False')?.lastTransitionTime;
  const startedAt = state?.running?.startedAt;
  if (ready !== false || started === false || since === undefined || startedAt === undefined) return undefined;
  if (Date.parse(since) <= Date.parse(startedAt)) return undefined;
  return { reason: 'NotReady', message: `Pod ${metadata.name} was ready and does not pass its readiness probe any more, since ${since}. See kubectl logs, and kubectl describe for what the probe found.` };
}

/** What another program said, as a sentence of a message. */
export function sentence(text: string): string {
  return `${plain(text, EXCERPT).replace(/\.+$/, '')}.`;
}
