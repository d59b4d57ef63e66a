// Leader election on a Lease by the algorithm of client-go: of all replicas one works, the others stand by.
import type { Logger } from 'pino';
import { isApiError } from '../../kubernetes/errors.ts';
import { pause } from './clock.ts';
import { DEFAULT_TIMING, leadMs, type ElectionTiming } from './election-timing.ts';
import { onAbort } from './ending.ts';
import { LeaseLock, type LeaseLockOptions, type LeaseObject, type LeaseSpec } from './lease-lock.ts';

export interface LeaderElectorOptions extends LeaseLockOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Told when leading begins and ends. */
  readonly onLeading?: ((leading: boolean) => void) | undefined;
  /** Told when, while the work ends, the lease cannot be renewed and is soon lost: work that ends now ends in good order. */
  readonly onRunningOut?: (() => void) | undefined;
  /** Told when the lease was taken or renewed: when that was sent, by the clock. */
  readonly onRenewed?: ((sentMs: number) => void) | undefined;
  /** Why the lease must not be taken or renewed now; asked before each attempt. */
  readonly hindrance?: (() => string | undefined) | undefined;
  readonly timing?: Partial<ElectionTiming> | undefined;
}

/** The lease went to somebody else, or may at any moment. Whoever worked under it must stop at once. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** Who stands by lengthens its pauses by up to so much, so that not all ask at the same time. */
const JITTER_FACTOR = 1.2;
/** Whoever ends is told so long before the lease is lost: time to give up, and to wait for what was given up. */
const WRAP_UP_MS = 3000;

