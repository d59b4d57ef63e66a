import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../kubernetes/errors.ts';
import { candidate, heldByOther, leader, LONG_AGO } from '../../support/candidate.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { MemoryLeases, type Fault } from '../../support/memory-leases.ts';

const AWAY = new ApiError('Network', 'connection refused');

describe('who stands by', () => {
  it('makes a Lease where there is none, and works', async () => {
    const { leases } = await leader();
    expect(leases.stored?.spec).toEqual({
      holderIdentity: 'me', leaseDurationSeconds: 15, acquireTime: '2030-01-01T00:00:00.000000Z', renewTime: '2030-01-01T00:00:00.000000Z', leaseTransitions: 0,
    });
    expect(leases.requests).toEqual(['GET', 'POST']);
  });

  it.each([LONG_AGO, '2099-01-01T00:00:00.000000Z'])('waits until it has seen the record unchanged for 15 s, though the clock of the holder says %s', async (renewTime) => {
    const leases = heldByOther();
    leases.write({ renewTime });
    const { clock, told } = candidate({ leases });
    await clock.advance(14_999);
    expect(told).toEqual([]);
    expect(new Set(leases.requests)).toEqual(new Set(['GET']));
    await clock.advance(1);
    expect(told).toEqual(['leads', 'works']);
    expect(leases.stored?.spec).toMatchObject({ holderIdentity: 'me', acquireTime: '2030-01-01T00:00:15.000000Z', leaseTransitions: 5 });
  });

  it('waits on while the holder renews, even by a clock that goes backwards', async () => {
    const leases = heldByOther();
    const { clock, told } = candidate({ leases });
    for (const year of [1998, 1997, 1996, 1995]) {
      await clock.advance(14_000);
      leases.write({ renewTime: `${year}-01-01T00:00:00.000000Z` });
    }
    await clock.advance(14_000);
    expect(told).toEqual([]);
    await clock.advance(4000);
    expect(told).toEqual(['leads', 'works']);
  });

  it('grants the holder as long as its record says', async () => {
    const { clock, told } = candidate({ leases: heldByOther(40) });
    await clock.advance(39_000);
    expect(told).toEqual([]);
    await clock.advance(1000);
    expect(told).toEqual(['leads', 'works']);
  });

  it('takes a released lease at its next look', async () => {
    const leases = heldByOther();
    const { clock, told } = candidate({ leases });
    await clock.advance(2500);
    leases.write({ holderIdentity: '', leaseDurationSeconds: 1 });
    await clock.advance(1500);
    expect(told).toEqual(['leads', 'works']);
    expect(leases.stored?.spec?.leaseTransitions).toBe(5);
  });

  it('looks again after 2 to 4.4 s', async () => {
    const { clock, leases } = candidate({ leases: heldByOther(), random: 0.999 });
    await clock.advance(4390);
    expect(leases.requests).toHaveLength(1);
    await clock.advance(10);
    expect(leases.requests).toHaveLength(2);
  });

  it('yields to another candidate that writes first', async () => {
    const clock = new FakeClock();
    for (const leases of [new MemoryLeases(), heldByOther()]) {
      if (leases.stored !== undefined) leases.write({ holderIdentity: '' });
      const both = ['a', 'b'].map((identity) => candidate({ leases, clock, identity }));
      await clock.advance(30_000);
      expect(both.map(({ told }) => told)).toContainEqual(['leads', 'works']);
      expect(both.map(({ told }) => told)).toContainEqual([]);
      expect(both.flatMap(({ warnings }) => warnings)).toEqual([]);
    }
  });

  it('tells once why it gets no answer, and goes on asking', async () => {
    const { clock, leases, told, warnings } = candidate();
    leases.fault = () => new ApiError('Forbidden', 'you may not');
    await clock.advance(9000);
    expect(warnings).toEqual(['the lease could not be asked for: you may not']);
    leases.fault = () => 'silent';
    await clock.advance(9000);
    expect(warnings).toEqual(['the lease could not be asked for: you may not', 'the lease could not be asked for: no answer within 5 s']);
    leases.fault = () => undefined;
    await clock.advance(9000);
    expect(told).toEqual(['leads', 'works']);
  });

  it('ends without a write and without working when it is stopped', async () => {
    const { stop, run, told, leases } = candidate({ leases: heldByOther() });
    await settle();
    stop.abort();
    await run;
    expect(told).toEqual(['ended']);
    expect(leases.requests).toEqual(['GET']);
  });

  it('ends at once when it is stopped while no answer comes', async () => {
    const { stop, run, told, leases } = candidate();
    leases.fault = () => 'silent';
    await settle();
    stop.abort();
    await run;
    expect(told).toEqual(['ended']);
  });

  it('releases a lease that it comes to hold while it is stopped', async () => {
    const answer = Promise.withResolvers<undefined>();
    const { stop, run, finish, leases } = candidate();
    leases.fault = (method) => (method === 'POST' ? answer.promise : undefined);
    await settle();
    stop.abort();
    answer.resolve(undefined);
    finish();
    await run;
    expect(leases.stored?.spec?.holderIdentity).toBe('');
  });
});

