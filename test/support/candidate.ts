// A candidate for one Lease in memory: what a test does to it, and what happens to it.
import { expect, onTestFinished } from 'vitest';
import { LeaderElector, LeaseLostError } from '../../reconciler/runtime/leader-election.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { MemoryLeases } from './memory-leases.ts';

const LEASE = { namespace: 'system', name: 'operator' };
/** A time that says nothing. */
export const LONG_AGO = '1999-01-01T00:00:00.000000Z';

interface Setting {
  readonly leases?: MemoryLeases;
  readonly clock?: FakeClock;
  readonly identity?: string;
  readonly random?: number;
  readonly hindrance?: () => string | undefined;
}

/** A candidate that works until `finish` is called. What happens to it stands in `told`. */
export function candidate({ leases = new MemoryLeases(), clock = new FakeClock(), identity = 'me', random = 0, hindrance }: Setting = {}) {
  const told: string[] = [];
  const warnings: string[] = [];
  const renewals: number[] = [];
  const stop = new AbortController();
  const work = Promise.withResolvers<void>();
  const log = {
    info: () => undefined,
    warn: (fields: { reason?: string }, message: string) => void warnings.push(`${message}: ${fields.reason}`),
  };
  const elector = new LeaderElector({
    client: leases, lease: LEASE, identity, clock, random: () => random, log: log as never,
    onLeading: (leading) => told.push(leading ? 'leads' : 'leads no more'), onRunningOut: () => told.push('runs out'),
    hindrance, onRenewed: (sentMs) => renewals.push(sentMs),
  });
  const run = elector.run(stop.signal, () => {
    told.push('works');
    return work.promise;
  }).then(() => void told.push('ended'), (error: unknown) => void told.push(error instanceof LeaseLostError ? error.message : String(error)));
  onTestFinished(() => work.resolve());
  return { leases, clock, told, warnings, renewals, stop, run, finish: () => work.resolve(), fail: (error: Error) => work.reject(error) };
}

/** A candidate that leads since second 0. */
export async function leader(setting: Setting = {}): Promise<ReturnType<typeof candidate>> {
  const on = candidate(setting);
  await settle();
  expect(on.told).toEqual(['leads', 'works']);
  return on;
}

/** A Lease that somebody else holds. */
export function heldByOther(seconds = 15): MemoryLeases {
  const leases = new MemoryLeases();
  leases.write({ holderIdentity: 'other', leaseDurationSeconds: seconds, acquireTime: LONG_AGO, renewTime: LONG_AGO, leaseTransitions: 4 });
  return leases;
}
