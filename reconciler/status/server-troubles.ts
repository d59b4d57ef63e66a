// What stands in the way of the server's own container. Pure.
import { PORT_NAME } from '../../charts/api/labels.ts';
import { plain } from '../../kubernetes/text.ts';
import type { ContainerStatus, PodObject, TerminatedState } from '../kinds.ts';
import { courseOf, endedBySignal, howItEnded, lastEnd, type Ending } from './endings.ts';
import { portsNamedIn } from './last-words.ts';
import { runOf, type Run } from './startup-budget.ts';
import type { LastWords, Trouble } from './trouble.ts';
import { whyNotCreated } from './not-created.ts';

export const LISTEN_HINT = 'By default the program must listen on spec.port (MCP_PORT), on all addresses.';
/** The kubelet keeps half of this; whoever else writes a pod's status may write more. */
const MAX_WORDS = 8192;

/** Undefined when nothing stands in its way, as far as the kubelet says. */
export function serverTrouble(pod: PodObject, container: ContainerStatus, lastWords: LastWords): Trouble | undefined {
  return waitingTrouble(pod, container) ?? endingTrouble(pod, container, lastWords) ?? readinessTrouble(pod, container);
}

function waitingTrouble({ metadata }: PodObject, container: ContainerStatus): Trouble | undefined {
  const { reason, evidence } = whyNotCreated(container) ?? {};
  switch (reason) {
    case 'ImagePullError':
      return { reason, message: `Pod ${metadata.name} cannot pull its image (${evidence}). Check spec.image and spec.imagePullSecrets.` };
    case 'ContainerConfigError':
      return { reason, message: `Pod ${metadata.name} cannot start: ${evidence}` };
    case 'ContainerStartError':
      return { reason, message: `The container of pod ${metadata.name} cannot be started: ${evidence} Check spec.command, spec.args and what is mounted.` };
    case undefined:
      break;
  }
  return undefined;
}

function endingTrouble(pod: PodObject, container: ContainerStatus, lastWords: LastWords): Trouble | undefined {
  const { name } = pod.metadata;
  const [course, last] = [courseOf(container), lastEnd(container)];
  if (course === undefined) return undefined;
  const elsewhere = wrongPort(pod, container, { last, lastWords });
  if (elsewhere !== undefined) return elsewhere;
  const hint = last === undefined ? LISTEN_HINT : crashHint(pod, container, last);
  const how = howItEnded({ last, lastWords });
  if (course === 'Loops') return { reason: 'CrashLoop', message: `Pod ${name} keeps ending with ${how}. ${last === undefined ? 'See kubectl logs --previous.' : hint}` };
  if (course === 'Ended') return { reason: 'NotStarted', message: `Pod ${name} ended with ${how}, and is about to be restarted. ${hint}` };
  const ended = last === undefined ? '' : ` after it ended with ${how}`;
  return { reason: 'NotStarted', message: `Pod ${name} was restarted${ended}, and has not passed its startup probe since. ${hint}` };
}

function crashHint(pod: PodObject, container: ContainerStatus, last: TerminatedState): string {
  if (last.reason === 'OOMKilled') {
    const limit = pod.spec?.containers.find(({ name }) => name === container.name)?.resources?.limits?.memory;
    return `It needs more memory than its limit${limit === undefined ? '' : ` of ${limit}`}: raise spec.resources.limits.memory, or let it use less.`;
  }
  const run = runOf(pod, container, last);
  if (last.exitCode === 0) return politeHint(pod, container, run);
  return endedBySignal(last) ? signalHint(pod, container, run) : 'See kubectl logs --previous.';
}

