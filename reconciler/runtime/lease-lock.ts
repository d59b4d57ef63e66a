// The Lease behind a leader election: reads it, and writes it only as it was read, every request bounded in time.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { LEASES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { microTime, pause, type Clock } from './clock.ts';

/** Who leads; times are RFC 3339 with microseconds. Without a holder anybody may take the lease at once. */
export interface LeaseSpec {
  readonly holderIdentity?: string | undefined;
  readonly leaseDurationSeconds?: number | undefined;
  readonly acquireTime?: string | undefined;
  readonly renewTime?: string | undefined;
  readonly leaseTransitions?: number | undefined;
}

export interface LeaseObject extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseLockOptions {
  /** Best with connections of its own, so that a renewal waits for nobody. */
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'update'>;
  /** The Lease; made when it is missing. */
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Who this process is, unlike every other one, earlier ones included. */
  readonly identity: string;
  readonly clock: Clock;
}

/** How long a request may take, and what else ends it. */
interface Bounds {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/** Between two attempts to release. */
const RELEASE_PAUSE_MS = 500;

/** One Lease, seen by one candidate. Calls reject with ApiError, or with an Error when their time is over. */
export class LeaseLock {
  readonly #options: LeaseLockOptions;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** The Lease; undefined when there is none. */
  async read(bounds: Bounds): Promise<LeaseObject | undefined> {
    const { client, lease } = this.#options;
    try {
      return await this.#bounded(bounds, (signal) => client.get<LeaseObject>(LEASES, lease, { signal }));
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Writes this process down as holder, on the very Lease that was seen; a new one if there was none. A Conflict or AlreadyExists when another was faster. */
  async take(seen: LeaseObject | undefined, { leaseMs, ms }: { leaseMs: number; ms: number }): Promise<LeaseObject> {
    const { client, lease: metadata, identity, clock } = this.#options;
    const { holderIdentity, acquireTime, leaseTransitions = 0 } = seen?.spec ?? {};
    const isMine = holderIdentity === identity;
    const now = microTime(clock.wall());
    const spec: LeaseSpec = {
      ...seen?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: leaseMs / 1000,
      acquireTime: isMine ? acquireTime : now,
      renewTime: now,
      leaseTransitions: isMine || seen === undefined ? leaseTransitions : leaseTransitions + 1,
    };
    return this.#bounded({ ms }, (signal) =>
      seen === undefined
        ? client.create<LeaseObject>(LEASES, { metadata, spec }, { signal })
        : client.update<LeaseObject>(LEASES, { ...seen, spec }, { signal }));
  }

  /**
   * Takes this process off the Lease, so that the next one need not wait. False when it is not the holder; then nothing is written.
   * What fails is tried again until `withinMs` have passed; one request takes no longer than `ms`.
   */
  async release({ withinMs, ms }: { withinMs: number; ms: number }): Promise<boolean> {
    const { clock } = this.#options;
    const over = new AbortController();
    const cancel = clock.setTimeout(() => over.abort(), withinMs);
    let problem: unknown;
    try {
      while (!over.signal.aborted) {
        try {
          return await this.#tryRelease({ ms, signal: over.signal });
        } catch (error) {
          problem = over.signal.aborted ? (problem ?? new Error(`no answer within ${withinMs / 1000} s`)) : error;
          if (isApiError(error, 'Forbidden', 'Unauthorized')) break;
        }
        await pause(clock, RELEASE_PAUSE_MS, over.signal);
      }
      throw problem;
    } finally {
      cancel();
    }
  }

  async #tryRelease(bounds: Bounds): Promise<boolean> {
    const { client, identity, clock } = this.#options;
    const seen = await this.read(bounds);
    if (seen?.spec?.holderIdentity !== identity) return false;
    const now = microTime(clock.wall());
    // The API server wants a duration above 0.
    const spec: LeaseSpec = { ...seen.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    await this.#bounded(bounds, (signal) => client.update<LeaseObject>(LEASES, { ...seen, spec }, { signal }));
    return true;
  }

  async #bounded<T>({ ms, signal }: Bounds, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController();
    const cancel = this.#options.clock.setTimeout(() => timeout.abort(new Error(`no answer within ${Math.round(ms) / 1000} s`)), ms);
    try {
      return await send(signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]));
    } finally {
      cancel();
    }
  }
}
