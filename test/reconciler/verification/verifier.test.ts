import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { ExchangeError, type HttpExchange } from '../../../reconciler/verification/exchange.ts';
import type { PodProbe } from '../../../reconciler/verification/pod-probe.ts';
import { Verifier, type Observation } from '../../../reconciler/verification/verifier.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const OK = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { supportedVersions: ['2026-07-28'] } });

type Behaviour = 'passes' | 'is missing' | 'cannot be reached' | 'hangs';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => { await Promise.all(stops.splice(0).map((stop) => stop())); });

const readKey = (): Promise<string> => Promise.reject(new Error('there are no keys here'));

function start(concurrency?: number) {
  const clock = new FakeClock();
  const behaviour = new Map<string, Behaviour>();
  const asked: string[] = [];
  const changes: string[] = [];
  const held: string[] = [];
  const exchangeFor = (pod: { name: string }): HttpExchange => async ({ method, headers, signal }) => {
    if (headers['mcp-method'] !== undefined) asked.push(pod.name);
    const does = behaviour.get(pod.name) ?? 'passes';
    if (does === 'cannot be reached') throw new ExchangeError('Refused', 'connection refused');
    if (does === 'hangs') return new Promise((_resolve, reject) => { signal?.addEventListener('abort', () => reject(new Error('aborted'))); });
    const missing = does === 'is missing' || method !== 'POST';
    return { status: missing ? 404 : 200, headers: {}, body: missing ? 'nothing here' : OK, truncated: false };
  };
  const verifier = new Verifier({ exchangeFor, readKey, clock, random: () => 0.5, concurrency, onChange: (key) => changes.push(key), onHeld: (key) => held.push(key), log: pino({ level: 'silent' }) });
  stops.push(() => verifier.stop());
  return { clock, verifier, behaviour, asked, changes, held };
}

function of(names: string[], more: Partial<Observation> & { restarts?: number; port?: number } = {}): Observation {
  const { restarts = 0, port = 8080, ...rest } = more;
  const pods = names.map((name) => ({ namespace: 'ns', name, uid: `uid-${name}`, ip: '10.0.0.1', port, restarts }));
  return { pods, guard: { tls: undefined }, verifiedBefore: false, path: '/mcp', host: 'a.ns.svc', intervalSeconds: 300, timeoutSeconds: 10, ...rest };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `s${index}`);
}

/** Servers with one pod each, all verified. */
async function fleet(count: number, more: Partial<Observation> = {}) {
  const parts = start();
  const all = names(count);
  const look = (): Map<string, PodProbe | undefined> => new Map(all.map((name) => [name, parts.verifier.observe(`ns/${name}`, of([`${name}-1`], more))[0]]));
  look();
  await settle();
  const lose = (...lost: string[]): void => { for (const name of lost) parts.behaviour.set(`${name}-1`, 'cannot be reached'); };
  const outcome = (name: string): string | undefined => look().get(name)?.settled?.outcome;
  return { ...parts, all, lose, outcome };
}

