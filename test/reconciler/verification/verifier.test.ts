import { describe, expect, it } from 'vitest';
import type { PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import type { Observation } from '../../../reconciler/verification/observation.ts';
import { usualPaths } from '../../../reconciler/verification/usual-paths.ts';
import type { Verifier } from '../../../reconciler/verification/verifier.ts';
import { settle } from '../../support/fake-clock.ts';
import { fleet, names, of, start } from './verifier-fleet.ts';

describe('the verifier', () => {
  it('asks each new pod at once, and tells when it knows', async () => {
    const { verifier, asked, changes } = start();
    expect(verifier.follow('ns/a', of(['a-1', 'a-2']))).toMatchObject([{ pod: 'a-1' }, { pod: 'a-2' }]);
    await settle();
    expect(asked).toEqual(['a-1', 'a-2']);
    expect(changes).toEqual(['ns/a', 'ns/a']);
    expect(verifier.follow('ns/a', of(['a-1', 'a-2']))).toMatchObject([{ settled: { outcome: 'Passed' } }, { settled: { outcome: 'Passed' } }]);
  });

  it('asks a healthy pod again at every interval, and has nothing to tell', async () => {
    const { clock, verifier, asked, changes } = start();
    verifier.follow('ns/a', of(['a-1']));
    await settle();
    changes.length = 0;
    for (let pass = 0; pass < 3; pass += 1) {
      await clock.advance(300_000);
      verifier.follow('ns/a', of(['a-1']));
    }
    expect(asked).toHaveLength(4);
    expect(changes).toEqual([]);
  });

  it('tells the first failure at once and again when it counts, 30 s after the pod was first seen', async () => {
    const { clock, verifier, behaviour, asked, looks, changes } = start();
    behaviour.set('a-1', 'is missing');
    verifier.follow('ns/a', of(['a-1']));
    await clock.advance(29_999);
    expect(changes).toHaveLength(1);
    expect(asked).toHaveLength(5);
    // The first two times.
    expect(looks).toHaveLength(2 * usualPaths('/mcp').length);
    expect(verifier.follow('ns/a', of(['a-1']))).toMatchObject([{ latest: { reason: 'WrongPath' } }]);
    await clock.advance(1);
    expect(changes).toHaveLength(2);
    expect(verifier.follow('ns/a', of(['a-1']))).toMatchObject([{ settled: { reason: 'WrongPath' } }]);
  });

  it('sees a verified pod fail after its second failure', async () => {
    const { clock, verifier, behaviour } = start();
    verifier.follow('ns/a', of(['a-1']));
    await settle();
    behaviour.set('a-1', 'cannot be reached');
    await clock.advance(300_000);
    expect(verifier.follow('ns/a', of(['a-1']))).toMatchObject([{ settled: { outcome: 'Passed' }, latest: { reason: 'Unreachable' } }]);
    await clock.advance(1000);
    expect(verifier.follow('ns/a', of(['a-1']))).toMatchObject([{ settled: { reason: 'Unreachable' } }]);
  });

  it.each<[string, Observation]>([
    ['its container restarted', of(['a-1'], { restarts: 1 })],
    ['the path changed', of(['a-1'], { path: '/' })],
    ['its port changed', of(['a-1'], { port: 9090 })],
  ])('knows nothing of a pod and asks again when %s', async (_name, changed) => {
    const { verifier, asked } = start();
    verifier.follow('ns/a', of(['a-1']));
    await settle();
    const [probe] = verifier.follow('ns/a', changed);
    expect(probe?.latest).toBeUndefined();
    expect(probe?.inherited).toBe(false);
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('takes pods it finds at first for those a stored verdict is about, later ones not', () => {
    const { verifier } = start();
    expect(verifier.follow('ns/a', of(['a-1']))).toMatchObject([{ inherited: true }]);
    expect(verifier.follow('ns/a', of(['a-1', 'a-2']))).toMatchObject([{ inherited: true }, { inherited: false }]);
  });

  it('follows a change of the interval', async () => {
    const { clock, verifier, asked } = start();
    verifier.follow('ns/a', of(['a-1']));
    await settle();
    verifier.follow('ns/a', of(['a-1'], { intervalSeconds: 30 }));
    await clock.advance(30_000);
    expect(asked).toHaveLength(2);
  });

  it('asks no more pods at a time than allowed, and each pod once at a time', async () => {
    const { verifier, behaviour, asked } = start(4);
    for (const name of ['a-1', 'a-2', 'a-3']) behaviour.set(name, 'hangs');
    verifier.follow('ns/a', of(['a-1', 'a-2', 'a-3']));
    verifier.follow('ns/a', of(['a-1', 'a-2', 'a-3']));
    await settle();
    expect(asked).toEqual(['a-1', 'a-2']);
    verifier.follow('ns/a', of(['a-2', 'a-3']));
    await settle();
    expect(asked).toEqual(['a-1', 'a-2', 'a-3']);
  });

  it.each<[string, (verifier: Verifier) => void]>([
    ['pods that no longer serve', (verifier) => { verifier.follow('ns/a', of([])); }],
    ['an MCPServer that is gone', (verifier) => { verifier.forget('ns/a'); }],
  ])('asks no more, and tells nothing, of %s', async (_name, end) => {
    const { clock, verifier, behaviour, changes } = start();
    behaviour.set('a-2', 'hangs');
    verifier.follow('ns/a', of(['a-1', 'a-2']));
    await settle();
    changes.length = 0;
    end(verifier);
    await clock.advance(600_000);
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('says when each MCPServer last passed, and how long that took', async () => {
    const { clock, verifier, behaviour } = start();
    behaviour.set('b-1', 'is missing');
    verifier.follow('ns/a', of(['a-1']));
    verifier.follow('ns/b', of(['b-1']));
    await clock.advance(60_000);
    expect(verifier.lastPass('ns/a')).toEqual({ at: new Date(clock.wall().getTime() - 60_000), seconds: 0 });
    expect(verifier.lastPass('ns/b')).toBe(undefined);
  });

  it('knows no last pass of an MCPServer that is gone, or of which no pod serves', async () => {
    const { clock, verifier } = start();
    for (const name of ['a', 'b', 'c']) verifier.follow(`ns/${name}`, of([`${name}-1`]));
    await clock.advance(60_000);
    verifier.forget('ns/a');
    verifier.follow('ns/b', of([]));
    const passed = (): boolean[] => ['a', 'b', 'c'].map((name) => verifier.lastPass(`ns/${name}`) !== undefined);
    expect(passed()).toEqual([false, false, true]);
    verifier.follow('ns/b', of(['b-2']));
    await settle();
    expect(passed()).toEqual([false, true, true]);
    expect(verifier.lastPass('ns/b')?.at).toEqual(clock.wall());
  });

  it('stops for good, ending what runs', async () => {
    const { clock, verifier, behaviour, asked } = start();
    behaviour.set('a-1', 'hangs');
    verifier.follow('ns/a', of(['a-1']));
    await settle();
    await verifier.stop();
    verifier.follow('ns/a', of(['a-1', 'a-2']));
    await settle();
    expect(asked).toEqual(['a-1']);
    expect(clock.pending).toBe(0);
  });

  describe('when verified servers turn unreachable', () => {
    it('suspects itself if they are more than half and at least five: what was known stands, and each is told once', async () => {
      const { clock, verifier, all, lose, outcome, held } = await fleet(8);
      lose(...all.slice(0, 5));
      await clock.advance(900_000);
      expect(all.map(outcome)).toEqual(all.map(() => 'Passed'));
      expect([held.toSorted(), verifier.held()]).toEqual([all.slice(0, 5).map((name) => `ns/${name}`), 5]);
    });

    it('believes it again once the others answer', async () => {
      const { clock, verifier, behaviour, all, lose, outcome } = await fleet(8);
      lose(...all);
      await clock.advance(600_000);
      for (const name of all.slice(1)) behaviour.set(`${name}-1`, 'passes');
      await clock.advance(1_200_000);
      expect([all.map(outcome), verifier.held()]).toEqual([['Unknown', ...all.slice(1).map(() => 'Passed')], 0]);
    });

    it.each([
      ['half of them', 10, 5],
      ['fewer than five', 6, 4],
      ['all, where those are fewer than five', 4, 4],
    ])('believes that it is them: %s', async (_what, count, lost) => {
      const { clock, verifier, all, lose, outcome, held } = await fleet(count);
      lose(...all.slice(0, lost));
      await clock.advance(900_000);
      expect(all.slice(0, lost).map(outcome)).toEqual(Array.from({ length: lost }, () => 'Unknown'));
      expect([held, verifier.held()]).toEqual([[], 0]);
    });

    it('trusts what was stored before it was restarted as well', async () => {
      const { clock, verifier, behaviour } = start();
      for (const name of names(6)) behaviour.set(`${name}-1`, 'cannot be reached');
      const look = (): (PodProbe | undefined)[] =>
        names(6).map((name) => verifier.follow(`ns/${name}`, of([`${name}-1`], { verifiedBefore: true }))[0]);
      look();
      await clock.advance(600_000);
      expect(look().map((probe) => probe?.settled)).toEqual(names(6).map(() => undefined));
    });

    it.each<[string, (verifier: Verifier, lost: readonly string[]) => void]>([
      ['no pod of them serves any more', (verifier, lost) => { for (const name of lost) verifier.follow(`ns/${name}`, of([])); }],
      ['they are forgotten', (verifier, lost) => { for (const name of lost) verifier.forget(`ns/${name}`); }],
      ['their containers restarted', (verifier, lost) => { for (const name of lost) verifier.follow(`ns/${name}`, of([`${name}-1`], { restarts: 1 })); }],
      ['other pods took their place', (verifier, lost) => { for (const name of lost) verifier.follow(`ns/${name}`, of([`${name}-2`])); }],
      ['they are asked at another path', (verifier, lost) => { for (const name of lost) verifier.follow(`ns/${name}`, of([`${name}-1`], { path: '/' })); }],
      ['the operator stops', (verifier) => { void verifier.stop(); }],
    ])('holds nothing any more when %s', async (_name, end) => {
      const { clock, verifier, all, lose } = await fleet(8);
      lose(...all.slice(0, 5));
      await clock.advance(900_000);
      expect(verifier.held()).toBe(5);
      end(verifier, all.slice(0, 5));
      expect(verifier.held()).toBe(0);
    });

    it('holds nothing of a server of which one pod answers', async () => {
      const { clock, verifier, behaviour, all, lose, asked } = await fleet(8);
      verifier.follow('ns/s0', of(['s0-1', 's0-2']));
      behaviour.set('s0-2', 'cannot be reached');
      lose(...all.slice(0, 7));
      await clock.advance(900_000);
      expect(verifier.held()).toBe(7);
      behaviour.set('s0-2', 'passes');
      asked.length = 0;
      for (let seconds = 0; !asked.includes('s0-2') && seconds < 700; seconds += 1) await clock.advance(1000);
      expect(verifier.held()).toBe(6);
    });

    it('asks another pod of a witness whose pod vanished while it was asked', async () => {
      const { clock, verifier, behaviour, all, lose, asked } = await fleet(6);
      const others = all.slice(1);
      for (const name of others) verifier.follow(`ns/${name}`, of([`${name}-1`, `${name}-2`], { intervalSeconds: 900 }));
      await clock.advance(100_000);
      for (const name of others) behaviour.set(`${name}-1`, 'hangs');
      lose('s0');
      await clock.advance(200_000);
      asked.length = 0;
      for (const name of others) verifier.follow(`ns/${name}`, of([`${name}-2`], { intervalSeconds: 900 }));
      await clock.advance(1);
      expect(asked).toEqual(others.map((name) => `${name}-2`));
      await clock.advance(2000);
      expect(verifier.follow('ns/s0', of(['s0-1']))[0]?.settled?.outcome).toBe('Unknown');
    });

    it('waits for no witness that cannot be asked any more', async () => {
      const { clock, verifier, behaviour, all, lose, outcome } = await fleet(6);
      for (const name of all.slice(1)) behaviour.set(`${name}-1`, 'hangs');
      lose('s0');
      await clock.advance(301_000);
      for (const name of all.slice(1)) verifier.follow(`ns/${name}`, of([]));
      await clock.advance(600_000);
      const [probe] = verifier.follow('ns/s0', of(['s0-1']));
      expect(probe?.settled?.outcome).toBe('Unknown');
      expect(outcome('s0')).toBe('Unknown');
    });
  });
});