describe('who leads', () => {
  it('renews every 2 s with one request, and changes nothing but the time', async () => {
    const { clock, leases } = await leader();
    const before = leases.stored;
    await clock.advance(60_000);
    expect(leases.requests.slice(2)).toEqual(Array.from({ length: 30 }, () => 'PUT'));
    expect(leases.stored?.spec).toEqual({ ...before?.spec, renewTime: '2030-01-01T00:01:00.000000Z' });
  });

  it('renews a Lease that others label, and leaves the label there', async () => {
    const { clock, leases, told } = await leader();
    leases.write({}, { labels: { team: 'tools' } });
    await clock.advance(20_000);
    expect(leases.stored?.metadata.labels).toEqual({ team: 'tools' });
    expect(leases.stored?.spec).toMatchObject({ renewTime: '2030-01-01T00:00:20.000000Z', acquireTime: '2030-01-01T00:00:00.000000Z', leaseTransitions: 0 });
    expect(told).toEqual(['leads', 'works']);
  });

  it('makes a deleted Lease anew, and takes back one without holder', async () => {
    const { clock, leases, told } = await leader();
    leases.stored = undefined;
    await clock.advance(2000);
    expect(leases.stored).toMatchObject({ spec: { holderIdentity: 'me', leaseTransitions: 0 } });
    leases.write({ holderIdentity: '' });
    await clock.advance(2000);
    expect(leases.stored).toMatchObject({ spec: { holderIdentity: 'me', leaseTransitions: 1 } });
    expect(told).toEqual(['leads', 'works']);
  });

  it.each<[string, (clock: FakeClock) => Fault, string]>([
    ['is refused', () => AWAY, 'connection refused'],
    ['stays without answer', () => 'silent', 'no answer within 5 s'],
    ['is refused or stays without answer', (clock) => (clock.now() < 29_000 ? AWAY : 'silent'), 'no answer within 2 s'],
  ])('stops when a renewal is overdue for 10 s, because every attempt %s', async (_, fault, why) => {
    const { clock, leases, told } = await leader();
    await clock.advance(20_500);
    leases.fault = () => fault(clock);
    await clock.advance(11_499);
    expect(told).toEqual(['leads', 'works']);
    await clock.advance(1);
    expect(told.slice(2)).toEqual(['leads no more', `lost the lease system/operator: it could not be renewed for 10 s: ${why}`]);
    const sent = leases.requests.length;
    leases.fault = () => undefined;
    await clock.advance(60_000);
    expect(leases.requests).toHaveLength(sent);
  });

  it('goes on when it can renew again in time', async () => {
    const { clock, leases, told, warnings } = await leader();
    leases.fault = () => AWAY;
    await clock.advance(9500);
    leases.fault = () => undefined;
    await clock.advance(60_000);
    expect(told).toEqual(['leads', 'works']);
    expect(warnings).toEqual(['the lease was not renewed: connection refused']);
  });

  it('stops as soon as it sees another holder, and writes nothing any more', async () => {
    const { clock, leases, told } = await leader();
    leases.write({ holderIdentity: 'other' });
    const version = leases.stored?.metadata.resourceVersion;
    await clock.advance(2000);
    expect(told.slice(2)).toEqual(['leads no more', 'lost the lease system/operator: other holds it now']);
    await clock.advance(60_000);
    expect(leases.stored?.metadata.resourceVersion).toBe(version);
  });
});

describe('who must not hold the lease for now', () => {
  const HINDRANCE = 'the other one is silent';

  it('does not ask for it, says why once, and takes it later', async () => {
    let hindrance: string | undefined = HINDRANCE;
    const { clock, leases, told, warnings } = candidate({ hindrance: () => hindrance });
    await clock.advance(20_000);
    expect(leases.requests).toEqual([]);
    expect(warnings).toEqual([`the lease could not be asked for: ${HINDRANCE}`]);
    hindrance = undefined;
    await clock.advance(2000);
    expect(told).toEqual(['leads', 'works']);
  });

  it('renews it no more, and goes on when it may again in time', async () => {
    let hindrance: string | undefined;
    const { clock, leases, told } = await leader({ hindrance: () => hindrance });
    await clock.advance(2000);
    hindrance = HINDRANCE;
    await clock.advance(9500);
    expect(leases.stored?.spec?.renewTime).toBe('2030-01-01T00:00:02.000000Z');
    hindrance = undefined;
    await clock.advance(20_000);
    expect(leases.stored?.spec?.renewTime).toBe('2030-01-01T00:00:30.000000Z');
    expect(told).toEqual(['leads', 'works']);
  });

  it('loses it when a renewal is overdue for 10 s', async () => {
    let hindrance: string | undefined;
    const { clock, leases, told } = await leader({ hindrance: () => hindrance });
    hindrance = HINDRANCE;
    await clock.advance(12_000);
    expect(told.slice(2)).toEqual(['leads no more', `lost the lease system/operator: it could not be renewed for 10 s: ${HINDRANCE}`]);
    expect(leases.stored?.spec?.renewTime).toBe('2030-01-01T00:00:00.000000Z');
  });

  it('may release it all the same', async () => {
    let hindrance: string | undefined;
    const { leases, stop, finish, run } = await leader({ hindrance: () => hindrance });
    hindrance = HINDRANCE;
    stop.abort();
    finish();
    await run;
    expect(leases.stored?.spec?.holderIdentity).toBe('');
  });
});

it('who leads tells of each renewal when it was sent, and of those that failed nothing', async () => {
  const { clock, leases, renewals } = await leader();
  await clock.advance(4000);
  leases.fault = () => AWAY;
  await clock.advance(4000);
  leases.fault = () => undefined;
  await clock.advance(2000);
  expect(renewals).toEqual([0, 2000, 4000, 10_000]);
});
