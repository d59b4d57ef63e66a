import { describe, expect, test } from 'vitest';
import { ApiError } from '../../kubernetes/errors.ts';
import { restartDelay } from '../../kubernetes/reflector.ts';

const timing = {
  minWatchSeconds: 90,
  maxWatchSeconds: 180,
  idleGraceMs: 15_000,
  listIdleMs: 30_000,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
  maxNetworkDelayMs: 5_000,
};
const gone = new ApiError('Gone', 'expired', { status: 410 });

function delays(error: unknown, chance: number): number[] {
  return [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => restartDelay(error, failures, { timing, random: () => chance }));
}

function spread(failures: number, chance: number): number {
  return restartDelay(new ApiError('Network', 'reset'), failures, { timing: { ...timing, spreadMs: 5000 }, random: () => chance });
}

function busy(retryAfterSeconds: number): ApiError {
  return new ApiError('TooManyRequests', 'busy', { status: 429, retryAfterSeconds });
}

describe('the pause before a list or watch is tried again', () => {
  test('doubles from half a second to thirty, and is shortened to half of that by chance', () => {
    expect(delays(new ApiError('Server', 'boom', { status: 500 }), 1)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(delays(new Error('bug'), 0)).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  test.each(['Network', 'Timeout'] as const)('is at most five seconds while the server cannot be reached: %s', (kind) => {
    expect(delays(new ApiError(kind, 'no answer'), 1)).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000]);
    expect(delays(new ApiError(kind, 'no answer'), 0).slice(-1)).toEqual([2500]);
  });

  test('after a refusal is as long as after other errors, or as is asked for where a refusal is no fault', () => {
    const refused = new ApiError('Forbidden', 'no', { status: 403 });
    expect(delays(refused, 1).slice(-1)).toEqual([30_000]);
    const patient = [1, 2, 10, 11, 100].map((failures) =>
      restartDelay(refused, failures, { timing: { ...timing, maxForbiddenDelayMs: 600_000 }, random: () => 1 }),
    );
    expect(patient).toEqual([500, 1000, 256_000, 512_000, 600_000]);
  });

  test('is none after the first 410, so that a relist follows at once, but a server that always says 410 is spared', () => {
    expect(delays(gone, 1).slice(0, 3)).toEqual([0, 1000, 2000]);
  });

  test('is longer by chance at first, where many are to come back at times of their own', () => {
    expect([0, 0.25, 0.5, 1].map((chance) => spread(1, chance))).toEqual([250, 1562.5, 2875, 5500]);
    expect(spread(2, 1)).toBe(1000);
  });

  test("is at least the server's Retry-After, within five minutes", () => {
    expect(delays(busy(7), 1).slice(0, 6)).toEqual([7000, 7000, 7000, 7000, 8000, 16_000]);
    expect(delays(busy(86_400), 1)[0]).toBe(300_000);
  });
});
