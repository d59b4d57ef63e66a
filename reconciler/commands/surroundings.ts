// What the process hands to its command: the only way to arguments, environment, standard streams, signals and the process's end.
import type { Readable, Writable } from 'node:stream';
import { onAbort } from '../runtime/ending.ts';

/** Standard output or error; `columns` where it is a terminal. */
type Output = Writable & { readonly columns?: number };

/** The process a command runs in. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard input, which is not opened before a command reads it. */
  readonly stdin: () => Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts, with the signal's name as reason, when the process is asked to end. */
  readonly stop: AbortSignal;
  /** Calls back when the terminal is closed, instead of ending the process. */
  readonly onHangUp: (listener: () => void) => void;
  /** Ends the process at once, as the signal would have. */
  readonly die: (signal: NodeJS.Signals) => never;
  /** Ends the process at once. */
  readonly exit: (code: number) => never;
  /** Says the exit code for when nothing is left to do. Default: 0. */
  readonly endWith: (code: number) => void;
}

/** For a command that has nothing to take back: a signal ends it at any moment. */
export function endsOnSignal({ stop, die }: Pick<Surroundings, 'stop' | 'die'>): void {
  onAbort(stop, () => die(stop.reason as NodeJS.Signals));
}

/**
 * For a command that goes on until it is ended, and then has something to take back. A terminal that closes ends it as well, and so does a
 * closed standard output.
 */
export function untilEnd({ stop, onHangUp, stdout, stderr }: Surroundings): AbortSignal {
  const end = new AbortController();
  onAbort(stop, () => end.abort());
  onHangUp(() => end.abort());
  for (const stream of [stdout, stderr]) stream.removeAllListeners('error').on('error', () => end.abort());
  return end.signal;
}