describe('the verifier', () => {
  it('asks each new pod at once, and tells when it knows', async () => {
    const { verifier, asked, changes } = start();
    expect(verifier.observe('ns/a', of(['a-1', 'a-2']))).toMatchObject([{ pod: 'a-1' }, { pod: 'a-2' }]);
    await settle();
    expect(asked).toEqual(['a-1', 'a-2']);
    expect(changes).toEqual(['ns/a', 'ns/a']);
    expect(verifier.observe('ns/a', of(['a-1', 'a-2']))).toMatchObject([{ settled: { outcome: 'Passed' } }, { settled: { outcome: 'Passed' } }]);
  });

  it('asks a healthy pod again at every interval, and has nothing to tell', async () => {
    const { clock, verifier, asked, changes } = start();
    verifier.observe('ns/a', of(['a-1']));
    await settle();
    changes.length = 0;
    for (let pass = 0; pass < 3; pass += 1) {
      await clock.advance(300_000);
      verifier.observe('ns/a', of(['a-1']));
    }
    expect(asked).toHaveLength(4);
    expect(changes).toEqual([]);
  });

  it('tells the first failure at once and again when it counts, 30 s after the pod was first seen', async () => {
    const { clock, verifier, behaviour, asked, changes } = start();
    behaviour.set('a-1', 'is missing');
    verifier.observe('ns/a', of(['a-1']));
    await clock.advance(29_999);
    expect(changes).toHaveLength(1);
    expect(asked).toHaveLength(5);
    expect(verifier.observe('ns/a', of(['a-1']))).toMatchObject([{ latest: { reason: 'WrongPath' } }]);
    await clock.advance(1);
    expect(changes).toHaveLength(2);
    expect(verifier.observe('ns/a', of(['a-1']))).toMatchObject([{ settled: { reason: 'WrongPath' } }]);
  });

  it('sees a verified pod fail after its second failure', async () => {
    const { clock, verifier, behaviour } = start();
    verifier.observe('ns/a', of(['a-1']));
    await settle();
    behaviour.set('a-1', 'cannot be reached');
    await clock.advance(300_000);
    expect(verifier.observe('ns/a', of(['a-1']))).toMatchObject([{ settled: { outcome: 'Passed' }, latest: { reason: 'Unreachable' } }]);
    await clock.advance(1000);
    expect(verifier.observe('ns/a', of(['a-1']))).toMatchObject([{ settled: { reason: 'Unreachable' } }]);
  });

  it.each<[string, Observation]>([
    ['its container restarted', of(['a-1'], { restarts: 1 })],
    ['the path changed', of(['a-1'], { path: '/' })],
    ['its port changed', of(['a-1'], { port: 9090 })],
  ])('knows nothing of a pod and asks again when %s', async (_name, changed) => {
    const { verifier, asked } = start();
    verifier.observe('ns/a', of(['a-1']));
    await settle();
    const [probe] = verifier.observe('ns/a', changed);
    expect(probe?.latest).toBeUndefined();
    expect(probe?.inherited).toBe(false);
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('takes pods it finds at first for those a stored verdict is about, later ones not', () => {
    const { verifier } = start();
    expect(verifier.observe('ns/a', of(['a-1']))).toMatchObject([{ inherited: true }]);
    expect(verifier.observe('ns/a', of(['a-1', 'a-2']))).toMatchObject([{ inherited: true }, { inherited: false }]);
  });

  it('follows a change of the interval', async () => {
    const { clock, verifier, asked } = start();
    verifier.observe('ns/a', of(['a-1']));
    await settle();
    verifier.observe('ns/a', of(['a-1'], { intervalSeconds: 30 }));
    await clock.advance(30_000);
    expect(asked).toHaveLength(2);
  });

  it('asks no more pods at a time than allowed, and each pod once at a time', async () => {
    const { verifier, behaviour, asked } = start(2);
    for (const name of ['a-1', 'a-2', 'a-3']) behaviour.set(name, 'hangs');
    verifier.observe('ns/a', of(['a-1', 'a-2', 'a-3']));
    verifier.observe('ns/a', of(['a-1', 'a-2', 'a-3']));
    await settle();
    expect(asked).toEqual(['a-1', 'a-2']);
    verifier.observe('ns/a', of(['a-2', 'a-3']));
    await settle();
    expect(asked).toEqual(['a-1', 'a-2', 'a-3']);
  });

  it.each<[string, (verifier: Verifier) => void]>([
    ['pods that no longer serve', (verifier) => { verifier.observe('ns/a', of([])); }],
    ['an MCPServer that is gone', (verifier) => { verifier.forget('ns/a'); }],
  ])('asks no more, and tells nothing, of %s', async (_name, end) => {
    const { clock, verifier, behaviour, changes } = start();
    behaviour.set('a-2', 'hangs');
    verifier.observe('ns/a', of(['a-1', 'a-2']));
    await settle();
    changes.length = 0;
    end(verifier);
    await clock.advance(600_000);
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('says how long ago each MCPServer last passed', async () => {
    const { clock, verifier, behaviour } = start();
    behaviour.set('b-1', 'is missing');
    verifier.observe('ns/a', of(['a-1']));
    verifier.observe('ns/b', of(['b-1']));
    await clock.advance(60_000);
    expect([...verifier.ages()]).toEqual([{ key: 'ns/a', seconds: 60 }]);
  });

  it('stops for good, ending what runs', async () => {
    const { clock, verifier, behaviour, asked } = start();
    behaviour.set('a-1', 'hangs');
    verifier.observe('ns/a', of(['a-1']));
    await settle();
    await verifier.stop();
    verifier.observe('ns/a', of(['a-1', 'a-2']));
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
      const look = (): (PodProbe | undefined)[] => names(6).map((name) => verifier.observe(`ns/${name}`, of([`${name}-1`], { verifiedBefore: true }))[0]);
      look();
      await clock.advance(600_000);
      expect(look().map((probe) => probe?.settled)).toEqual(names(6).map(() => undefined));
    });

    it('waits for no witness that cannot be asked any more', async () => {
      const { clock, verifier, behaviour, all, lose, outcome } = await fleet(6);
      for (const name of all.slice(1)) behaviour.set(`${name}-1`, 'hangs');
      lose('s0');
      await clock.advance(301_000);
      for (const name of all.slice(1)) verifier.observe(`ns/${name}`, of([]));
      await clock.advance(600_000);
      const [probe] = verifier.observe('ns/s0', of(['s0-1']));
      expect(probe?.settled?.outcome).toBe('Unknown');
      expect(outcome('s0')).toBe('Unknown');
    });
  });
});
