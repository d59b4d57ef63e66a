import { describe, expect, it } from 'vitest';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { differs, newProbe, nextProbeInMs, withResult, type PodProbe } from '../../../reconciler/verification/pod-probe.ts';

const passed: HandshakeResult = { outcome: 'Passed', reason: 'Verified', message: 'fine', server: { protocolVersions: ['2025-11-25'], sessions: 'Stateless' } };
const failed: HandshakeResult = { outcome: 'Failed', reason: 'WrongPath', message: 'POST /mcp was answered with HTTP 404' };
const unknown: HandshakeResult = { outcome: 'Unknown', reason: 'Unreachable', message: 'refused' };

function after(...results: [atMs: number, result: HandshakeResult][]): PodProbe {
  return results.reduce((probe, [at, result]) => withResult(probe, result, { nowMs: at }), newProbe('a', { nowMs: 0, inherited: false }));
}

const inMs = (probe: PodProbe, nowMs: number, intervalMs = 300_000): number => nextProbeInMs(probe, { intervalMs, nowMs, random: 0.5 });

const as = (name: string, version: string): HandshakeResult => ({
  ...passed,
  message: `${name} ${version} speaks MCP 2025-11-25.`,
  server: { protocolVersions: ['2025-11-25'], sessions: 'Stateless', name, version },
});

describe('what counts about a pod', () => {
  it('is a pass, at once', () => {
    expect(after([0, passed]).settled).toEqual(passed);
  });

  it('is not a failure within the grace of 30 s, however often it is repeated', () => {
    expect(after([0, failed], [1000, failed], [29_999, failed]).settled).toBeUndefined();
  });

  it('is a failure found twice in a row, the second time after the grace', () => {
    expect(after([29_000, failed], [30_000, failed]).settled).toEqual(failed);
    expect(after([40_000, failed]).settled).toBeUndefined();
    expect(after([40_000, failed], [41_000, unknown], [42_000, failed]).settled).toBeUndefined();
  });

  it.each([['failure', failed], ['lost handshake', unknown]])('is not one %s after a pass, but a second', (_name, miss) => {
    expect(after([0, passed], [300_000, miss]).settled).toEqual(passed);
    expect(after([0, passed], [300_000, miss], [301_000, miss]).settled).toEqual(miss);
  });

  it('is a hang at once where it explains the silence of the handshake before', () => {
    const silent = { ...unknown, silent: true } as const;
    const hang = { ...failed, reason: 'Hang', silent: true } as const;
    const first = withResult(after([0, passed]), silent, { nowMs: 300_000, held: true });
    expect(first).toMatchObject({ settled: passed, latest: silent, silentSinceMs: 300_000 });
    expect(withResult(first, hang, { nowMs: 340_000 })).toMatchObject({ settled: hang, silentSinceMs: 300_000 });
    expect(withResult(first, failed, { nowMs: 340_000 })).toMatchObject({ settled: passed, silentSinceMs: undefined });
  });

  it('is a pass again as soon as one comes', () => {
    expect(after([0, failed], [60_000, failed], [61_000, passed]).settled).toEqual(passed);
  });
});

describe('the next handshake with a pod', () => {
  it('comes at once for a new pod', () => {
    expect(inMs(newProbe('a', { nowMs: 0, inherited: false }), 0)).toBe(0);
  });

  it('comes after the interval, ten percent more or less, once it passed', () => {
    const delays = [0, 0.5, 1].map((random) => nextProbeInMs(after([0, passed]), { intervalMs: 300_000, nowMs: 0, random }));
    expect(delays).toEqual([270_000, 300_000, 330_000]);
  });

  it.each([failed, unknown])('comes after 1, 2, 5, 10, 20 s and so on up to the interval while it does not pass', (miss) => {
    let probe = newProbe('a', { nowMs: -1_000_000, inherited: false });
    const delays = Array.from({ length: 10 }, () => {
      probe = withResult(probe, miss, { nowMs: 0 });
      return inMs(probe, 0) / 1000;
    });
    expect(delays).toEqual([1, 2, 5, 10, 20, 40, 80, 160, 300, 300]);
    expect(inMs(probe, 0, 30_000)).toBe(30_000);
  });

  it('comes soon for a server that has begun to start, however often it did not pass before', () => {
    const starting: HandshakeResult = { outcome: 'Unknown', reason: 'Starting', message: 'being started' };
    const misses = Array.from({ length: 6 }, (_, index): [number, HandshakeResult] => [40_000 + index, unknown]);
    expect([inMs(after(...misses), 50_000), inMs(after(...misses, [50_000, starting]), 50_000)]).toEqual([40_000, 1000]);
    expect(inMs(after(...misses, [50_000, starting], [51_000, starting]), 51_000)).toBe(2000);
  });

  it('comes when the grace ends, if a longer step would pass that by', () => {
    expect(inMs(after([0, failed], [1000, failed], [3000, failed], [28_000, failed]), 28_000)).toBe(2000);
  });
});

describe('a change worth telling', () => {
  it('is the first finding, and a failure that comes to count', () => {
    const first = after([0, failed]);
    const second = withResult(first, failed, { nowMs: 1000 });
    expect(differs(newProbe('a', { nowMs: 0, inherited: false }), first)).toBe(true);
    expect(differs(first, second)).toBe(false);
    expect(differs(second, withResult(second, failed, { nowMs: 30_000 }))).toBe(true);
  });

  it('is not the same finding in a message with another number or id', () => {
    const first = after([0, { ...failed, message: 'request 4711-afe0-99 failed with 404' }]);
    expect(differs(first, withResult(first, { ...failed, message: 'request 4712-afe1-00 failed with 404' }, { nowMs: 1000 }))).toBe(false);
  });

  it('is not the same server with the time or an id of the moment in its name or version', () => {
    const first = after([0, as('demo 6f1c1a52-9d0e-4f0b-8a53-0e9f7a4d2b11', '1.0.1795902385123')]);
    expect(differs(first, withResult(first, as('demo 0e9f7a4d-2b11-4f0b-8a53-6f1c1a529d0e', '1.0.1795902389999'), { nowMs: 1000 }))).toBe(false);
    expect(differs(first, withResult(first, as('demo 6f1c1a52-9d0e-4f0b-8a53-0e9f7a4d2b11', '1.1.1795902385123'), { nowMs: 1000 }))).toBe(true);
  });

  it('is another status code, count or address in the message', () => {
    for (const [one, other] of [['HTTP 404', 'HTTP 503'], ['2 of 3 pods', '1 of 3 pods'], ['10.0.0.5:8080', '10.0.0.6:8080']]) {
      const first = after([0, { ...failed, message: `refused: ${one}` }]);
      expect(differs(first, withResult(first, { ...failed, message: `refused: ${other}` }, { nowMs: 1000 }))).toBe(true);
    }
  });

  it('is another server in the same pod', () => {
    const first = after([0, passed]);
    const server = { protocolVersions: ['2026-07-28'], sessions: 'Stateless' as const };
    expect(differs(first, withResult(first, { ...passed, server }, { nowMs: 1000 }))).toBe(true);
  });
});
