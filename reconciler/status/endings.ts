// How a container ended, how far it is in doing so again and again, and the command that says more. Pure.
import { plain } from '../../kubernetes/text.ts';
import type { ContainerStatus, PodObject, TerminatedState } from '../kinds.ts';
import type { LastWords } from './trouble.ts';

/** How a container ended, and whether its words may be quoted. */
export interface Ending {
  readonly last: TerminatedState | undefined;
  readonly lastWords: LastWords;
}

/** Where a container stands that ends: it ended for the first time, runs once more, or does so again and again. */
export type Course = 'Ended' | 'Restarted' | 'Loops';

/** Judged alike while a container that ends again and again waits, runs for a moment, or has just ended; undefined for others. */
export function courseOf({ restartCount = 0, started, state, lastState }: ContainerStatus): Course | undefined {
  if (state?.waiting?.reason === 'CrashLoopBackOff') return 'Loops';
  if (started === true) return undefined;
  if (state?.terminated !== undefined) return restartCount > 0 ? 'Loops' : 'Ended';
  if (state?.running === undefined || restartCount === 0) return undefined;
  if (restartCount > 1 && lastState?.terminated !== undefined) return 'Loops';
  return started === false || restartCount > 1 ? 'Restarted' : undefined;
}

/** The end of a container that is known last. */
export function lastEnd({ state, lastState }: ContainerStatus): TerminatedState | undefined {
  return state?.terminated ?? lastState?.terminated;
}

/** Exit code, reason, and, where they may be quoted, last words. */
export function howItEnded({ last, lastWords }: Ending): string {
  const { exitCode, reason, message } = last ?? {};
  const why = reason === undefined || reason === 'Error' ? '' : ` (${plain(reason, 60)})`;
  const words = lastWords === 'Hide' ? '' : plain(message ?? '', 300, { keep: 'end' });
  return `exit code ${exitCode ?? 'unknown'}${why}${words === '' ? '' : `, last words: ${words}`}`;
}

/** Ended by TERM or KILL, as the kubelet does, and not for want of memory. */
export function endedBySignal(last: TerminatedState | undefined): boolean {
  return (last?.exitCode === 137 || last?.exitCode === 143) && last.reason !== 'OOMKilled';
}

/** A command that shows what a container said; that of the run before, where there was one. */
export function logsCommand({ metadata }: PodObject, container: ContainerStatus): string {
  const { restartCount = 0, state, lastState } = container;
  const isEarlier = restartCount > 0 || lastState?.terminated !== undefined || state?.waiting !== undefined;
  return `kubectl -n ${metadata.namespace} logs ${metadata.name} -c ${container.name}${isEarlier ? ' --previous' : ''}`;
}

/** A command that shows what happened to a pod. */
export function describeCommand({ metadata }: PodObject): string {
  return `kubectl -n ${metadata.namespace} describe pod ${metadata.name}`;
}
