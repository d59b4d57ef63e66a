// Says in the log that spans do not reach the collector: why, in words of our own, for what collectors and URLs say may hold a credential.
import type { Logger } from 'pino';

/** So long the log is silent after such a line. */
const TELL_MS = 60_000;

/** Where it is said; `now` is in milliseconds. */
export interface TroublesOptions {
  readonly log: Pick<Logger, 'warn'>;
  readonly now?: () => number;
}

/** Tells of spans that are lost, once in a minute at most. */
export class Troubles {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #now: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #spans = 0;

  constructor({ log, now = () => performance.now() }: TroublesOptions) {
    this.#log = log;
    this.#now = now;
  }

  /** So many spans are lost. The line has the sum of all since the last one. */
  lost(spans: number, reason: string): void {
    this.#spans += spans;
    if (this.#now() - this.#toldAt < TELL_MS) return;
    this.#toldAt = this.#now();
    this.#log.warn({ reason, spans: this.#spans }, 'spans were lost on the way to the collector');
    this.#spans = 0;
  }
}

/** Why spans were not taken, by the error of the library that sends them. */
export function whyNotSent(error: unknown): string {
  const { code, message }: { code?: unknown; message?: unknown } = typeof error === 'object' && error !== null ? error : {};
  if (typeof code === 'number') return `the collector answers ${code}`;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return `no connection to the collector (${code})`;
  if (message === 'Request timed out' || message === 'Timeout') return 'the collector did not answer in time';
  // The library asks again after these four, and then tells which it was no more.
  if (message === 'Export failed with retryable status') return 'the collector has no room (429, 502, 503 or 504)';
  return 'the collector did not take them';
}
