// Servers of which nothing is heard through the API server: they may hang, and the API server may have no way to them.
import { describe, expect, it } from 'vitest';
import type { PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import { fleet, names, of, start } from './verifier-fleet.ts';

const INTERVAL_MS = 300_000;

describe('when verified servers fall silent through the API server', () => {
  it.each(['is silent', 'is cut off'] as const)('the operator suspects itself if they are more than half and at least five, and what was known stands: each %s', async (does) => {
    const { clock, verifier, all, make, outcome, held, patiently } = await fleet(8);
    make(does, ...all.slice(0, 5));
    await clock.advance(3 * INTERVAL_MS);
    expect(patiently).toEqual([]);
    expect(all.map(outcome)).toEqual(all.map(() => 'Passed'));
    expect([held.toSorted(), verifier.held()]).toEqual([all.slice(0, 5).map((name) => `ns/${name}`), 5]);
  });

  it('those out of reach by the word of the API server count with them', async () => {
    const { clock, verifier, all, make, outcome } = await fleet(8);
    make('is silent', 's0', 's1', 's2');
    make('cannot be reached', 's3', 's4');
    await clock.advance(3 * INTERVAL_MS);
    expect([all.map(outcome), verifier.held()]).toEqual([all.map(() => 'Passed'), 5]);
  });

  it('the operator believes again what it hears once the way is back, and what it held is as it was', async () => {
    const { clock, verifier, all, make, settled } = await fleet(8);
    const before = all.map(settled);
    make('is silent', ...all);
    await clock.advance(2 * INTERVAL_MS);
    expect(verifier.held()).toBe(8);
    make('passes', ...all);
    await clock.advance(2 * INTERVAL_MS);
    expect(verifier.held()).toBe(0);
    all.forEach((name, index) => expect(settled(name)).toEqual(before[index]));
  });

  it.each([2, 3, 8])('one alone is found to hang, not later than its second handshake, since others answer: one of %i', async (count) => {
    const { clock, verifier, all, make, settled, asked } = await fleet(count);
    make('is silent', 's0');
    await clock.advance(INTERVAL_MS);
    expect(settled('s0')?.outcome).toBe('Passed');
    asked.length = 0;
    await clock.advance(1000);
    expect(asked).toEqual(['s0-1']);
    expect(settled('s0')).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
    await clock.advance(3 * INTERVAL_MS);
    expect(settled('s0')).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
    expect(all.slice(1).map((name) => settled(name)?.outcome)).toEqual(all.slice(1).map(() => 'Passed'));
    expect(verifier.held()).toBe(0);
  });

  it.each([2, 8])('the others are asked at once, however rarely that is done otherwise, and one alone with patience, once: one of %i', async (count) => {
    const { clock, verifier, all, make, asked, patiently } = await fleet(count);
    for (const name of all.slice(1)) verifier.follow(`ns/${name}`, of([`${name}-1`], { intervalSeconds: 3000 }));
    make('is silent', 's0');
    asked.length = 0;
    await clock.advance(INTERVAL_MS + 1000);
    expect(asked).toEqual(['s0-1', ...all.slice(1).map((name) => `${name}-1`), 's0-1']);
    expect(verifier.follow('ns/s0', of(['s0-1']))[0]?.settled).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
    await clock.advance(2 * INTERVAL_MS);
    expect(patiently).toEqual(['s0-1']);
  });

  it('answers to questions from before are no sign of life: who gave one is asked again', async () => {
    const { clock, verifier, make, settled, answer, all } = await fleet(6);
    make('is silent', 's0', 's3', 's4', 's5');
    make('takes its time', 's1', 's2');
    // Asked a moment before the others.
    for (const name of ['s1', 's2']) verifier.follow(`ns/${name}`, of([`${name}-1`], { intervalSeconds: INTERVAL_MS / 1000 - 1 }));
    await clock.advance(INTERVAL_MS);
    make('is silent', 's1', 's2');
    answer();
    await clock.advance(5000);
    expect(all.map((name) => settled(name)?.outcome)).toEqual(all.map(() => 'Passed'));
    expect(verifier.held()).toBe(6);
  });

  it('a silence that began while the way was lost counts for nothing when others have answered again', async () => {
    const { clock, verifier, make, settled, answer, all } = await fleet(6);
    make('is silent', ...all);
    await clock.advance(INTERVAL_MS + 2000);
    expect(verifier.held()).toBe(6);
    make('stays silent', 's0');
    await clock.advance(1000 * 60);
    make('passes', ...all.slice(1));
    await clock.advance(INTERVAL_MS);
    expect(verifier.held()).toBeLessThan(6);
    answer();
    await clock.advance(0);
    expect(settled('s0')?.outcome).toBe('Passed');
  });

  it('the only one is found to hang once the API server had the time to say that it has no way', async () => {
    const { clock, make, settled } = await fleet(1);
    make('is silent', 's0');
    await clock.advance(INTERVAL_MS + 1000);
    expect(settled('s0')).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('one alone that the API server cannot connect to is out of reach, and does not hang', async () => {
    const { clock, make, settled } = await fleet(8);
    make('is cut off', 's0');
    await clock.advance(2 * INTERVAL_MS);
    expect(settled('s0')).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable' });
  });

  it.each([2, 4])('all of fewer than five may hang, or there is no way to them, and nobody says which: all of %i', async (count) => {
    const { clock, verifier, all, make, settled, held } = await fleet(count);
    make('is silent', ...all);
    await clock.advance(3 * INTERVAL_MS);
    const message: unknown = expect.stringContaining('either it hangs, or the API server has no way to it');
    for (const name of all) expect(settled(name)).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message });
    expect([held, verifier.held()]).toEqual([[], 0]);
  });

  it('one that hangs while another is gone for long does hang', async () => {
    const { clock, make, lose, settled } = await fleet(2);
    lose('s1');
    await clock.advance(3 * INTERVAL_MS);
    make('is silent', 's0');
    await clock.advance(2 * INTERVAL_MS);
    expect(settled('s0')).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('a server found to hang before still does when the others fall silent, too', async () => {
    const { clock, verifier, all, make, settled } = await fleet(8);
    make('is silent', 's0');
    await clock.advance(2 * INTERVAL_MS);
    make('is silent', ...all);
    await clock.advance(3 * INTERVAL_MS);
    expect(all.slice(1).map((name) => settled(name)?.outcome)).toEqual(all.slice(1).map(() => 'Passed'));
    expect(verifier.held()).toBeGreaterThanOrEqual(7);
    expect(settled('s0')).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });
});

describe('a server never heard of that is silent', () => {
  it('hangs where others answer, of which one is asked at once', async () => {
    const { clock, verifier, behaviour, asked } = await fleet(8);
    behaviour.set('new-1', 'is silent');
    await clock.advance(1000);
    asked.length = 0;
    verifier.follow('ns/new', of(['new-1']));
    await clock.advance(100);
    expect(asked).toEqual(['new-1', 's0-1']);
    await clock.advance(60_000);
    expect(verifier.follow('ns/new', of(['new-1']))[0]?.settled).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('does not while nobody is heard of', async () => {
    const { clock, verifier, behaviour, all, make } = await fleet(8);
    make('is silent', ...all);
    await clock.advance(INTERVAL_MS);
    behaviour.set('new-1', 'is silent');
    verifier.follow('ns/new', of(['new-1']));
    await clock.advance(INTERVAL_MS);
    expect(verifier.follow('ns/new', of(['new-1']))[0]?.settled).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable' });
  });

  it('is known by what was stored before a restart of the operator, as all are: that stands', async () => {
    const { clock, verifier, behaviour } = start();
    for (const name of names(6)) behaviour.set(`${name}-1`, 'is silent');
    const look = (): (PodProbe | undefined)[] =>
      names(6).map((name) => verifier.follow(`ns/${name}`, of([`${name}-1`], { verifiedBefore: true }))[0]);
    look();
    await clock.advance(2 * INTERVAL_MS);
    expect(look().map((probe) => probe?.settled)).toEqual(names(6).map(() => undefined));
    expect(verifier.held()).toBe(6);
  });
});
