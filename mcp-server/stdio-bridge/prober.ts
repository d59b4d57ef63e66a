// Starts a process to see whether the server speaks MCP: when the bridge starts, and again whenever one did not start.
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child.ts';
import { introduce, type Introduction, type NoIntroduction } from './introduction.ts';
import type { Log } from './log.ts';
import type { Pool } from './pool.ts';
import type { Readiness } from './readiness.ts';
import type { Settings } from './settings.ts';

/** Between tries: doubling, up to the second one. */
const PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;

export interface ProberOptions {
  readonly settings: Pick<Settings, 'startupTimeoutMs'>;
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly log: Log;
  /** Takes a process that has introduced itself; without it, it is ended. */
  readonly keep: (child: Child, introduction: Exclude<Introduction, NoIntroduction>) => boolean;
}

export class Prober {
  readonly #options: ProberOptions;
  readonly #stopped = new AbortController();
  #known = Promise.withResolvers<Introduction>();
  /** A server may end over a question it does not know. */
  #asksStateless = true;
  #isUnknown = true;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** What the server said of itself the first time that it said something; while it does not, why that was so at the next try. */
  get known(): Promise<Introduction> {
    return this.#known.promise;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { pool, readiness } = this.#options;
    let failures = 0;
    while (!this.#stopped.signal.aborted) {
      const child = pool.start();
      const introduction = await this.#introduce(child);
      this.#known.resolve(introduction);
      if (introduction.era === 'none') {
        if (this.#isUnknown) this.#known = Promise.withResolvers();
        if (!readiness.state.ready) this.#failed(introduction);
        failures += 1;
        await this.#wait(Math.min(MOST_PAUSE_MS, PAUSE_MS * 2 ** (failures - 1)));
        continue;
      }
      failures = 0;
      this.#isUnknown = false;
      readiness.succeeded();
      pool.succeeded();
      pool.fill(0);
      await Promise.race([readiness.untilFailure, this.#untilStopped]);
      await this.#wait(PAUSE_MS);
    }
  }

  get #untilStopped(): Promise<unknown> {
    return new Promise((resolve) => this.#stopped.signal.addEventListener('abort', resolve, { once: true }));
  }

  async #introduce(child: Child): Promise<Introduction> {
    const { pool, settings } = this.#options;
    const options = { timeoutMs: settings.startupTimeoutMs, discover: this.#asksStateless };
    const introduction = await introduce(child, options);
    if (introduction.era !== 'none') return this.#kept(child, introduction);
    void child.stop();
    const isFinal = !introduction.ended || introduction.isUnstartable === true || this.#stopped.signal.aborted;
    if (isFinal || !this.#asksStateless) return introduction;
    const second = pool.start();
    const again = await introduce(second, { ...options, discover: false });
    if (again.era !== 'none') {
      this.#asksStateless = false;
      return this.#kept(second, again);
    }
    void second.stop();
    return again;
  }

  #kept(child: Child, introduction: Exclude<Introduction, NoIntroduction>): Introduction {
    if (!this.#options.keep(child, introduction)) void child.stop();
    return introduction;
  }

  #failed({ why, lastWords }: NoIntroduction): void {
    if (this.#stopped.signal.aborted) return;
    this.#options.log.error('the server did not start', { why, lastWords });
    this.#options.readiness.failed(why, lastWords);
  }

  async #wait(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}
