// Objects without a watch of their own, visited in turns.
import type { Clock } from '../runtime/clock.ts';
import { FairQueue } from './fair-queue.ts';
import type { Followed } from './followed.ts';

/** At most one visit in so many milliseconds, over all namespaces. */
const TURN_MS = 100;

/** Visits each object once when its time has come, one namespace after the other. */
export class Turns {
  readonly #clock: Clock;
  readonly #visit: (object: Followed) => void;
  readonly #queue = new FairQueue<Followed>();
  #freeAtMs = 0;
  #nextMs = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, visit: (object: Followed) => void) {
    this.#clock = clock;
    this.#visit = visit;
  }

  /** Objects that wait for their turn. */
  get size(): number {
    return this.#queue.size;
  }

  /** The next visit comes after `afterMs` at the earliest. */
  put(object: Followed, afterMs: number): void {
    const dueMs = this.#clock.now() + afterMs;
    this.#queue.put(object.namespace, object.id, { item: object, dueMs });
    if (dueMs < this.#nextMs) this.#wait(dueMs);
  }

  delete({ namespace, id }: Followed): void {
    this.#queue.delete(namespace, id);
  }

  stop(): void {
    this.#queue.clear();
    this.#cancel?.();
  }

  #wait(dueMs: number | undefined): void {
    this.#cancel?.();
    this.#nextMs = dueMs ?? Number.POSITIVE_INFINITY;
    if (dueMs !== undefined) this.#cancel = this.#clock.setTimeout(() => this.#turn(), Math.max(dueMs, this.#freeAtMs) - this.#clock.now());
  }

  #turn(): void {
    const now = this.#clock.now();
    const object = this.#queue.take(now);
    this.#freeAtMs = now + TURN_MS;
    this.#wait(this.#queue.nextMs());
    if (object !== undefined) this.#visit(object);
  }
}
