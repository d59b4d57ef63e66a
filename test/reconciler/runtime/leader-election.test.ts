import { onTestFinished, describe, expect, it } from 'vitest';
import { ApiError } from '../../../kubernetes/errors.ts';
import { LeaderElector, LeaseLostError } from '../../../reconciler/runtime/leader-election.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { MemoryLeases, type Fault } from '../../support/memory-leases.ts';

const LEASE = { namespace: 'system', name: 'operator' };
const AWAY = new ApiError('Network', 'connection refused');
const LONG_AGO = '1999-01-01T00:00:00.000000Z';

interface Setting {
  readonly leases?: MemoryLeases;
  readonly clock?: FakeClock;
  readonly identity?: string;
  readonly random?: number;
}

/** A candidate that works until `finish` is called. What happens to it stands in `told`. */
function candidate({ leases = new MemoryLeases(), clock = new FakeClock(), identity = 'me', random = 0 }: Setting = {}) {
  const told: string[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  const work = Promise.withResolvers<void>();
  const log = { info: () => undefined, warn: (fields: { reason?: string }, message: string) => void warnings.push(`${message}: ${fields.reason}`) };
  const elector = new LeaderElector({
    client: leases, lease: LEASE, identity, clock, random: () => random, log: log as never,
    onLeading: (leading) => told.push(leading ? 'leads' : 'leads no more'), onRunningOut: () => told.push('runs out'),
  });
  const run = elector.run(stop.signal, () => {
    told.push('works');
    return work.promise;
  }).then(() => void told.push('ended'), (error: unknown) => void told.push(error instanceof LeaseLostError ? error.message : String(error)));
  onTestFinished(() => work.resolve());
  return { leases, clock, elector, told, warnings, stop, run, finish: () => work.resolve(), fail: (error: Error) => work.reject(error) };
}

/** A candidate that leads since second 0. */
async function leader(setting: Setting = {}): Promise<ReturnType<typeof candidate>> {
  const on = candidate(setting);
  await settle();
  expect(on.told).toEqual(['leads', 'works']);
  return on;
}

/** A Lease that somebody else holds. */
function heldByOther(seconds = 15): MemoryLeases {
  const leases = new MemoryLeases();
  leases.write({ holderIdentity: 'other', leaseDurationSeconds: seconds, acquireTime: LONG_AGO, renewTime: LONG_AGO, leaseTransitions: 4 });
  return leases;
}

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
    await clock.advance(15_999);
    expect(told).toEqual([]);
    expect(new Set(leases.requests)).toEqual(new Set(['GET']));
    await clock.advance(1);
    expect(told).toEqual(['leads', 'works']);
    expect(leases.stored?.spec).toMatchObject({ holderIdentity: 'me', acquireTime: '2030-01-01T00:00:16.000000Z', leaseTransitions: 5 });
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

describe('who is stopped while it asks for the lease', () => {
  /** The API server writes the Lease, and its answer is lost. */
  function unanswered() {
    const on = candidate();
    on.leases.fault = (method) => {
      if (method !== 'POST') return undefined;
      on.leases.write({ holderIdentity: 'me', leaseDurationSeconds: 15 });
      on.stop.abort();
      return 'silent';
    };
    return on;
  }

  it('gives back a lease that it may hold without knowing', async () => {
    const { clock, leases, run, told } = unanswered();
    await clock.advance(5000);
    await run;
    expect(told).toEqual(['ended']);
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

  it('goes on renewing while its work ends, and releases only then', async () => {
    const { clock, leases, told, stop, run, finish } = await leader();
    stop.abort();
    await clock.advance(40_000);
    expect(leases.stored?.spec).toMatchObject({ holderIdentity: 'me', renewTime: '2030-01-01T00:00:40.000000Z' });
    expect(told).toEqual(['leads', 'works']);
    finish();
    await run;
    expect(leases.stored?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(told.slice(2)).toEqual(['leads no more', 'ended']);
    expect(clock.pending).toBe(0);
  });

  it('releases nothing that it no longer holds', async () => {
    const { leases, stop, run, finish } = await leader();
    leases.write({ holderIdentity: 'other' });
    stop.abort();
    finish();
    await run;
    expect(leases.stored?.spec?.holderIdentity).toBe('other');
  });

  it('tries on to release for 10 s, and no longer', async () => {
    const { clock, leases, told, warnings, stop, run, finish } = await leader();
    leases.fault = () => 'silent';
    stop.abort();
    finish();
    await clock.advance(9999);
    expect(told).not.toContain('ended');
    await clock.advance(1);
    await run;
    expect(told).toContain('ended');
    expect(warnings).toEqual([expect.stringContaining('the lease could not be released')]);
    expect(clock.pending).toBe(0);
  });

  it.each<[string, Fault]>([['is refused a connection', AWAY], ['gets no answer', 'silent'], ['meets a Conflict', new ApiError('Conflict', 'it has been modified')]])('releases when it first %s', async (_, fault) => {
    const { clock, leases, stop, run, finish } = await leader();
    let left = 2;
    leases.fault = (method) => (method === 'PUT' && left-- > 1 ? fault : undefined);
    stop.abort();
    finish();
    await clock.advance(6000);
    await run;
    expect(leases.stored?.spec?.holderIdentity).toBe('');
    expect(clock.pending).toBe(0);
  });

  it('does not try on to release what it may not write', async () => {
    const { leases, told, stop, run, finish } = await leader();
    leases.fault = () => new ApiError('Forbidden', 'you may not');
    stop.abort();
    finish();
    await run;
    expect(told.at(-1)).toBe('ended');
    expect(leases.requests.slice(2)).toEqual(['GET']);
  });

  it('keeps the lease when its work fails, for what failed may still write', async () => {
    const { leases, told, run, fail } = await leader();
    fail(new Error('half of it still runs'));
    await run;
    expect(told.at(-1)).toBe('Error: half of it still runs');
    expect(leases.stored?.spec?.holderIdentity).toBe('me');
  });

  it('tells work that ends 3 s before the lease is lost that it cannot be renewed, and then loses it', async () => {
    const { clock, leases, told, stop } = await leader();
    stop.abort();
    leases.fault = () => AWAY;
    await clock.advance(8999);
    expect(told).toEqual(['leads', 'works']);
    await clock.advance(1);
    expect(told.slice(2)).toEqual(['runs out']);
    await clock.advance(3000);
    expect(told.at(-1)).toContain('could not be renewed for 10 s');
  });

  it('is told at once when it begins to end with a lease about to be lost, and ends in good order', async () => {
    const { clock, leases, told, stop, run, finish } = await leader();
    leases.fault = () => AWAY;
    await clock.advance(11_000);
    stop.abort();
    expect(told.slice(2)).toEqual(['runs out']);
    finish();
    await clock.advance(10_000);
    await run;
    expect(told.slice(3)).toEqual(['leads no more', 'ended']);
  });

  it('is told nothing while it can renew', async () => {
    const { clock, told, stop } = await leader();
    stop.abort();
    await clock.advance(60_000);
    expect(told).toEqual(['leads', 'works']);
  });
});

describe('the health of a candidate', () => {
  it('is doubted only when it leads and renewed its lease more than 35 s ago', async () => {
    const standby = candidate({ leases: heldByOther() });
    standby.leases.fault = () => 'stuck';
    await standby.clock.advance(60_000);
    expect(standby.elector.check()).toBeUndefined();
    const { clock, leases, elector } = await leader();
    leases.fault = () => 'stuck';
    await clock.advance(35_000);
    expect(elector.check()).toBeUndefined();
    await clock.advance(1000);
    expect(elector.check()).toBe('leads, though its lease was last renewed 36 s ago');
  });
});
