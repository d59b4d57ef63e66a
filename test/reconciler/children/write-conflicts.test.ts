import { describe, expect, it } from 'vitest';
import { WriteConflicts, type Ruling } from '../../../reconciler/children/write-conflicts.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const APPLIED: Ruling = { mayApply: true, contested: false };
const HELD: Ruling = { mayApply: false, contested: true };

/** A child somebody else changes back at once, whenever it is applied. */
function fight(): {
  clock: FakeClock;
  conflicts: WriteConflicts;
  rule: (asDesired: boolean, hash?: string) => Ruling;
  reconcile: (hash?: string) => Ruling;
} {
  const clock = new FakeClock();
  const conflicts = new WriteConflicts(clock);
  const rule = (asDesired: boolean, hash = 'one'): Ruling => conflicts.rule({ uid: 'uid-1', hash, asDesired });
  const reconcile = (hash = 'one'): Ruling => {
    const ruling = rule(false, hash);
    if (ruling.mayApply) conflicts.applied('uid-1');
    return ruling;
  };
  return { clock, conflicts, rule, reconcile };
}

async function begun(): Promise<ReturnType<typeof fight>> {
  const on = fight();
  for (let times = 0; times < 10; times += 1) on.reconcile();
  expect(on.reconcile()).toMatchObject(HELD);
  return on;
}

it('the writers of a fight stay named until it is over, and are forgotten then', async () => {
  const { clock, conflicts, rule } = await begun();
  expect(conflicts.rivals('uid-1', ['sidecar', 'policy'])).toEqual(['policy', 'sidecar']);
  expect(conflicts.rivals('uid-1', [])).toEqual(['policy', 'sidecar']);
  await clock.advance(31_000);
  rule(true);
  expect(conflicts.rivals('uid-1', [])).toEqual([]);
});

describe('a child that the API server does not keep as it was applied', () => {
  it('is left alone after the second time, tried again ever more rarely, and known as such', async () => {
    const { clock, conflicts, rule } = fight();
    for (const _ of [1, 2]) {
      expect(rule(false)).toEqual(APPLIED);
      conflicts.applied('uid-1', { isKept: false });
    }
    expect(rule(false)).toEqual({ ...HELD, unkept: true, waitMs: 10_000 });
    await clock.advance(10_000);
    expect(rule(false)).toMatchObject({ mayApply: true, contested: true, unkept: true, waitMs: 20_000 });
    conflicts.applied('uid-1', { isKept: false });
    expect(rule(false)).toMatchObject({ ...HELD, unkept: true });
  });

  it('is another one as soon as something else is applied, or it is kept after all', () => {
    const { conflicts, rule } = fight();
    rule(false);
    conflicts.applied('uid-1', { isKept: false });
    expect(rule(false, 'two')).toEqual(APPLIED);
    conflicts.applied('uid-1', { isKept: true });
    expect(rule(true, 'two')).toEqual(APPLIED);
  });
});

describe('a child that another writer changes back', () => {
  it('is repaired ten times within five minutes, then left alone', () => {
    const { reconcile } = fight();
    for (let times = 0; times < 10; times += 1) expect(reconcile()).toEqual(APPLIED);
    expect(reconcile()).toEqual({ ...HELD, waitMs: 10_000, askWho: true });
    expect(reconcile()).toEqual({ ...HELD, waitMs: 10_000 });
  });

  it('is repaired for ever when that happens rarely', async () => {
    const { clock, reconcile } = fight();
    for (let times = 0; times < 50; times += 1) {
      expect(reconcile()).toEqual(APPLIED);
      await clock.advance(31_000);
    }
  });

  it('is no fight when applying fails: what was never changed nobody changed back', () => {
    const { rule } = fight();
    for (let times = 0; times < 50; times += 1) expect(rule(false)).toEqual(APPLIED);
  });

  it('is tried again ever more rarely, ten minutes apart at most', async () => {
    const { clock, reconcile } = await begun();
    const attempts: number[] = [];
    for (let second = 1; second <= 3600; second += 1) {
      await clock.advance(1000);
      const { mayApply, contested } = reconcile();
      expect(contested).toBe(true);
      if (mayApply) attempts.push(second);
    }
    expect(attempts).toEqual([10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030]);
  }, 60_000);

  it('stays contested until it was left in peace for half a minute', async () => {
    const { clock, rule, reconcile } = await begun();
    await clock.advance(10_000);
    expect(reconcile()).toEqual({ mayApply: true, contested: true, waitMs: 20_000, askWho: true });
    await clock.advance(29_000);
    expect(rule(true)).toEqual({ mayApply: true, contested: true, waitMs: 1000 });
    await clock.advance(1000);
    expect(rule(true)).toEqual(APPLIED);
  });

  it('is applied at once when what should be applied has changed', async () => {
    const { reconcile } = await begun();
    expect(reconcile('two')).toEqual(APPLIED);
  });

  it('does not stand for another child', async () => {
    const clock = new FakeClock();
    const conflicts = new WriteConflicts(clock);
    for (let times = 0; times < 30; times += 1) conflicts.applied('uid-1');
    expect(conflicts.rule({ uid: 'uid-2', hash: 'one', asDesired: false })).toEqual(APPLIED);
  });
});

it('nothing is remembered of a child that is as it should be, and was not applied lately', async () => {
  const { clock, conflicts, rule, reconcile } = fight();
  rule(true);
  expect(conflicts.size).toBe(0);
  reconcile();
  rule(true);
  expect(conflicts.size).toBe(1);
  await clock.advance(5 * 60_000 + 1);
  rule(true);
  expect(conflicts.size).toBe(0);
});
