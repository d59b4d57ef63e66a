// A clock that moves only when a test says so.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../reconciler/runtime/clock.ts';

/** Lets everything run that waits for promises only. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

export class FakeClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): Date {
    return new Date(Date.UTC(2030, 0, 1) + this.#now);
  }

  setTimeout(callback: () => void, ms: number): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on by `ms`, firing due timers in order and letting each one's consequences run. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let due = this.#earliest(end); due !== undefined; due = this.#earliest(end)) {
      const timer = due;
      this.#timers = this.#timers.filter((each) => each !== timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      await settle();
    }
    this.#now = end;
  }

  #earliest(end: number): { at: number; callback: () => void } | undefined {
    return this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}
