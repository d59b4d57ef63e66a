// The times of a leader election, and what follows from them.

/** In milliseconds. */
export interface ElectionTiming {
  /** A record that somebody stands by and sees unchanged for so long is taken over. Whole seconds. Default 15 000. */
  readonly leaseMs: number;
  /** Who leads stops when a renewal has been overdue for so long. With `retryMs` less than `leaseMs`. Default 10 000. */
  readonly renewDeadlineMs: number;
  /** Between renewals and between attempts; who stands by waits up to 2.2 times as long. Default 2000. */
  readonly retryMs: number;
  /** The lease is neither taken nor renewed while the main thread, which does the work, has not answered for so long. Default 10 000. */
  readonly silenceMs: number;
}

export const DEFAULT_TIMING: ElectionTiming = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000, silenceMs: 10_000 };

/** So long after it sent its last renewal a leader must stop. */
export function leadMs({ retryMs, renewDeadlineMs }: ElectionTiming): number {
  return retryMs + renewDeadlineMs;
}

/** So long a process has to end itself once its lease is lost: a third of the time until another one may lead. By default 1 s of 3. */
export function graceMs(timing: ElectionTiming): number {
  return (timing.leaseMs - leadMs(timing)) / 3;
}
