// The server's processes: all there are, and among them the warm ones, which wait for a session so that it need not wait for them.
import { Child, type ChildOptions } from './child.ts';
import type { Readiness } from './readiness.ts';
import { failureOfEnd } from './start-failure.ts';

/** A process that is to wait is started a moment after one was taken, so that it does not slow down the session that took it. */
const REFILL_MS = 250;
/** After warm processes that ended by themselves: doubling, up to the second one. */
const PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;
/** All are ended so often, at the end of the bridge. */
const MOST_ROUNDS = 3;

export interface PoolOptions extends ChildOptions {
  /** How many are to wait. */
  readonly warm: () => number;
  readonly readiness: Readiness;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #all = new Set<Child>();
  #warm: readonly Child[] = [];
  #timer: NodeJS.Timeout | undefined;
  #deaths = 0;
  #isStopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    options.metrics.watch({ name: 'mcp_bridge_children', help: 'Processes of the server that have not ended.', read: () => this.#all.size });
    options.metrics.watch({ name: 'mcp_bridge_children_warm', help: 'Of these, those that wait for a session.', read: () => this.#warm.length });
  }

  /** One that waited, or a new one. */
  take(): Child {
    const [child = this.start(), ...others] = this.#warm.filter((each) => each.isAlive);
    this.#warm = others;
    this.fill(REFILL_MS);
    return child;
  }

  start(): Child {
    const child = new Child(this.#options);
    this.#all.add(child);
    void child.ended.then(({ asked }) => {
      this.#all.delete(child);
      if (!asked) this.#options.metrics.count('mcp_bridge_child_deaths_total');
    });
    return child;
  }

  /** Starts as many as are to wait, after so many milliseconds. */
  fill(afterMs: number): void {
    if (this.#isStopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      while (this.#warm.length < this.#options.warm()) this.#warm = [...this.#warm, this.#startWarm()];
    }, afterMs);
  }

  /** A process completed a handshake: the next one may be started without a pause. */
  succeeded(): void {
    this.#deaths = 0;
  }

  /** Ends all. Resolves when they have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    // What was just being begun may have begun meanwhile.
    for (let round = 0; round < MOST_ROUNDS && this.#all.size > 0; round += 1) {
      await Promise.all([...this.#all].map((child) => child.stop()));
    }
  }

  #startWarm(): Child {
    const child = this.start();
    const drop = (): void => this.#options.metrics.count('mcp_bridge_messages_dropped_total');
    child.assign('warm', {
      onMessage: drop,
      onLong: drop,
      onEnd: (end) => {
        this.#warm = this.#warm.filter((each) => each !== child);
        if (end.asked) return;
        this.#options.log.error('a process of the server ended while it waited for a session', { how: end.how, pid: child.pid });
        this.#options.readiness.failed(failureOfEnd(end));
        this.#deaths += 1;
        this.fill(Math.min(MOST_PAUSE_MS, PAUSE_MS * 2 ** (this.#deaths - 1)));
      },
    });
    return child;
  }
}
