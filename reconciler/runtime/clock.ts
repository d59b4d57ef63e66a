// Time as the reconciler sees it. Everything that waits or measures takes a Clock, so that tests can replay it.

/** A source of time and of timers. */
export interface Clock {
  /** Milliseconds on a monotonic scale with an arbitrary origin: for durations only. */
  now(): number;
  /** The wall clock: for what people read. May jump. */
  wall(): Date;
  /** Runs `callback` once after `ms` (at once for 0 or less). The returned function cancels it; calling it later is harmless. */
  setTimeout(callback: () => void, ms: number): () => void;
}

/** Node fires longer timers immediately instead of late. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => new Date(),
  setTimeout: (callback, ms) => {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** The same, with a `now` that is the same in all threads of the process. */
export const processClock: Clock = { ...systemClock, now: () => Number(process.hrtime.bigint()) / 1e6 };

/** Resolves after `ms`, or as soon as `signal` aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** A time as the API server takes it where it wants microseconds: with exactly six digits of a second. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
