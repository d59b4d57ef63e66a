// The process that is shared: started when it is needed, and again when it has ended, with pauses where that fails.
import { INTERNAL_ERROR } from '../json-rpc.ts';
import type { HttpRefusal } from '../transports/refusals.ts';
import type { Child, ChildEnd } from './child.ts';
import { introduce, type Introduction, type NoIntroduction } from './introduction.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Pool } from './pool.ts';
import { tellNotStarted, type Readiness } from './readiness.ts';
import type { Settings } from './settings.ts';
import { SharedChild } from './shared-child.ts';
import type { StartFailure } from './start-failure.ts';

/** After one that lived less long it is not started again at once; after one that did not start, with pauses that double. */
const SHORT_LIFE_MS = 10_000;
const PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;
const TICK_MS = 500;
const ANOTHER_ERA: StartFailure = { kind: 'RefusedInitialize', why: 'it speaks another revision of MCP than before', lastWords: [] };

export interface StandingOptions {
  readonly era: 'stateless' | 'sessions';
  /** Whether the bridge is ready only while it is there. */
  readonly isNeeded: boolean;
  readonly settings: Settings;
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A process that answers, and what it said of itself. */
export interface Standing {
  readonly shared: SharedChild;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Why there is none, and in how many seconds there may be. */
export interface Absent {
  readonly why: string;
  readonly retryAfterSeconds: number;
}

/** What those are told that need it. */
export function absent({ why, retryAfterSeconds }: Absent): HttpRefusal {
  const headers = { 'Retry-After': String(retryAfterSeconds) };
  return { status: 503, code: INTERNAL_ERROR, message: `The MCP server is not there: ${why}. It is started again: try later.`, headers };
}

export class StandingChild {
  readonly #options: StandingOptions;
  readonly #timer: NodeJS.Timeout;
  #standing: Standing | undefined;
  #starting: Promise<Standing | Absent> | undefined;
  #failures = 0;
  #notBefore = 0;
  #why = '';
  #isStopped = false;
  /** Since when nobody asked, on the clock of `performance`. */
  #idleSince = 0;

  constructor(options: StandingOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
  }

  /** The process, once it is there, or why it is not. */
  get(): Promise<Standing | Absent> {
    this.#idleSince = performance.now();
    if (this.#standing !== undefined) return Promise.resolve(this.#standing);
    if (this.#isStopped) return Promise.resolve({ why: 'the bridge is stopping', retryAfterSeconds: 1 });
    if (this.#starting === undefined && performance.now() < this.#notBefore) return Promise.resolve(this.#absent);
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /** Takes over a process that has introduced itself already. */
  adopt(child: Child, introduction: Exclude<Introduction, NoIntroduction>): void {
    if (this.#standing !== undefined || this.#isStopped) return void child.stop();
    const { settings, log, metrics } = this.#options;
    const shared = new SharedChild(child, 'shared', { ...settings, log, metrics, onEnd: (end) => this.#ended(child, end) });
    this.#standing = { shared, result: introduction.result };
    this.#idleSince = performance.now();
    this.#notBefore = 0;
    log.info('the shared process of the server is there', { pid: child.pid, era: introduction.era });
  }

  /** Another process completed a handshake: the next one may be started without a pause. */
  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Where none is to wait while nobody asks, it ends as an idle session does. */
  #tick(now: number): void {
    const { settings: { idleChildren, idleTimeoutMs }, log } = this.#options;
    const shared = this.#standing?.shared;
    if (shared === undefined) return;
    shared.tick(now);
    if (shared.open > 0) this.#idleSince = now;
    if (idleChildren === 'Keep' || now - this.#idleSince <= idleTimeoutMs) return;
    this.#standing = undefined;
    log.info('the shared process of the server is ended, for nobody asks it', { pid: shared.child.pid });
    void shared.child.stop();
  }

  async #start(): Promise<Standing | Absent> {
    const { era, pool, settings, readiness, metrics } = this.#options;
    const child = pool.start();
    const introduction = await introduce(child, { timeoutMs: settings.startupTimeoutMs, discover: era === 'stateless' });
    if (introduction.era === era) {
      metrics.observe('mcp_bridge_child_start_seconds', (performance.now() - child.started) / 1000);
      readiness.succeeded();
      this.adopt(child, introduction);
      if (this.#standing !== undefined) return this.#standing;
    }
    void child.stop();
    const failure: StartFailure = introduction.era === 'none' ? introduction.failure : ANOTHER_ERA;
    this.#why = failure.why;
    this.#failures += 1;
    this.#notBefore = performance.now() + Math.min(MOST_PAUSE_MS, PAUSE_MS * 2 ** (this.#failures - 1));
    if (!this.#isStopped) {
      metrics.count('mcp_bridge_child_start_failures_total');
      tellNotStarted(this.#options, failure);
    }
    return this.#absent;
  }

  #ended(child: Child, end: ChildEnd): void {
    if (this.#standing?.shared.child !== child) return;
    this.#standing = undefined;
    if (end.asked && this.#isStopped) return;
    this.#options.log.warn('the shared process of the server ended', { pid: child.pid, how: end.how, lastWords: end.lastWords });
    this.#failures = 0;
    this.#why = end.how;
    if (performance.now() - child.started < SHORT_LIFE_MS) this.#notBefore = performance.now() + PAUSE_MS;
    if (this.#options.isNeeded && !this.#isStopped) this.#options.readiness.ended(end.how, end.lastWords);
  }

  get #absent(): Absent {
    return { why: this.#why, retryAfterSeconds: Math.max(1, Math.ceil((this.#notBefore - performance.now()) / 1000)) };
  }
}
