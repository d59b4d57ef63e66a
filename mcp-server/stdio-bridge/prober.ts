// Starts a process to see whether the server speaks MCP: when the bridge starts, and again whenever one did not start.
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child.ts';
import { introduce, type Introduction, type NoIntroduction } from './introduction.ts';
import type { Log } from './log.ts';
import type { Pool } from './pool.ts';
import { tellNotStarted, type Readiness } from './readiness.ts';
import type { Settings } from './settings.ts';
import type { StartFailure } from './start-failure.ts';

/** Between tries: doubling, up to the second one. */
const PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;

export interface ProberOptions {
  readonly settings: Pick<Settings, 'startupTimeoutMs'>;
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly log: Log;
  /** Takes a process that has introduced itself; without it, it is ended. */
  readonly keep: (child: Child, introduction: Exclude<Introduction, NoIntroduction>) => boolean | Promise<boolean>;
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
        if (!readiness.state.ready && !this.#stopped.signal.aborted) tellNotStarted(this.#options, introduction.failure);
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
    const onDoubt = (failure: StartFailure): void => this.#doubt(failure);
    const options = { timeoutMs: settings.startupTimeoutMs, discover: this.#asksStateless, onDoubt };
    const introduction = await introduce(child, options);
    if (introduction.era !== 'none') return this.#kept(child, introduction);
    void child.stop();
    const isFinal = introduction.failure.kind !== 'ExitsAtOnce' || this.#stopped.signal.aborted;
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

  async #kept(child: Child, introduction: Exclude<Introduction, NoIntroduction>): Promise<Introduction> {
    if (!(await this.#options.keep(child, introduction))) void child.stop();
    return introduction;
  }

  /** Told before the time is over in which it may start, for it will hardly be of use; nothing is told of one that takes the place of another. */
  #doubt(failure: StartFailure): void {
    const { readiness, log } = this.#options;
    if (this.#stopped.signal.aborted || readiness.state.ready) return;
    log.warn('the server has not answered yet', { why: failure.why, kind: failure.kind, lastWords: failure.lastWords });
    readiness.failed(failure);
  }

  async #wait(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}
