import { describe, expect, it } from 'vitest';
import type { Failed, HandshakeResult, Passed, Unknown } from '../../../reconciler/verification/handshake-result.ts';
import type { PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import { verdict, type StoredVerdict } from '../../../reconciler/verification/verdict.ts';

const stateless: Passed = { outcome: 'Passed', reason: 'Verified', message: 'fine', server: { name: 's', protocolVersions: ['2025-11-25'], sessions: 'Stateless' } };
const stateful: Passed = { ...stateless, server: { name: 's', protocolVersions: ['2025-11-25'], sessions: 'Stateful' } };
const guarded: Passed = { outcome: 'Passed', reason: 'AuthRequired', message: '401' };
const wrongPath: Failed = { outcome: 'Failed', reason: 'WrongPath', message: '404' };
const unreachable: Unknown = { outcome: 'Unknown', reason: 'Unreachable', message: 'refused' };

/** A pod about which `settled` stands. */
const pod = (pod: string, settled: HandshakeResult): PodProbe => ({ ...fresh(pod), latest: settled, settled });
/** A pod whose `latest` result does not count yet; without one it was never asked. */
function fresh(pod: string, latest?: HandshakeResult, inherited = false): PodProbe {
  return { pod, inherited, firstSeenMs: 0, streak: 0, misses: 0, ...(latest === undefined ? {} : { latest }) };
}
const stored = (status: 'True' | 'False' | 'Unknown', reason: string, current = true): StoredVerdict =>
  ({ verified: { status, reason, message: 'as stored' }, available: status, current });
const kept = { reason: 'Verified', message: 'as stored' };

describe('the verdict on what the pods say', () => {
  it('is NotYetProbed, and nothing is available, without a serving pod', () => {
    expect(verdict([], stored('True', 'Verified'))).toMatchObject({ verified: 'Unknown', reason: 'NotYetProbed', available: false });
  });

  it('is NotYetProbed while no new pod was asked', () => {
    expect(verdict([fresh('a')])).toMatchObject({ verified: 'Unknown', reason: 'NotYetProbed', available: false });
  });

  it('is Verified when a pod passed and none failed, with what it says about itself', () => {
    expect(verdict([pod('a', stateless), pod('b', unreachable), fresh('c')])).toEqual({
      verified: 'True', reason: 'Verified', message: 'fine', available: true, server: stateless.server,
    });
  });

  it('is AuthRequired when every pod that passed demands authentication', () => {
    expect(verdict([pod('a', guarded)])).toEqual({ verified: 'True', reason: 'AuthRequired', message: '401', available: true });
    expect(verdict([pod('a', guarded), pod('b', stateless)])).toMatchObject({ verified: 'True', reason: 'Verified' });
  });

  it('takes a server for stateful as soon as one pod keeps sessions', () => {
    expect(verdict([pod('a', stateless), pod('b', stateful)]).server?.sessions).toBe('Stateful');
  });

  it('is PartiallyVerified, yet available, when some passed and some failed, naming the pod', () => {
    expect(verdict([pod('a', stateless), pod('b', wrongPath)])).toMatchObject({
      verified: 'False', reason: 'PartiallyVerified', message: 'Pod b fails the handshake while others pass. 404', available: true,
    });
  });

  it('is the failure when all failed', () => {
    expect(verdict([pod('a', wrongPath)])).toEqual({ verified: 'False', reason: 'WrongPath', message: '404', available: false });
  });

  it('does not know what is available when the pods that did not fail cannot be asked', () => {
    expect(verdict([pod('a', wrongPath), pod('b', unreachable)])).toMatchObject({ verified: 'False', available: 'Unknown' });
  });

  it('is Unknown with the reason when no pod could be asked', () => {
    expect(verdict([pod('a', unreachable)])).toEqual({ verified: 'Unknown', reason: 'Unreachable', message: 'refused', available: 'Unknown' });
    expect(verdict([fresh('a', unreachable)], stored('True', 'Verified'))).toMatchObject({ verified: 'Unknown', reason: 'Unreachable' });
  });

  it('does not depend on the order of the pods', () => {
    const pods = [pod('b', stateful), pod('a', { ...stateless, message: 'first' }), pod('c', wrongPath)];
    expect(verdict(pods)).toEqual(verdict(pods.toReversed()));
  });
});

describe('what the first handshake with a new pod finds', () => {
  it('stands as pending at once, without turning Verified to False', () => {
    expect(verdict([fresh('a', wrongPath)])).toMatchObject({
      verified: 'Unknown', reason: 'NotYetProbed', available: false, pending: { reason: 'WrongPath', message: '404' },
    });
  });

  it('keeps what was verified before an update, but neither Ready nor available', () => {
    expect(verdict([fresh('a', wrongPath)], stored('True', 'Verified'))).toEqual({
      verified: 'True', ...kept, available: false, pending: { reason: 'WrongPath', message: '404' },
    });
  });

  it('does not disturb a server of which other pods pass', () => {
    const result = verdict([pod('a', stateless), fresh('b', wrongPath)]);
    expect(result).toMatchObject({ verified: 'True', available: true });
    expect(result.pending).toBeUndefined();
  });
});

describe('what is stored', () => {
  it.each([['True', 'Verified'], ['False', 'Hang'], ['False', 'PartiallyVerified'], ['Unknown', 'Unreachable']] as const)(
    'stands after a restart of the operator until the pods were asked: %s %s', (status, reason) => {
      const before = stored(status, reason);
      const result = verdict([fresh('a', undefined, true), fresh('b', wrongPath, true)], before);
      expect(result).toEqual({ verified: status, reason, message: 'as stored', available: { True: true, False: false, Unknown: 'Unknown' }[status] });
    });

  it('stands for new pods too, but they must be asked before Ready', () => {
    expect(verdict([fresh('a')], stored('True', 'Verified'))).toEqual({
      verified: 'True', ...kept, available: true, pending: { reason: 'NotYetProbed', message: expect.any(String) },
    });
  });

  it('about an older generation does not make the pods Ready that a restarted operator finds', () => {
    expect(verdict([fresh('a', undefined, true)], stored('True', 'Verified', false)).pending).toMatchObject({ reason: 'NotYetProbed' });
  });

  it('survives one bad handshake after a restart, but not a second', () => {
    expect(verdict([fresh('a', wrongPath, true)], stored('True', 'Verified'))).toEqual({ verified: 'True', ...kept, available: true });
    expect(verdict([{ ...pod('a', wrongPath), inherited: true }], stored('True', 'Verified'))).toMatchObject({ verified: 'False', reason: 'WrongPath' });
  });

  it('as failed stays failed while the pod still fails after a restart', () => {
    expect(verdict([fresh('a', wrongPath, true)], stored('False', 'WrongPath'))).toMatchObject({ verified: 'False', reason: 'WrongPath', available: false });
  });

  it('as failed stands after a restart while nothing is heard of the pod, until that counts', () => {
    expect(verdict([fresh('a', unreachable, true)], stored('False', 'Hang'))).toMatchObject({ verified: 'False', reason: 'Hang', message: 'as stored' });
    expect(verdict([{ ...pod('a', unreachable), inherited: true }], stored('False', 'Hang'))).toMatchObject({ verified: 'Unknown', reason: 'Unreachable' });
    expect(verdict([fresh('a', unreachable)], stored('False', 'Hang'))).toMatchObject({ verified: 'Unknown', reason: 'Unreachable' });
  });

  it.each(['Disabled', 'ScaledToZero', 'NotYetProbed'])('as Unknown because of %s says nothing', (reason) => {
    expect(verdict([fresh('a', undefined, true)], stored('Unknown', reason))).toMatchObject({ verified: 'Unknown', reason: 'NotYetProbed' });
  });
});
