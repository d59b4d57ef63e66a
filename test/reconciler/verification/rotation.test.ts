import { describe, expect, it } from 'vitest';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { newProbe, withResult, type PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import { afterAnswer, nextTurnInMs, NOT_FAILING, pick } from '../../../reconciler/verification/rotation.ts';

const passed: HandshakeResult = { outcome: 'Passed', reason: 'AuthRequired', message: '401' };
const failed: HandshakeResult = { outcome: 'Failed', reason: 'WrongPath', message: '404' };

function probe(pod: string, firstSeenMs: number, ...results: [atMs: number, result: HandshakeResult][]): PodProbe {
  const first = newProbe(pod, { nowMs: firstSeenMs, inherited: false });
  return results.reduce((before, [at, result]) => withResult(before, result, { nowMs: at }), first);
}

const answered = (probe: PodProbe, answeredMs: number) => ({ probe, answeredMs });
const settled = (pod: string): PodProbe => probe(pod, 0, [40_000, failed], [41_000, failed]);
const now = (nowMs: number) => ({ intervalMs: 300_000, nowMs });
const fresh = probe('a', 0);
const good = probe('a', 0, [0, passed]);
const bad = probe('a', 0, [0, failed]);

describe('the steps in which a failing server is asked', () => {
  it('grow with each turn, and begin anew when a pod begins or ceases to fail', () => {
    const begun = afterAnswer(NOT_FAILING, { before: fresh, after: bad, othersFail: false, nowMs: 0 });
    expect(begun).toEqual({ misses: 1, missedMs: 0 });
    const on = afterAnswer({ misses: 7, missedMs: 0 }, { before: bad, after: bad, othersFail: true, nowMs: 9 });
    expect(on).toEqual({ misses: 8, missedMs: 9 });
    expect(afterAnswer(on, { before: good, after: bad, othersFail: true, nowMs: 10 })).toEqual({ misses: 1, missedMs: 10 });
    expect(afterAnswer(on, { before: bad, after: good, othersFail: true, nowMs: 10 })).toEqual({ misses: 1, missedMs: 10 });
  });

  it('do not begin anew because a pod that passes does so again, and end when none fails', () => {
    const on = { misses: 7, missedMs: 0 };
    expect(afterAnswer(on, { before: good, after: good, othersFail: true, nowMs: 9 })).toEqual(on);
    expect(afterAnswer(on, { before: good, after: good, othersFail: false, nowMs: 9 })).toEqual(NOT_FAILING);
  });

  it('are counted from the last turn, whenever they are looked at, and end with the grace of any pod', () => {
    expect(nextTurnInMs([bad], { misses: 6, missedMs: 100_000 }, now(100_000))).toBe(40_000);
    expect(nextTurnInMs([bad], { misses: 6, missedMs: 100_000 }, now(130_000))).toBe(10_000);
    expect(nextTurnInMs([bad], { misses: 6, missedMs: 100_000 }, now(200_000))).toBe(0);
    expect(nextTurnInMs([bad, probe('b', 85_000, [100_000, failed])], { misses: 6, missedMs: 100_000 }, now(100_000))).toBe(15_000);
  });
});

describe('whose turn it is', () => {
  it('is that of the pod which answered longest ago', () => {
    expect(pick([answered(settled('a'), 50_000), answered(settled('b'), 45_000)])?.probe.pod).toBe('b');
    expect(pick([])).toBeUndefined();
  });

  it('is before that the one which failed once, or was not asked since its grace ended', () => {
    const others = [answered(settled('a'), 50_000), answered(settled('b'), 45_000)];
    const once = probe('once', 0, [0, passed], [60_000, failed]);
    const young = probe('young', 50_000, [50_000, failed], [60_000, failed], [61_000, failed]);
    expect(pick([...others, answered(once, 60_000)])?.probe.pod).toBe('once');
    expect(pick([...others, answered(young, 61_000)])?.probe.pod).toBe('young');
  });

  it('is not for ever that of one whose failure does not count because it is held', () => {
    const lost: HandshakeResult = { outcome: 'Unknown', reason: 'Unreachable', message: 'refused' };
    const held = [1, 2, 3].reduce((before, turn) => withResult(before, lost, { nowMs: 50_000 + turn, held: true }), good);
    expect(pick([answered(held, 60_000), answered(settled('b'), 45_000)])?.probe.pod).toBe('b');
  });
});
