// When what failed is tried again: each key ever more rarely, all that were refused together slowly, and a whole group at once
// when one of it passes. Knows no resource.
import type { Clock } from './clock.ts';

export interface RetryTableOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called when the time of a key has come. Must not throw. */
  readonly onDue: (key: string) => void;
}

/** A try that failed. */
export interface Failure {
  /** Stands for what was tried and where: anything else may be tried at once. */
  readonly attempt: string;
  /** Who refused, in whatever words: what refuses one refuses the others, and lets them pass together. Undefined: nobody knows. */
  readonly group?: string | undefined;
  /** Requests that the try took. */
  readonly requests: number;
  /** The pause asked for, in milliseconds. Default 0. */
  readonly leastMs?: number | undefined;
}

/** Pauses in milliseconds; each doubles the one before. */
interface Pauses {
  readonly least: number;
  readonly most: number;
}

/** Of what was refused. */
const REFUSED: Pauses = { least: 1000, most: 300_000 };
/** Of what failed without a word why, as connections do: those of client-go's rate limiter, capped. */
const UNEXPLAINED: Pauses = { least: 5, most: 300_000 };
/** All that were refused together send less than a request in this time. */
const REQUEST_MS = 1100;

interface Entry {
  readonly attempt: string;
  readonly group: string | undefined;
  readonly requests: number;
  /** Before jitter. */
  readonly pauseMs: number;
  readonly triedMs: number;
  dueMs: number;
  /** Why it may be tried again: its turn has come, or another of its group has passed. */
  granted?: 'Turn' | 'Released';
  /** Ends a timer of its own. */
  readonly cancel?: () => void;
}

/** What failed, by key. Bounded by the number of keys: whoever forgets a key tells it. */
export class RetryTable {
  readonly #options: RetryTableOptions;
  readonly #entries = new Map<string, Entry>();
  /** When each group last had a turn. */
  readonly #turns = new Map<string, number>();
  /** No turn before. */
  #restsUntilMs = 0;
  #alarm: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #stopped = false;

  constructor(options: RetryTableOptions) {
    this.#options = options;
  }

  /** Number of keys that wait to be tried again. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether to try now: nothing failed, its time has come, or what would be tried is not what failed. */
  mayTry(key: string, attempt: () => string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.granted !== undefined) return true;
    return (entry.group === undefined && entry.dueMs <= this.#options.clock.now()) || entry.attempt !== attempt();
  }

  /** Takes note of a failure and sees to the next try. Milliseconds until then, at the earliest. */
  failed(key: string, { attempt, group, requests, leastMs = 0 }: Failure): number {
    const { clock, random } = this.#options;
    const before = this.#take(key);
    const nowMs = clock.now();
    const { least, most } = group === undefined ? UNEXPLAINED : REFUSED;
    const isAgain = before?.attempt === attempt;
    const pauseMs = isAgain ? Math.min(Math.max(before.pauseMs * 2, least), most) : least;
    const waitMs = Math.min(Math.max(pauseMs * (0.75 + 0.25 * random()), leastMs), most);
    const timer = group === undefined && !this.#stopped ? { cancel: clock.setTimeout(() => this.#options.onDue(key), waitMs) } : {};
    this.#entries.set(key, { attempt, group, requests: Math.max(requests, 1), pauseMs, triedMs: nowMs, dueMs: nowMs + waitMs, ...timer });
    if (group !== undefined) this.#setAlarm(nowMs + waitMs);
    return waitMs;
  }

  /** Takes note that nothing fails any more. Where the same had been refused until its turn came, the others of its group need not wait. */
  passed(key: string): void {
    const entry = this.#take(key);
    if (entry?.group === undefined) return;
    const others = [...this.#entries].filter(([, { group, granted }]) => group === entry.group && granted === undefined);
    if (entry.granted === 'Turn') {
      for (const [other, waiting] of others) {
        waiting.granted = 'Released';
        this.#options.onDue(other);
      }
    }
    // A change let this one pass: that may help others or not, so one of them is tried soon.
    const [longest] = others.map(([, each]) => each).toSorted((a, b) => a.triedMs - b.triedMs);
    if (entry.granted !== undefined || longest === undefined) return;
    longest.dueMs = Math.min(longest.dueMs, this.#options.clock.now());
    this.#setAlarm(longest.dueMs);
  }

  /** Forgets a key: nothing is to be tried. */
  forget(key: string): void {
    this.#take(key);
  }

  /** Ends every timer. */
  stop(): void {
    this.#stopped = true;
    this.#alarm?.cancel();
    for (const { cancel } of this.#entries.values()) cancel?.();
  }

  #take(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    entry?.cancel?.();
    this.#entries.delete(key);
    return entry;
  }

  #setAlarm(dueMs: number): void {
    const atMs = Math.max(dueMs, this.#restsUntilMs);
    if (this.#stopped || (this.#alarm !== undefined && this.#alarm.atMs <= atMs)) return;
    this.#alarm?.cancel();
    const cancel = this.#options.clock.setTimeout(() => this.#giveTurn(), atMs - this.#options.clock.now());
    this.#alarm = { atMs, cancel };
  }

  /** One that is due may try: of the group whose last turn is longest ago the one that was tried longest ago. */
  #giveTurn(): void {
    this.#alarm = undefined;
    const nowMs = this.#options.clock.now();
    const waiting = [...this.#entries].filter(([, { group, granted }]) => group !== undefined && granted === undefined);
    const groups = new Set(waiting.map(([, { group }]) => group));
    for (const group of this.#turns.keys()) if (!groups.has(group)) this.#turns.delete(group);
    const turnOf = ({ group = '' }: Entry): number => this.#turns.get(group) ?? -Infinity;
    // Timers may be early by a fraction of a millisecond.
    const due = waiting.filter(([, { dueMs }]) => dueMs <= nowMs + 1);
    const [next] = due.toSorted(([, a], [, b]) => turnOf(a) - turnOf(b) || a.triedMs - b.triedMs);
    if (next !== undefined) {
      const [key, entry] = next;
      entry.granted = 'Turn';
      this.#turns.set(entry.group ?? '', nowMs);
      this.#restsUntilMs = nowMs + entry.requests * REQUEST_MS;
      this.#options.onDue(key);
    }
    const later = waiting.filter(([, { granted }]) => granted === undefined).map(([, { dueMs }]) => dueMs);
    if (later.length > 0) this.#setAlarm(later.reduce((least, each) => Math.min(least, each)));
  }
}
