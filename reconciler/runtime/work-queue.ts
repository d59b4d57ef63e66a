// The keyed work queue: de-duplicates, hands a key to one worker at a time, delays and backs off per key, and lets what is urgent go first.
// Behaves as client-go's rate limiting queue, except for the priorities, and that shutDown drops what was not handed out yet.
import { systemClock, type Clock } from './clock.ts';

/** `High`: somebody waits for it. Of keys of one priority the one goes first that waits longest. */
export type Priority = 'High' | 'Low';

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

/** After so many urgent keys in a row one that is not gets its turn, so that none waits for ever. */
const URGENT_IN_A_ROW = 3;

/** A key that waits, or is in work: since when, and how urgent it is. */
interface Entry {
  readonly since: number;
  readonly priority: Priority;
}

/** Keys waiting to be worked on. A key is in work at most once at any time, and no add is lost. */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #metrics: WorkQueueMetrics | undefined;
  /** Ready keys in order of arrival, with the time they became ready. */
  readonly #ready: Readonly<Record<Priority, Map<string, number>>> = { High: new Map(), Low: new Map() };
  /** Keys handed out. */
  readonly #running = new Map<string, Entry>();
  /** Keys added while they run: ready again once done. */
  readonly #again = new Map<string, Entry>();
  readonly #delayed = new Map<string, { at: number; priority: Priority; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #idle: ((key: string | undefined) => void)[] = [];
  #urgentInARow = 0;
  #down = false;

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 300_000;
    this.#metrics = options.metrics;
    this.#metrics?.attach({
      depth: () => this.depth,
      runningSeconds: () => [...this.#running.values()].map(({ since }) => (this.#clock.now() - since) / 1000),
    });
  }

  /** Keys that wait for a worker; delayed and running ones do not count. */
  get depth(): number {
    return this.#ready.High.size + this.#ready.Low.size;
  }

  /** How many of them are urgent. */
  get urgent(): number {
    return this.#ready.High.size;
  }

  /** Makes the key ready now, or right after its running work is done. One that waits, or is delayed, for something urgent stays urgent. */
  add(key: string, asked: Priority = 'Low'): void {
    if (this.#down) return;
    const priority = this.#delayed.get(key)?.priority === 'High' ? 'High' : asked;
    const now = this.#clock.now();
    const waiting = this.#waiting(key);
    if (waiting?.priority === 'High' || waiting?.priority === priority) return;
    if (waiting === undefined) this.#metrics?.added();
    const entry = { since: waiting?.since ?? now, priority };
    if (this.#running.has(key)) this.#again.set(key, entry);
    else this.#makeReady(key, entry);
  }

  /** Adds the key in `ms`; of several pending delays of a key the earliest wins, and the higher priority. */
  addAfter(key: string, ms: number, asked: Priority = 'Low'): void {
    if (this.#down) return;
    if (ms <= 0) return this.add(key, asked);
    const at = this.#clock.now() + ms;
    const pending = this.#delayed.get(key);
    const priority = pending?.priority === 'High' ? 'High' : asked;
    if (pending !== undefined && pending.at <= at) {
      pending.priority = priority;
      return;
    }
    pending?.cancel();
    const cancel = this.#clock.setTimeout(() => {
      const due = this.#delayed.get(key);
      this.#delayed.delete(key);
      this.add(key, due?.priority);
    }, ms);
    this.#delayed.set(key, { at, priority, cancel });
  }

  /** Adds the key after its backoff, as urgent as it was, but not before `minimumMs`; returns the delay chosen, in milliseconds. */
  addRateLimited(key: string, minimumMs = 0): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delay = Math.max(minimumMs, Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs));
    this.#metrics?.retried();
    this.addAfter(key, delay, this.#running.get(key)?.priority);
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
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#running.delete(key);
    this.#metrics?.finished((this.#clock.now() - running.since) / 1000);
    const again = this.#again.get(key);
    if (again === undefined) return;
    this.#again.delete(key);
    this.#makeReady(key, again);
  }

  /** Drops all that waits and answers every `next`, present and future, with undefined. Running work is not touched. */
  shutDown(): void {
    this.#down = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    for (const waiting of [this.#delayed, this.#ready.High, this.#ready.Low, this.#again]) waiting.clear();
    for (const resolve of this.#idle.splice(0)) resolve(undefined);
  }

  #waiting(key: string): Entry | undefined {
    const again = this.#again.get(key);
    if (again !== undefined) return again;
    for (const priority of ['High', 'Low'] as const) {
      const since = this.#ready[priority].get(key);
      if (since !== undefined) return { since, priority };
    }
    return undefined;
  }

  #makeReady(key: string, { since, priority }: Entry): void {
    this.#ready.Low.delete(key);
    this.#ready[priority].set(key, since);
    this.#handOut();
  }

  #handOut(): void {
    const priority = this.#nextPriority();
    const [first] = this.#ready[priority];
    if (first === undefined || this.#idle.length === 0) return;
    const [key, since] = first;
    const now = this.#clock.now();
    this.#urgentInARow = priority === 'High' ? this.#urgentInARow + 1 : 0;
    this.#ready[priority].delete(key);
    this.#running.set(key, { since: now, priority });
    this.#metrics?.started((now - since) / 1000);
    this.#idle.shift()?.(key);
  }

  #nextPriority(): Priority {
    const { High, Low } = this.#ready;
    if (High.size === 0) return 'Low';
    return Low.size > 0 && this.#urgentInARow >= URGENT_IN_A_ROW ? 'Low' : 'High';
  }
}
