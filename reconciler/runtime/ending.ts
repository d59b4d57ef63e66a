// The end of a process that was asked to end: one deadline for all of it, shared out, and a word about what it still waits for.
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** Something did not end in time, and may still write: what guards against two writers must not be given up. End the process. */
export class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
}

export interface EndingOptions {
  /** Begins the end: aborts when no more work is to be taken. */
  readonly stop: AbortSignal;
  /** Aborts, never before `stop`, when what runs is not to be waited for. */
  readonly abandon?: AbortSignal | undefined;
  /** From the beginning of the end: all has ended by then. Half of it is for what runs to finish undisturbed. */
  readonly totalMs: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** An end that takes longer than this says what it waits for, and again each time as much has passed. */
const MOMENT_MS = 3000;

/** One end, begun by a signal. */
export class Ending {
  readonly #options: EndingOptions;
  readonly #abandon = new AbortController();
  readonly #overdue = Promise.withResolvers<never>();
  readonly #timers = new Set<() => void>();
  #waitsFor: () => string = () => 'the start';

  constructor(options: EndingOptions) {
    this.#options = options;
    onAbort(options.abandon, () => this.#abandon.abort());
  }

  /** Aborts when no more work is to be taken. */
  get stop(): AbortSignal {
    return this.#options.stop;
  }

  /** Aborts when what still runs is to be given up. */
  get abandon(): AbortSignal {
    return this.#abandon.signal;
  }

  /** Gives up what still runs, once the end has begun. */
  giveUp(why: string): void {
    if (!this.stop.aborted || this.abandon.aborted) return;
    this.#options.log.warn({ waitingFor: this.#waitsFor() }, `giving up what still runs: ${why}`);
    this.#abandon.abort();
  }

  /** Notes what the end waits for from now on. */
  waitsFor(what: string | (() => string)): void {
    this.#waitsFor = typeof what === 'string' ? () => what : what;
  }

  /** Settles as `running` does; rejects with UnfinishedError when that takes longer than the end may. Call it once. */
  async bound(running: Promise<void>): Promise<void> {
    onAbort(this.stop, () => this.#begin());
    try {
      await Promise.race([running, this.#overdue.promise]);
    } finally {
      for (const cancel of this.#timers) cancel();
    }
  }

  #begin(): void {
    const { totalMs } = this.#options;
    this.#after(totalMs / 2, () => this.giveUp('it takes too long'));
    this.#after(totalMs, () => {
      this.#overdue.reject(new UnfinishedError(`did not end within ${totalMs / 1000} s: still waiting for ${this.#waitsFor()}`));
    });
    this.#tell(totalMs - MOMENT_MS);
  }

  #tell(leftMs: number): void {
    if (leftMs <= 0) return;
    this.#after(MOMENT_MS, () => {
      this.#options.log.info({ waitingFor: this.#waitsFor(), secondsLeft: leftMs / 1000 }, 'still stopping');
      this.#tell(leftMs - MOMENT_MS);
    });
  }

  #after(ms: number, callback: () => void): void {
    this.#timers.add(this.#options.clock.setTimeout(callback, ms));
  }
}

/** Calls back when `signal` aborts; at once when it has. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): void {
  if (signal?.aborted) callback();
  else signal?.addEventListener('abort', callback, { once: true });
}
