// Whether a thread still does anything: it is asked again and again, and has to answer.
import type { Clock } from './clock.ts';

export interface PulseOptions {
  /** The same in both threads. */
  readonly clock: Clock;
  /** Asks. Called again only when the answer has come, so that nothing heaps up before a thread that stands still. */
  readonly ask: () => void;
  /** When the thread is known to have run, by the clock. */
  readonly sinceMs: number;
  /** Without an answer for longer than this, the thread stands still. */
  readonly silenceMs: number;
}

/** How often is asked while a thread may be silent. */
const BEATS = 10;

/** Asks from its construction until `stop`. */
export class Pulse {
  readonly #options: PulseOptions;
  #answeredMs: number;
  #cancel: () => void = () => undefined;

  constructor(options: PulseOptions) {
    this.#options = options;
    this.#answeredMs = options.sinceMs;
    options.ask();
  }

  /** The thread answered, at this time by the clock. */
  answered(atMs: number): void {
    const { clock, ask, silenceMs } = this.#options;
    this.#answeredMs = Math.max(this.#answeredMs, atMs);
    this.stop();
    this.#cancel = clock.setTimeout(ask, silenceMs / BEATS);
  }

  /** Whether it has not answered for too long. */
  isSilent(): boolean {
    return this.#options.clock.now() - this.#answeredMs > this.#options.silenceMs;
  }

  stop(): void {
    this.#cancel();
  }
}