/** The kubelet asks by TERM first: who obeys ends without an error, as does a program that finds nobody at the other end of its stdin. */
function politeHint(pod: PodObject, container: ContainerStatus, run: Run | undefined): string {
  if (run?.ended === 'WithTheProbe') return unanswered(pod, container, run);
  if (run?.ended === 'After') return `It ended without an error after ${run.ranSeconds} s, when its startup probe had passed: by itself, or because the liveness probe failed. See kubectl logs --previous.`;
  return 'It ends by itself without an error, as a program does that speaks MCP over stdio: let it serve HTTP, for instance by spec.args.';
}

function signalHint(pod: PodObject, container: ContainerStatus, run: Run | undefined): string {
  if (run?.ended === 'WithTheProbe') return unanswered(pod, container, run);
  if (run === undefined) return `It was ended from outside, as the kubelet does when the startup or liveness probe fails. ${LISTEN_HINT}`;
  const when = run.ended === 'Before' ? `${run.ranSeconds} s, before its startup probe gave up (${run.budgetSeconds} s)` : `${run.ranSeconds} s, when its startup probe had passed`;
  return `It was ended from outside after ${when}: as the kubelet does when the liveness probe fails, or the node runs out of memory. See kubectl logs --previous, and kubectl describe for what ended it.`;
}

/** What is usually wrong with a server that nobody could connect to, the likeliest first. */
function unanswered(pod: PodObject, container: ContainerStatus, { ranSeconds, budgetSeconds }: Run): string {
  const port = portOf(pod, container);
  return `The kubelet ended it after ${ranSeconds} s, for nothing answered its startup probe, which waits ${budgetSeconds} s. Most likely it listens on 127.0.0.1 only (let it listen on 0.0.0.0); else on another port than ${port ?? 'spec.port'} (set spec.port, or let it listen on MCP_PORT); or it starts more slowly (give it longer in spec.probes.startup).`;
}

function portOf({ spec }: PodObject, { name }: ContainerStatus): number | undefined {
  return spec?.containers.find((container) => container.name === name)?.ports?.find((each) => each.name === PORT_NAME)?.containerPort;
}

/** Only where the program itself said where it listens, and was ended from outside all the same. */
function wrongPort(pod: PodObject, container: ContainerStatus, { last, lastWords }: Ending): Trouble | undefined {
  const { name } = pod.metadata;
  const port = portOf(pod, container);
  const isEnded = endedBySignal(last) || (last?.exitCode === 0 && runOf(pod, container, last)?.ended === 'WithTheProbe');
  const [said, another] = isEnded ? portsNamedIn(last?.message?.slice(-MAX_WORDS) ?? '') : [];
  if (port === undefined || said === undefined || another !== undefined || said.port === port) return undefined;
  if (lastWords === 'Hide') {
    // The number, too, is a word of the program's.
    const message = `Pod ${name} listens on another port than ${port}, as its last words say, which are hidden. See kubectl logs --previous, and set spec.port, or let it listen on MCP_PORT.`;
    return { reason: 'WrongPort', message };
  }
  const message = `Pod ${name} listens on ${said.port}, not ${port}, as its last words say: "${plain(said.line, 200)}". Set spec.port to ${said.port}, or let it listen on MCP_PORT.`;
  return { reason: 'WrongPort', message };
}

function readinessTrouble(pod: PodObject, container: ContainerStatus): Trouble | undefined {
  const since = unreadySince(pod, container);
  return since === undefined ? undefined : { reason: 'NotReady', message: `Pod ${pod.metadata.name} was ready and does not pass its readiness probe any more, since ${since}. See kubectl logs, and kubectl describe for what the probe found.` };
}

/** Since when a container is not ready that was, since it started: later than the start, Ready can only have turned by a probe. */
export function unreadySince({ status }: PodObject, { started, ready, state }: ContainerStatus): string | undefined {
  const since = status?.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'False')?.lastTransitionTime;
  const startedAt = state?.running?.startedAt;
  if (ready !== false || started === false || since === undefined || startedAt === undefined) return undefined;
  return Date.parse(since) <= Date.parse(startedAt) ? undefined : since;
}
