// Yields to the API server's own flow control: as long as it answers that it has too much to do, fewer requests are under way at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { overloadPauseMs, type RawResponse } from './responses.ts';

export interface FlowControlOptions {
  /** Requests under way at a time while all is well. */
  readonly most: number;
  /** Milliseconds in which a request may be sent again; one that would have to wait for longer is answered with the refusal. */
  readonly patienceMs: number;
}

/** Who wants to send. */
interface Turn {
  /** Whether it was refused before. */
  readonly isAgain: boolean;
  readonly untilMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * A limit on requests under way. A refusal halves it, as TCP does its window: once for all that were sent before. Each answer widens it
 * a little. What was refused keeps its place until the time that the API server named has passed, and is sent again as soon as the limit
 * lets it: nothing was begun.
 */
export class FlowControl {
  readonly #options: FlowControlOptions;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #underWay = 0;
  /** Requests that were sent, and how many had been when the limit was last halved. */
  #sent = 0;
  #sentAtCut = 0;

  constructor(options: FlowControlOptions) {
    this.#options = options;
    this.#limit = options.most;
  }

  /** Requests that may be under way at a time now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Sends as soon as there is room, or when its patience is at an end. Rejects as `send` does, or with the signal's reason. */
  async run(send: () => Promise<RawResponse>, signal?: AbortSignal): Promise<RawResponse> {
    const untilMs = performance.now() + this.#options.patienceMs;
    for (let isAgain = false; ; isAgain = true) {
      await this.#turn({ isAgain, untilMs, signal });
      try {
        this.#sent += 1;
        const number = this.#sent;
        const response = await send();
        const pauseMs = overloadPauseMs(response);
        if (pauseMs === undefined) this.#limit = Math.min(this.#limit + 1 / this.#limit, this.#options.most);
        else this.#cut(number);
        if (pauseMs === undefined || performance.now() + pauseMs > untilMs) return response;
        await sleep(pauseMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
      } finally {
        this.#underWay -= 1;
        this.#wake();
      }
    }
  }

  #cut(number: number): void {
    if (number <= this.#sentAtCut) return;
    this.#sentAtCut = this.#sent;
    this.#limit = Math.max(this.#limit / 2, 1);
  }

  /** Counts as under way from here on. */
  async #turn({ isAgain, untilMs, signal }: Turn): Promise<void> {
    signal?.throwIfAborted();
    this.#underWay += 1;
    if (this.#underWay <= this.limit && (isAgain || this.#waiting.length === 0)) return;
    this.#underWay -= 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const goOn = (): void => {
      const place = this.#waiting.indexOf(resolve);
      if (place === -1) return;
      this.#waiting.splice(place, 1);
      this.#underWay += 1;
      resolve();
    };
    if (isAgain) this.#waiting.unshift(resolve);
    else this.#waiting.push(resolve);
    const timer = setTimeout(goOn, untilMs - performance.now());
    signal?.addEventListener('abort', goOn, { once: true });
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener('abort', goOn);
  }

  #wake(): void {
    while (this.#underWay < this.limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      next();
    }
  }
}
