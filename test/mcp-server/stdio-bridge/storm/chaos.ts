// Kills processes of servers and whole bridges at random, and starts the bridges again, as a container runtime does.
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BridgeProcess } from '../bridge-process.ts';
import type { Replicas } from '../replicas.ts';
import type { Tally } from './tally.ts';

const CHILD_MS = 1000;

export interface ChaosOptions {
  readonly replicas: Replicas;
  readonly tally: Tally;
  /** A bridge is killed so often. */
  readonly everyMs: number;
}

export class Chaos {
  /** When a bridge was killed last, or was down, on the clock of `performance`. */
  lastKill = Number.NEGATIVE_INFINITY;
  /** Those that run. The first one is spared: of it can be said whether it grows. */
  readonly bridges: BridgeProcess[] = [];
  readonly #options: ChaosOptions;

  constructor(options: ChaosOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { replicas } = this.#options;
    for (const address of replicas.addresses) this.bridges.push(await replicas.start(address));
  }

  /** Kills until it is to stop. Rejects when something outlives a bridge. */
  async run(stop: AbortSignal): Promise<void> {
    await Promise.all([this.#killChildren(stop), this.#killBridges(stop)]);
  }

  /** Ends all. Resolves to their exit codes. */
  stop(): Promise<(number | null)[]> {
    return Promise.all(this.bridges.map((bridge) => bridge.stop()));
  }

  async #killChildren(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await pause(randomInt(2 * CHILD_MS), stop);
      const servers = this.bridges[randomInt(this.bridges.length)]?.servers() ?? [];
      const victim = servers[randomInt(Math.max(1, servers.length))];
      if (victim === undefined || stop.aborted) continue;
      this.#options.tally.count('process of a server killed');
      try {
        process.kill(victim, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  async #killBridges(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await pause(this.#options.everyMs, stop);
      if (stop.aborted) return;
      const index = randomInt(1, this.bridges.length);
      const signal = randomInt(2) === 0 ? 'SIGKILL' : 'SIGTERM';
      const { host } = this.bridges[index] as BridgeProcess;
      this.lastKill = performance.now();
      const down = setInterval(() => (this.lastKill = performance.now()), 100);
      try {
        await this.bridges[index]?.stop(signal);
        this.#options.tally.count(`bridge ended by ${signal}, and nothing of it left`);
        this.bridges[index] = await this.#options.replicas.start(host);
      } finally {
        clearInterval(down);
      }
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
