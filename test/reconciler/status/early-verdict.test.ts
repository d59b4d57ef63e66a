// What the first handshakes find of a server that has just started is not told for ten seconds.
import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../../reconciler/kinds.ts';
import { earlyLookMs, patientVerdict } from '../../../reconciler/status/early-verdict.ts';
import { verdict, type Verdict } from '../../../reconciler/verification/verdict.ts';

const START = '2030-01-01T00:00:00Z';
const at = (seconds: number): Date => new Date(Date.parse(START) + seconds * 1000);
const pod = (name: string, startedAt: string): PodObject => (
  { metadata: { name }, status: { containerStatuses: [{ name: 'mcp-server', ready: true, state: { running: { startedAt } } }] } });
const PODS = [pod('old', '2029-12-31T23:00:00Z'), pod('new', START)];

const FAILED = { outcome: 'Failed', reason: 'WrongPath', message: 'POST /mcp was answered with HTTP 404.' } as const;
const SILENT = { outcome: 'Unknown', reason: 'Unreachable', message: 'The server could not be asked: HTTP 503.' } as const;
const probe = { pod: 'new', firstSeenMs: 0, inherited: false, streak: 1, misses: 1 };
const failing: Verdict = verdict([{ ...probe, latest: FAILED }]);
const unheard: Verdict = verdict([{ ...probe, latest: SILENT }]);
const good: Verdict = { verified: 'True', reason: 'Verified', message: 'a 1 speaks MCP.', available: true };
const bad: Verdict = { verified: 'False', reason: 'WrongPath', message: 'as seen', available: false };

describe('in its first ten seconds', () => {
  it.each([['fails', failing], ['is not heard of', unheard]])('a server that %s is not asked yet, as far as is told, and then it is told', (_name, found) => {
    const early = patientVerdict(found, PODS, at(9));
    expect(early).toMatchObject({ verified: 'Unknown', reason: 'NotYetProbed' });
    expect(early?.pending?.reason ?? 'NotYetProbed').toBe('NotYetProbed');
    expect(earlyLookMs(found, PODS, at(9))).toBe(1000);
    expect(patientVerdict(found, PODS, at(10))).toBe(found);
    expect(earlyLookMs(found, PODS, at(10))).toBeUndefined();
  });

  it.each([['is verified', good], ['failed before', bad], ['is not asked', undefined]])('a server that %s is told as it is', (_name, found) => {
    expect(patientVerdict(found, PODS, at(1))).toBe(found);
    expect(earlyLookMs(found, PODS, at(1))).toBeUndefined();
  });

  it('what stands in the way of a verified server is not told either', () => {
    const pending: Verdict = { ...good, pending: FAILED };
    expect(patientVerdict(pending, PODS, at(1))).toMatchObject({ verified: 'True', reason: 'Verified', pending: { reason: 'NotYetProbed' } });
  });
});
