// Runs reconciles from a work queue: workers, retries, logs and metrics around one function. Knows no resource.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isApiError } from '../../kubernetes/errors.ts';
import { systemClock, type Clock } from './clock.ts';
import { onAbort } from './ending.ts';
import type { WorkQueue } from './work-queue.ts';

/** How a reconcile ended that did its part. */
export interface Result {
  /** Reconcile again after so many milliseconds, though nothing changes. */
  readonly requeueAfterMs?: number | undefined;
  /** What failed all the same, and is tried again at a time that the reconcile has seen to: logged and counted as an error. */
  readonly error?: unknown;
}

/** What a reconcile is given besides its key. */
export interface ReconcileContext {
  /** Aborted only when shutting down takes too long: from then on nothing is to be written. */
  readonly signal: AbortSignal;
  /** Carries controller, namespace, name and reconcileID. */
  readonly log: Logger;
  /** `reconcile/ID`, with the reconcileID of its log lines: what its requests are for. */
  readonly purpose: string;
}

/** How a reconcile ended, in controller-runtime's words. */
export type ReconcileOutcome = 'success' | 'requeue_after' | 'error';

/** What a controller tells its metrics. */
export interface ControllerMetrics {
  configured(maxConcurrentReconciles: number): void;
  started(): void;
  finished(outcome: ReconcileOutcome, seconds: number): void;
}

export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  /** Brings one `namespace/name` to its desired state. A rejection is retried with backoff. */
  readonly reconcile: (key: string, context: ReconcileContext) => Promise<Result | void>;
  /** Default 16. */
  readonly maxConcurrentReconciles?: number | undefined;
  readonly log: Logger;
  readonly metrics: ControllerMetrics;
  readonly clock?: Clock | undefined;
}

/** They wait for answers most of the time. */
export const DEFAULT_WORKERS = 16;
/** After its signal fired a reconcile has this long to end before `run` no longer waits for it. */
const ABORT_GRACE_MS = 2000;

/** Works a queue until aborted. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #running = new Set<string>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Keys that are being reconciled. */
  get running(): string[] {
    return [...this.#running];
  }

  /**
   * Reconciles until `stop` aborts, then takes no more work, waits for what runs and resolves to true; to false when something
   * still runs though `abandon` aborted 2 s ago. Shuts the queue down. Never rejects; call once.
   */
  async run({ stop, abandon }: { readonly stop: AbortSignal; readonly abandon: AbortSignal }): Promise<boolean> {
    const { queue, maxConcurrentReconciles: workers = DEFAULT_WORKERS, metrics } = this.#options;
    metrics.configured(workers);
    const all = Promise.all(Array.from({ length: workers }, () => this.#work(abandon))).then(() => true);
    const expired = Promise.withResolvers<false>();
    let cancel: (() => void) | undefined;
    onAbort(stop, () => queue.shutDown());
    onAbort(abandon, () => (cancel = this.#clock.setTimeout(() => expired.resolve(false), ABORT_GRACE_MS)));
    const isComplete = await Promise.race([all, expired.promise]);
    cancel?.();
    return isComplete;
  }

  async #work(abandon: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      this.#running.add(key);
      await this.#reconcile(key, abandon);
      this.#running.delete(key);
      queue.done(key);
      // Reconciles answered from caches never leave the microtask queue: let timers and sockets have their turn.
      await setImmediate();
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const { name: controller, reconcile, metrics } = this.#options;
    const [name, namespace] = key.split('/').toReversed();
    const id = once(randomUUID);
    const log = once(() => this.#options.log.child({ controller, namespace, name, reconcileID: id() }));
    const start = this.#clock.now();
    metrics.started();
    let outcome: ReconcileOutcome;
    try {
      // Most reconciles have nothing to say.
      const result = await reconcile(key, { signal, get log() { return log(); }, get purpose() { return `reconcile/${id()}`; } });
      outcome = this.#ended(key, result ?? {}, log);
    } catch (error) {
      outcome = signal.aborted ? givenUp(error, log()) : this.#failed(key, error, log());
    }
    metrics.finished(outcome, (this.#clock.now() - start) / 1000);
  }

  #ended(key: string, { requeueAfterMs, error }: Result, log: () => Logger): ReconcileOutcome {
    const { queue } = this.#options;
    queue.forget(key);
    if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
    if (error !== undefined) log().error({ err: error }, 'reconcile failed');
    if (error !== undefined) return 'error';
    return requeueAfterMs === undefined ? 'success' : 'requeue_after';
  }

  #failed(key: string, error: unknown, log: Logger): ReconcileOutcome {
    const { queue } = this.#options;
    const retryInMs = queue.addRateLimited(key, requestedDelayMs(error));
    // A write that was prepared while somebody else wrote: nothing is wrong, but the work is to be done anew.
    if (isApiError(error, 'Conflict')) log.info({ conflict: error.message, retryInMs }, 'an object changed meanwhile, looking again');
    else log.error({ err: error, retryInMs }, 'reconcile failed');
    return 'error';
  }
}

/** Nothing failed, and nobody will try again: the next process finds what is left to do. */
function givenUp(error: unknown, log: Logger): ReconcileOutcome {
  log.warn({ err: error }, 'reconcile given up unfinished, because the operator stops');
  return 'error';
}

/** No Retry-After makes anybody wait longer. */
const MOST_REQUESTED_MS = 300_000;

/** The Retry-After of an API server that is overloaded or on its way, in milliseconds; 0 where it asks for none. */
export function requestedDelayMs(error: unknown): number {
  return isApiError(error) ? Math.min(Math.max(error.retryAfterSeconds ?? 0, 0) * 1000, MOST_REQUESTED_MS) : 0;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