/** One candidate for one Lease. */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #timing: ElectionTiming;
  readonly #lock: LeaseLock;
  /** What every log line carries. */
  readonly #fields: { readonly lease: string; readonly identity: string };
  /** The record last read, and when this process saw it first: clocks of others do not matter. */
  #observed: { readonly record: string; readonly holder?: string | undefined; readonly atMs: number } = { record: '', atMs: 0 };
  /** When another holder's record, unless it changes, may be taken over. */
  #freeMs = 0;
  #leading = false;
  /** The Lease as this process last wrote it, and when it sent that. */
  #written: { readonly lease?: LeaseObject; readonly sentMs: number } = { sentMs: 0 };
  #lastProblem: string | undefined;
  /** A write was sent whose answer did not come: the lease may be held without its holder knowing. */
  #maybeHeld = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#lock = new LeaseLock(options);
    this.#fields = { lease: `${options.lease.namespace}/${options.lease.name}`, identity: options.identity };
  }

  /**
   * Waits for the lease, calls `work` once and keeps the lease until its promise settles, however long that takes after `signal`
   * has aborted; then releases the lease and resolves. When `signal` aborts before, `work` is not called, or with a signal that has aborted.
   * Rejects with LeaseLostError the moment the lease is lost, though `work` goes on: the caller must end it, best with the process.
   * Rejects as `work` does, and keeps the lease: what failed may still write.
   */
  async run(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { onLeading, log } = this.#options;
    if (!(await this.#acquire(signal))) {
      if (this.#maybeHeld) await this.#release();
      return;
    }
    log.info(this.#fields, 'leading');
    onLeading?.(true);
    const ended = new AbortController();
    const held = this.#hold(ended.signal);
    onAbort(signal, () => void this.#watchRunningOut(ended.signal));
    try {
      await Promise.race([work(signal), held]);
    } catch (error) {
      held.catch(() => undefined);
      throw error;
    } finally {
      onLeading?.(false);
      ended.abort();
    }
    await held;
    await this.#release();
  }

  /** False when `signal` aborted before the lease was held. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.#options;
    if (!signal.aborted) log.info(this.#fields, 'standing by for the lease');
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true;
      await pause(clock, this.#standbyMs(), signal);
    }
    return false;
  }

  /** Looks again at the latest when the lease may be taken over, so that nobody waits for it longer than it lasts. */
  #standbyMs(): number {
    const { clock, random } = this.#options;
    const pauseMs = this.#timing.retryMs * (1 + JITTER_FACTOR * random());
    const leftMs = this.#freeMs - clock.now();
    return leftMs > 0 ? Math.min(pauseMs, leftMs) : pauseMs;
  }

  /** Renews until `signal` aborts. Rejects with LeaseLostError. */
  async #hold(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#options.clock, Math.min(this.#timing.retryMs, this.#leftMs()), signal);
      if (signal.aborted) return;
      if (this.#isOverdue()) throw this.#lost(`it could not be renewed for ${this.#timing.renewDeadlineMs / 1000} s: ${this.#lastProblem ?? 'the process stood still'}`);
      await this.#attempt(signal);
    }
  }

  /** Until `signal` aborts. */
  async #watchRunningOut(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#leftMs() >= WRAP_UP_MS + 1) await pause(this.#options.clock, this.#leftMs() - WRAP_UP_MS, signal);
    if (!signal.aborted) this.#options.onRunningOut?.();
  }

  /** Whether the lease is held now. Rejects with LeaseLostError only. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      const hindrance = this.#options.hindrance?.();
      if (hindrance !== undefined) throw new Error(hindrance);
      const isHeld = (await this.#renewUnread()) || (await this.#acquireOrRenew(signal));
      this.#lastProblem = undefined;
      return isHeld;
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      const problem = error instanceof Error ? error.message : String(error);
      // That somebody else wrote first is what elections are about.
      const isRace = isApiError(error, 'Conflict', 'AlreadyExists');
      if (!isRace && !signal.aborted && problem !== this.#lastProblem) {
        const { log } = this.#options;
        log.warn({ ...this.#fields, reason: problem }, this.#leading ? 'the lease was not renewed' : 'the lease could not be asked for');
      }
      this.#lastProblem = problem;
      return false;
    }
  }

  /** A leader renews the Lease it wrote last without reading it; false when it must be read, for whatever reason, and there is time to. */
  async #renewUnread(): Promise<boolean> {
    if (!this.#leading) return false;
    try {
      await this.#take(this.#written.lease);
      return true;
    } catch (error) {
      if (this.#isOverdue()) throw error;
      return false;
    }
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#options;
    const nowMs = clock.now();
    const lease = await this.#lock.read({ ms: this.#requestMs(), signal });
    this.#observe(lease?.spec);
    const { holderIdentity: holder, leaseDurationSeconds: seconds } = lease?.spec ?? {};
    if (holder && holder !== identity) {
      if (this.#leading) throw this.#lost(`${holder} holds it now`);
      const durationMs = seconds === undefined ? this.#timing.leaseMs : seconds * 1000;
      this.#freeMs = this.#observed.atMs + durationMs;
      if (this.#freeMs > nowMs) return false;
    }
    await this.#take(lease);
    return true;
  }

  #observe(spec: LeaseSpec | undefined): void {
    const { clock, identity, log } = this.#options;
    const record = JSON.stringify(spec ?? {});
    if (record === this.#observed.record) return;
    const holder = spec?.holderIdentity;
    if (holder && holder !== identity && holder !== this.#observed.holder) log.info({ ...this.#fields, holder }, 'another replica leads');
    this.#observed = { record, holder, atMs: clock.now() };
  }

  /** Not ended by a signal: whether the write counts must be known. */
  async #take(seen: LeaseObject | undefined): Promise<void> {
    const sentMs = this.#options.clock.now();
    this.#maybeHeld = true;
    try {
      const lease = await this.#lock.take(seen, { leaseMs: this.#timing.leaseMs, ms: this.#requestMs() });
      this.#written = { lease, sentMs };
      this.#leading = true;
      this.#options.onRenewed?.(sentMs);
    } catch (error) {
      this.#maybeHeld = !isApiError(error) || isApiError(error, 'Network', 'Timeout', 'Server');
      throw error;
    }
  }

  /** Makes room for the next one at once. Never rejects: without it the next one waits until the lease has run out. */
  async #release(): Promise<void> {
    const { log } = this.#options;
    const { renewDeadlineMs } = this.#timing;
    this.#leading = false;
    try {
      if (await this.#lock.release({ withinMs: renewDeadlineMs, ms: renewDeadlineMs / 2 })) log.info(this.#fields, 'lease released');
    } catch (error) {
      log.warn({ ...this.#fields, err: error }, 'the lease could not be released: the next leader waits until it has run out');
    }
  }

  /** Half of the renew deadline, as two requests may be needed; a leader's no longer than it may lead. */
  #requestMs(): number {
    return Math.min(this.#timing.renewDeadlineMs / 2, this.#leading ? this.#leftMs() : Infinity);
  }

  /** Milliseconds until a leader must stop. Counted from when it sent its last renewal, for others count from when they see it, which is later. */
  #leftMs(): number {
    return this.#written.sentMs + leadMs(this.#timing) - this.#options.clock.now();
  }

  /** Timers may be early by a fraction of a millisecond. */
  #isOverdue(): boolean {
    return this.#leftMs() < 1;
  }

  #lost(why: string): LeaseLostError {
    this.#leading = false;
    return new LeaseLostError(`lost the lease ${this.#fields.lease}: ${why}`);
  }
}
