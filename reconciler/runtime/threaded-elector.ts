// A leader election whose renewals do not wait for the main thread: it runs in a thread of its own, and this is how the main thread takes part.
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { RequestObservation } from '../../kubernetes/client.ts';
import type { ConnectOptions } from '../../kubernetes/connect.ts';
import { pause, processClock } from './clock.ts';
import type { ElectionSetting, FromElection, ToElection } from './election-messages.ts';
import { DEFAULT_TIMING, graceMs, leadMs, type ElectionTiming } from './election-timing.ts';
import { onAbort } from './ending.ts';
import { LeaseLostError, type LeaderElectorOptions } from './leader-election.ts';
import type { LogLevel } from './log.ts';
import { leaderProblem, SharedLease } from './shared-lease.ts';

export interface ThreadedElectorOptions extends Pick<LeaderElectorOptions, 'lease' | 'identity' | 'onLeading' | 'onRunningOut' | 'timing'> {
  /** The thread has connections of its own, and runs a credential plugin of its own. */
  readonly connect: ConnectOptions;
  readonly userAgent: string;
  readonly onRequest: (observation: RequestObservation) => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'level'>;
}

/** Enough for one object, its requests and TLS. A thread that needs more fails, and the process with it. */
const THREAD_LIMITS: ResourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** Does with `work` what LeaderElector does, and fails as it does. */
export class ThreadedElector {
  readonly #options: ThreadedElectorOptions;
  readonly #timing: ElectionTiming;
  readonly #lease = new SharedLease();
  #leading = false;

  constructor(options: ThreadedElectorOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
  }

  /**
   * Waits for the lease, calls `work` once and keeps the lease until its promise settles, however long that takes after `signal`
   * has aborted; then releases the lease and resolves. When `signal` aborts before, `work` is not called, or with a signal that has aborted.
   * The lease is kept only while this thread turns to its messages. Rejects with LeaseLostError the moment the lease is lost, though `work` goes on:
   * the caller must end the process, or the other thread does. Rejects with another Error when that one fails, and as `work` does;
   * then keeps the lease: what failed may still write.
   */
  async run(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (signal.aborted) return;
    const thread = await this.#start();
    // oxlint-disable-next-line require-post-message-target-origin -- threads have no origins
    const tell = (message: ToElection): void => thread.postMessage(message);
    const ended = Promise.withResolvers<void>();
    thread.on('error', (error) => ended.reject(new Error('the thread that renews the lease failed', { cause: error })));
    thread.on('exit', () => ended.reject(new Error('the thread that renews the lease has ended')));
    thread.on('message', (message: FromElection) => {
      if (message.type === 'are you alive?') tell({ type: 'alive', atMs: processClock.now() });
      else if (message.type === 'lost') ended.reject(new LeaseLostError(message.message));
      else if (message.type === 'ended') ended.resolve();
      else if (message.type === 'leading') this.#lead(() => work(signal)).then(() => tell({ type: 'done' }), ended.reject);
      else this.#pass(message);
    });
    onAbort(signal, () => tell({ type: 'stop' }));
    try {
      await ended.promise;
    } finally {
      this.#setLeading(false);
      void thread.terminate();
    }
  }

  /** Why a leader is not healthy. Nothing is wrong with one that stands by. */
  check(): string | undefined {
    return this.#leading ? leaderProblem(this.#lease, { leaseMs: this.#timing.leaseMs, nowMs: processClock.now() }) : undefined;
  }

  async #start(): Promise<Worker> {
    const { connect: { env, ...connect }, userAgent, lease, identity, log } = this.#options;
    // Loaded to be found.
    const { ELECTION_THREAD } = await import('./election-thread.ts');
    const workerData: ElectionSetting = {
      purpose: 'leader election', connect: { ...connect, env: { ...env } }, userAgent, lease, identity, timing: this.#timing,
      memory: this.#lease.memory, startedMs: processClock.now(), logLevel: log.level as LogLevel,
    };
    return new Worker(ELECTION_THREAD, { name: 'leader election', workerData, resourceLimits: THREAD_LIMITS });
  }

  #pass(message: Extract<FromElection, { type: 'log' | 'request' | 'running out' }>): void {
    const { log, onRequest, onRunningOut } = this.#options;
    if (message.type === 'log') log[message.level](message.fields, message.message);
    else if (message.type === 'request') onRequest(message.observation);
    else onRunningOut?.();
  }

  /** Works. Rejects as the work does, and with LeaseLostError when the lease was not renewed for too long and nobody said so. */
  async #lead(work: () => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const held = this.#watchLease(ended.signal);
    try {
      // It may have taken this thread long to hear that it leads.
      if (this.#leftMs() > 0) {
        this.#setLeading(true);
        await Promise.race([work(), held]);
      } else await held;
    } finally {
      ended.abort();
      this.#setLeading(false);
    }
  }

  /** Until `signal` aborts. The other thread ends the process when this one stands still; this one does when that stands still. */
  async #watchLease(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#leftMs() <= 0) {
        const { namespace, name } = this.#options.lease;
        throw new LeaseLostError(`lost the lease ${namespace}/${name}: it was last renewed ${Math.round(this.#ageMs() / 1000)} s ago`);
      }
      await pause(processClock, this.#leftMs(), signal);
    }
  }

  #ageMs(): number {
    return this.#lease.ageMs(processClock.now());
  }

  /** Milliseconds until the process must have ended, unless the lease is renewed. */
  #leftMs(): number {
    return leadMs(this.#timing) + graceMs(this.#timing) - this.#ageMs();
  }

  #setLeading(leading: boolean): void {
    if (this.#leading !== leading) this.#options.onLeading?.(leading);
    this.#leading = leading;
  }
}
