import { describe, expect, it } from 'vitest';
import { unstartedAmong, unstartedOf, type Unstarted } from '../../../reconciler/status/unstarted.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { newProbe, withResult, type PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import { PASSED, podObject, UNREACHABLE } from './situations.ts';

const FAILED: HandshakeResult = { outcome: 'Failed', reason: 'ChildNotStarted', message: 'It ends.' };
const STARTING: HandshakeResult = { outcome: 'Unknown', reason: 'Starting', message: 'It starts.' };
const STORED = { verified: { status: 'False', reason: 'ChildNotStarted', message: 'It ended.' }, available: 'False', current: true } as const;

/** A pod whose answers come ten seconds apart. */
function pod(name: string, answers: readonly HandshakeResult[], { inherited = false } = {}): PodProbe {
  const first = newProbe(name, { nowMs: 0, inherited });
  return answers.reduce((probe, result, index) => withResult(probe, result, { nowMs: (index + 1) * 10_000 }), first);
}

/** What is told of all pods together. */
const shown = (found: readonly Unstarted[]): Unstarted | undefined => unstartedAmong(['a', 'b'].map((name) => podObject(name)), found);

describe('a stdio server does not start', () => {
  it.each<[string, PodProbe[], Unstarted | undefined]>([
    ['no pod is not ready', [], undefined],
    ['it was not asked yet', [pod('a', [])], undefined],
    ['it was found once', [pod('a', [FAILED])], { pod: 'a', message: 'It ends.', settled: false }],
    ['it was found for half a minute', [pod('a', [FAILED, FAILED, FAILED])], { pod: 'a', message: 'It ends.', settled: true }],
    ['it is being tried again', [pod('a', [FAILED, FAILED, FAILED, STARTING])], { pod: 'a', message: 'It ends.', settled: true }],
    ['it started in the end', [pod('a', [FAILED, FAILED, FAILED, PASSED])], undefined],
    ['it cannot be asked', [pod('a', [UNREACHABLE, UNREACHABLE])], undefined],
    ['one of two settled', [pod('a', [FAILED]), pod('b', [FAILED, FAILED, FAILED])], { pod: 'b', message: 'It ends.', settled: true }],
    ['the first of two counts', [pod('b', [FAILED]), pod('a', [FAILED])], { pod: 'a', message: 'It ends.', settled: false }],
  ])('%s', (_name, probes, expected) => {
    expect(shown(unstartedOf(probes, undefined))).toEqual(expected);
  });

  it.each<[string, PodProbe[], Unstarted | undefined]>([
    ['it was not asked yet', [pod('a', [], { inherited: true })], { pod: 'a', message: 'It ended.', settled: true }],
    ['it is being tried again', [pod('a', [STARTING], { inherited: true })], { pod: 'a', message: 'It ended.', settled: true }],
    ['it says the same', [pod('a', [FAILED], { inherited: true })], { pod: 'a', message: 'It ends.', settled: true }],
    ['it starts now', [pod('a', [PASSED], { inherited: true })], undefined],
    ['the pod came later', [pod('a', [])], undefined],
  ])('after a restart of the operator, what is stored stands until there is other evidence: %s', (_name, probes, expected) => {
    expect(shown(unstartedOf(probes, STORED))).toEqual(expected);
  });

  it('of other pods nothing is told', () => {
    expect(unstartedAmong([podObject('b')], unstartedOf([pod('a', [FAILED]), pod('b', [])], undefined))).toBeUndefined();
    expect(unstartedAmong([podObject('b')])).toBeUndefined();
  });
});
