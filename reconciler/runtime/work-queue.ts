// The keyed work queue: de-duplicates, hands a key to one worker at a time, delays and backs off per key.
// Behaves as client-go's rate limiting queue, except that shutDown drops what was not handed out yet.
import { systemClock, type Clock } from './clock.ts';

/** What the metrics read from a queue whenever they are scraped. */
export interface WorkQueueState {
  depth(): number;
  /** How long each key in work has been so, in seconds. */
  runningSeconds(): number[];
}

/** What a queue tells its metrics; durations in seconds. */
export interface WorkQueueMetrics {
  /** Called once, by the queue's constructor. */
  attach(state: WorkQueueState): void;
  added(): void;
  retried(): void;
  started(waitedSeconds: number): void;
  finished(workedSeconds: number): void;
}

export interface WorkQueueOptions {
  readonly clock?: Clock | undefined;
  /** Delay of the first retry; doubles with each failure. Default 5. */
  readonly baseDelayMs?: number | undefined;
  /** The longest delay between retries. Default 300 000. */
  readonly maxDelayMs?: number | undefined;
  readonly metrics?: WorkQueueMetrics | undefined;
}

/** Keys waiting to be worked on. A key is in work at most once at any time, and no add is lost. */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #metrics: WorkQueueMetrics | undefined;
  /** Ready keys in order of arrival, with the time they became ready. */
  readonly #ready = new Map<string, number>();
  /** Keys handed out, with the time of it. */
  readonly #running = new Map<string, number>();
  /** Keys added while they run: ready again once done. */
  readonly #again = new Map<string, number>();
  readonly #delayed = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #idle: ((key: string | undefined) => void)[] = [];
  #down = false;

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 300_000;
    this.#metrics = options.metrics;
    this.#metrics?.attach({
      depth: () => this.depth,
      runningSeconds: () => [...this.#running.values()].map((since) => (this.#clock.now() - since) / 1000),
    });
  }

  /** Keys that wait for a worker; delayed and running ones do not count. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Makes the key ready now, or right after its running work is done. */
  add(key: string): void {
    const now = this.#clock.now();
    const target = this.#running.has(key) ? this.#again : this.#ready;
    if (this.#down || target.has(key)) return;
    this.#metrics?.added();
    target.set(key, now);
    this.#handOut();
  }

  /** Adds the key in `ms`; of several pending delays of a key the earliest wins. */
  addAfter(key: string, ms: number): void {
    if (this.#down) return;
    if (ms <= 0) return this.add(key);
    const at = this.#clock.now() + ms;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.at <= at) return;
    pending?.cancel();
    const cancel = this.#clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, ms);
    this.#delayed.set(key, { at, cancel });
  }

  /** Adds the key after its backoff, but not before `minimumMs`; returns the delay chosen, in milliseconds. */
  addRateLimited(key: string, minimumMs = 0): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delay = Math.max(minimumMs, Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs));
    this.#metrics?.retried();
    this.addAfter(key, delay);
    return delay;
  }

  /** Ends the key's backoff: its next failure counts as the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; `done(key)` must follow. Undefined once the queue is shut down. */
  next(): Promise<string | undefined> {
    if (this.#down) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#handOut();
    });
  }

  /** Ends the work on a key handed out by `next`. */
  done(key: string): void {
    const since = this.#running.get(key);
    if (since === undefined) return;
    this.#running.delete(key);
    this.#metrics?.finished((this.#clock.now() - since) / 1000);
    const added = this.#again.get(key);
    if (added === undefined) return;
    this.#again.delete(key);
    this.#ready.set(key, added);
    this.#handOut();
  }

  /** Drops all that waits and answers every `next`, present and future, with undefined. Running work is not touched. */
  shutDown(): void {
    this.#down = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    for (const waiting of [this.#delayed, this.#ready, this.#again]) waiting.clear();
    for (const resolve of this.#idle.splice(0)) resolve(undefined);
  }

  #handOut(): void {
    const [first] = this.#ready;
    if (first === undefined || this.#idle.length === 0) return;
    const [key, since] = first;
    const now = this.#clock.now();
    this.#ready.delete(key);
    this.#running.set(key, now);
    this.#metrics?.started((now - since) / 1000);
    this.#idle.shift()?.(key);
  }
}
