import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../kubernetes/errors.ts';
import { candidate, leader } from '../../support/candidate.ts';
import type { Fault } from '../../support/memory-leases.ts';

const AWAY = new ApiError('Network', 'connection refused');

/** Whom the API server writes down as the holder, and whom its answer does not reach. */
function unanswered(): ReturnType<typeof candidate> {
  const on = candidate();
  on.leases.fault = (method) => {
    if (method !== 'POST') return undefined;
    on.leases.write({ holderIdentity: 'me', leaseDurationSeconds: 15 });
    on.stop.abort();
    return 'silent';
  };
  return on;
}

describe('who is stopped while it asks for the lease', () => {
  it('gives back a lease that it may hold without knowing', async () => {
    const { clock, leases, run, told } = unanswered();
    await clock.advance(5000);
    await run;
    expect(told).toEqual(['ended']);
    expect(leases.stored?.spec?.holderIdentity).toBe('');
  });
});

describe('who leads and ends', () => {
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
