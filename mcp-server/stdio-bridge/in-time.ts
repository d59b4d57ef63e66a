// Waits for something, and no longer than a bound: nothing of the wait is left behind.
import { setTimeout as delay } from 'node:timers/promises';

/** What a promise resolves to within so many milliseconds; undefined when it does not. */
export async function inTime<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const waiting = new AbortController();
  const late = delay(milliseconds, undefined, { signal: waiting.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    waiting.abort();
  }
}
