// What the thread that works and the thread that renews the lease tell each other.
import type { RequestObservation } from '../../kubernetes/client.ts';
import type { ConnectOptions } from '../../kubernetes/connect.ts';
import type { ElectionTiming } from './election-timing.ts';
import type { LeaseLockOptions } from './lease-lock.ts';
import type { LogLevel } from './log.ts';

/** What the thread is started with. */
export interface ElectionSetting extends Pick<LeaseLockOptions, 'lease' | 'identity'> {
  readonly purpose: 'leader election';
  readonly connect: ConnectOptions;
  readonly userAgent: string;
  readonly timing: ElectionTiming;
  /** Of a SharedLease. */
  readonly memory: SharedArrayBuffer;
  /** When it was started. */
  readonly startedMs: number;
  /** For what it writes itself when nobody listens. */
  readonly logLevel: LogLevel;
}

/** To the thread that renews. */
export type ToElection =
  | { readonly type: 'alive'; readonly atMs: number }
  | { readonly type: 'stop' }
  /** The work has ended. */
  | { readonly type: 'done' };

/** From it. Nothing comes after `ended` and `lost`. */
export type FromElection =
  | { readonly type: 'are you alive?' }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly fields: object; readonly message: string }
  | { readonly type: 'request'; readonly observation: RequestObservation }
  | { readonly type: 'running out' }
  | { readonly type: 'leading' }
  | { readonly type: 'ended' }
  | { readonly type: 'lost'; readonly message: string };
