import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryTable } from '../../../reconciler/runtime/retry-table.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** What a key's try costs and meets. */
interface World {
  readonly requests?: number;
  /** Who refuses now; what is not named passes. */
  readonly refusing: Set<string>;
}

function groupOf(key: string): string {
  return key.split('/')[0] ?? '';
}

/** Keys of groups that are tried whenever the table says so, and at once. */
function fleet(groups: Readonly<Record<string, number>>, { requests = 1, refusing }: World) {
  const clock = new FakeClock();
  const tries: { key: string; atMs: number }[] = [];
  const table: RetryTable = new RetryTable({ clock, random: () => 1, onDue: (key) => attempt(key) });
  const passed = new Set<string>();
  const attempt = (key: string, what = 'as ever'): boolean => {
    if (!table.mayTry(key, () => what)) return false;
    tries.push({ key, atMs: clock.now() });
    if (refusing.has(groupOf(key))) table.failed(key, { attempt: what, group: groupOf(key), requests });
    else {
      table.passed(key);
      passed.add(key);
    }
    return true;
  };
  const keys = Object.entries(groups).flatMap(([group, count]) => Array.from({ length: count }, (_, index) => `${group}/${index}`));
  for (const key of keys) attempt(key);
  return { clock, table, tries, attempt, passed, keys };
}

describe('what was refused', () => {
  it('is tried again after a second, and each time after twice as long, to five minutes', async () => {
    const { clock, tries } = fleet({ hook: 1 }, { refusing: new Set(['hook']) });
    await clock.advance(1_500_000);
    const pauses = tries.slice(1).map(({ atMs }, index) => atMs - (tries[index]?.atMs ?? 0));
    expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256].map((seconds) => seconds * 1000));
    expect(new Set(pauses.slice(9))).toEqual(new Set([300_000]));
  });

  it('is not tried for any other event, and at once when something else would be tried', () => {
    const { attempt } = fleet({ hook: 1 }, { refusing: new Set(['hook']) });
    expect(attempt('hook/0')).toBe(false);
    expect(attempt('hook/0', 'another spec')).toBe(true);
    expect(attempt('hook/0', 'another spec')).toBe(false);
  });

  it.each([[1, 1], [1000, 1], [1000, 5], [7, 3]])('costs the fleet less than a request a second: %i refused, %i requests each', async (count, requests) => {
    const { clock, tries, keys } = fleet({ hook: count, quota: 3 }, { requests, refusing: new Set(['hook', 'quota']) });
    await clock.advance(1_000_000);
    expect((tries.length - keys.length) * requests).toBeLessThan(1000);
  });

  it('is tried in turn: no group waits for another, and none of a group is forgotten', async () => {
    const { clock, tries, keys } = fleet({ hook: 400, quota: 1, role: 2 }, { refusing: new Set(['hook', 'quota', 'role']) });
    const first = tries.length;
    await clock.advance(2000 * 1000);
    const again = tries.slice(first);
    expect(new Set(again.map(({ key }) => key))).toEqual(new Set(keys));
    expect(again.filter(({ key }) => key === 'quota/0').length).toBeGreaterThan(10);
  });

  it('passes as a whole when one of it does: a thousand within two minutes after a webhook is back', async () => {
    const refusing = new Set(['hook', 'quota']);
    const { clock, tries, passed } = fleet({ hook: 1000, quota: 1 }, { refusing });
    await clock.advance(3_600_000);
    refusing.delete('hook');
    await clock.advance(120_000);
    expect(passed.size).toBe(1000);
    expect(tries.filter(({ key, atMs }) => key === 'quota/0' && atMs > 3_600_000).length).toBeLessThan(3);
  });

  it('is released once, not by each that passes: others may be refused for good', async () => {
    const refusing = new Set(['bad', 'good']);
    const { clock, table, tries } = fleet({ good: 50, bad: 0 }, { refusing });
    for (let index = 0; index < 50; index += 1) table.failed(`bad/${index}`, { attempt: 'x', group: 'good', requests: 1 });
    await clock.advance(60_000);
    refusing.delete('good');
    const before = tries.length;
    await clock.advance(30_000);
    expect(tries.length - before).toBeLessThanOrEqual(100 + 30);
  });

  it('is looked after soon when a change lets one of its group pass', async () => {
    const refusing = new Set(['hook']);
    const { clock, attempt, passed } = fleet({ hook: 20 }, { refusing });
    await clock.advance(3_000_000);
    refusing.delete('hook');
    attempt('hook/0', 'changed');
    await clock.advance(1200);
    expect(passed.size).toBe(20);
  });

  it('is forgotten with its MCPServer, and leaves no timer behind', async () => {
    const { clock, table, tries } = fleet({ hook: 3 }, { refusing: new Set(['hook']) });
    for (const index of [0, 1, 2]) table.forget(`hook/${index}`);
    await clock.advance(3_600_000);
    expect([tries.length, table.size, clock.pending]).toEqual([3, 0, 0]);
  });
});

describe('what failed for no known reason', () => {
  it('is tried again on its own, from five milliseconds, doubling, to five minutes', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const table: RetryTable = new RetryTable({ clock, random: () => 1, onDue: () => attempt() });
    const attempt = (): void => {
      expect(table.mayTry('a', () => 'same')).toBe(true);
      times.push(clock.now());
      table.failed('a', { attempt: 'same', requests: 1 });
    };
    attempt();
    expect(table.mayTry('a', () => 'same')).toBe(false);
    await clock.advance(2_000_000);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(pauses.at(-1)).toBe(300_000);
  });

  it.each([[7000, 7000], [86_400_000, 300_000]])('waits as long as the API server asks, five minutes at most: %i ms', (leastMs, waitMs) => {
    const table = new RetryTable({ clock: new FakeClock(), random: () => 0.5, onDue: () => undefined });
    expect(table.failed('a', { attempt: 'x', requests: 1, leastMs })).toBe(waitMs);
    table.stop();
  });
});

it('whatever happens in whatever order, every key that fails is tried again, and the rate is kept', async () => {
  const step = fc.record({
    refuse: fc.subarray(['a', 'b', 'c']),
    ms: fc.integer({ min: 1, max: 400_000 }),
    change: fc.option(fc.integer({ min: 0, max: 8 })),
  });
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
    const refusing = new Set<string>(['a', 'b', 'c']);
    const { clock, tries, attempt, passed, keys } = fleet({ a: 3, b: 3, c: 3 }, { refusing });
    for (const { refuse, ms, change } of steps) {
      refusing.clear();
      for (const group of refuse) refusing.add(group);
      if (change !== null) attempt(keys[change] ?? '', `change ${ms}`);
      await clock.advance(ms);
    }
    refusing.clear();
    await clock.advance(400_000);
    expect(passed).toEqual(new Set(keys));
    const turns = tries.slice(keys.length).length;
    expect(turns).toBeLessThan(clock.now() / 1000 + steps.length + keys.length * (steps.length + 1));
  }), { numRuns: 50 });
});
