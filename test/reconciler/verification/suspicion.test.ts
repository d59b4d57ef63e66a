// Whether the operator is cut off: each namespace has one vote, so that no tenant decides for the others.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Suspicion } from '../../../reconciler/verification/suspicion.ts';
import { tellsCutOff, type Voter } from '../../../reconciler/verification/votes.ts';
import { fleet, of } from './verifier-fleet.ts';

const INTERVAL_MS = 300_000;

/** Voters as `namespace: lost/answering/not heard of`. */
function voters(text: string): Voter[] {
  return text.split(' ').flatMap((part) => {
    const [namespace = '', counts = ''] = part.split(':');
    const says = (['Lost', 'Answers', 'Nothing'] as const).flatMap((each, index) => Array.from({ length: Number(counts.split('/')[index] ?? 0) }, () => each));
    return says.map((each) => ({ namespace, says: each }));
  });
}

describe('the votes', () => {
  it.each([
    ['three namespaces of three', 'a:1 b:1 c:1', true],
    ['three of five', 'a:1 b:1 c:1 d:0/1 e:0/1', true],
    ['three of six, which are half', 'a:1 b:1 c:1 d:0/1 e:0/1 f:0/1', false],
    ['two of three', 'a:20 b:1 c:0/1', false],
    ['one, however many servers it has', 'evil:8 a:1 b:0/1 c:0/1 d:0/1', false],
    ['two of three heard of, of four', 'a:1 b:1 c:0/1 d:0/0/1', false],
    ['three of three heard of, of nine', 'a:1 b:1 c:1 d:0/0/1 e:0/0/1 f:0/0/1 g:0/0/1 h:0/0/1 i:0/0/1', true],
    ['three, one of them by half of its servers', 'a:1 b:1 c:2/2 d:0/1', false],
    ['three, one of them by more than half of those heard of', 'a:1 b:1 c:2/1/9 d:0/1', true],
  ])('say that the operator is cut off if more than half, and at least three, do: %s', (_what, text, cutOff) => {
    expect(tellsCutOff(voters(text), 'a')).toBe(cutOff);
  });

  it.each([
    ['five of five', 'a:5', true],
    ['five of nine', 'a:5/4', true],
    ['five of ten', 'a:5/5', false],
    ['four of four', 'a:4', false],
    ['five of eight, of two namespaces', 'a:3/1 b:2/2', true],
    ['nine of nine, of two namespaces', 'a:1 evil:8', true],
  ])('are those of servers where fewer than three namespaces have one: %s', (_what, text, cutOff) => {
    expect(tellsCutOff(voters(text), 'a')).toBe(cutOff);
  });

  it('of another namespace do not outweigh that most servers of the own one answer', () => {
    const two = voters('a:1/3 evil:8');
    expect([tellsCutOff(two, 'a'), tellsCutOff(two, 'evil')]).toEqual([false, true]);
  });

  it('of one namespace decide nothing, whatever its servers say, where two more are heard of', () => {
    const says = fc.array(fc.constantFrom('Lost' as const, 'Answers' as const, 'Nothing' as const), { maxLength: 30 });
    fc.assert(fc.property(says, says, says, (evil, more, own) => {
      const others = [...own.map((each) => ({ namespace: 'own', says: each })), { namespace: 'own', says: 'Lost' as const }, ...voters('x:0/1 y:0/1')];
      const hostile = [...evil, ...more].map((each) => ({ namespace: 'evil', says: each }));
      expect(tellsCutOff([...others, ...hostile], 'own')).toBe(false);
    }));
  });
});

/** MCPServers that answered one after another. */
function known(...keys: string[]): Suspicion {
  const suspicion = new Suspicion();
  for (const [index, key] of keys.entries()) suspicion.heard(key, { reachable: true, verified: true, nowMs: index });
  return suspicion;
}

describe('witnesses', () => {
  it('are one of each namespace before a second of any, those first that were not heard of for longest', () => {
    const suspicion = known('evil/1', 'evil/2', 'evil/3', 'b/1', 'a/1', 'b/2');
    expect(suspicion.witnesses({ silent: false })).toEqual(['evil/1', 'b/1', 'a/1', 'evil/2', 'b/2', 'evil/3']);
    expect(suspicion.guides()).toEqual(['evil/1', 'b/1', 'a/1']);
  });

  it('are none where neither three namespaces nor five servers are verified', () => {
    expect(known('a/1', 'a/2', 'b/1', 'b/2').witnesses({ silent: false })).toEqual([]);
    expect(known('a/1', 'b/1', 'c/1').witnesses({ silent: false })).toHaveLength(3);
    expect(known('a/1', 'a/2', 'a/3', 'a/4', 'a/5').witnesses({ silent: false })).toHaveLength(5);
  });

  it('of one tenant that never answer do not leave anything undecided for the others', () => {
    const suspicion = known('evil/1', 'evil/2', 'evil/3', 'evil/4', 'evil/5', 'evil/6', 'a/1', 'b/1', 'c/1');
    expect(suspicion.heard('a/1', { reachable: false, verified: true, nowMs: 100 })).toBe(true);
    for (const key of suspicion.witnesses({ silent: false })) suspicion.await(key);
    expect(suspicion.judge('a/1', INTERVAL_MS)).toBe('Undecided');
    for (const key of ['b/1', 'c/1']) suspicion.heard(key, { reachable: true, verified: true, nowMs: 101 });
    expect(suspicion.judge('a/1', INTERVAL_MS)).toBe('Believed');
  });
});

/** Eight servers are of one tenant, each other one of its own. */
const tenant = (name: string): string => (Number(name.slice(1)) < 8 ? 'evil' : `tenant-${name}`);

describe('servers of several namespaces', () => {
  it('a tenant with eight of twelve verified servers cannot keep another\'s dead server Ready', async () => {
    const { clock, verifier, all, lose, outcome, held } = await fleet(12, {}, tenant);
    lose(...all.slice(0, 9));
    await clock.advance(3 * INTERVAL_MS);
    expect(outcome('s8')).toBe('Unknown');
    expect([held, verifier.held()]).toEqual([[], 0]);
  });

  it('nor where it shares the cluster with one other tenant, most of whose servers answer', async () => {
    const { clock, all, lose, outcome, held } = await fleet(12, {}, (name) => (tenant(name) === 'evil' ? 'evil' : 'good'));
    lose(...all.slice(0, 9));
    await clock.advance(3 * INTERVAL_MS);
    expect(outcome('s8')).toBe('Unknown');
    expect(held).not.toContain('good/s8');
  });

  it('nor make it undecided by servers that neither answer nor fail', async () => {
    const { clock, behaviour, all, lose, outcome } = await fleet(12, {}, tenant);
    for (const name of all.slice(0, 8)) behaviour.set(`${name}-1`, 'hangs');
    lose('s8');
    await clock.advance(INTERVAL_MS + 10_000);
    expect(outcome('s8')).toBe('Unknown');
  });

  it('are held when most namespaces are lost, three of them with one server each', async () => {
    const { clock, verifier, all, lose, outcome, held } = await fleet(3, {}, (name) => name);
    lose(...all);
    await clock.advance(3 * INTERVAL_MS);
    expect(all.map(outcome)).toEqual(all.map(() => 'Passed'));
    expect([held.toSorted(), verifier.held()]).toEqual([all.map((name) => `${name}/${name}`), 3]);
  });

  it('a hang is told although all of another tenant\'s fall silent as well, since a third one answers', async () => {
    const { clock, make, all, settled } = await fleet(10, {}, tenant);
    make('is silent', ...all.slice(0, 9));
    await clock.advance(2 * INTERVAL_MS);
    expect(settled('s8')).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('a witness is asked once, however often it is looked at while it takes its time', async () => {
    const { clock, verifier, behaviour, all, lose, asked, pass } = await fleet(5);
    for (const name of all.slice(1)) verifier.follow(`ns/${name}`, of([`${name}-1`], { intervalSeconds: 3000 }));
    behaviour.set('s1-1', 'hangs');
    lose('s0');
    asked.length = 0;
    await clock.advance(INTERVAL_MS);
    for (let turn = 0; turn < 5; turn += 1) verifier.follow('ns/s1', of(['s1-1'], { intervalSeconds: 3000 }));
    pass('s1-1');
    await clock.advance(100);
    expect(asked.filter((pod) => pod === 's1-1')).toHaveLength(1);
  });

  it('one of each of three namespaces is asked when a new one is silent, so that one which hangs hides nothing', async () => {
    const { clock, verifier, behaviour, asked } = await fleet(5, {}, (name) => name);
    behaviour.set('s0-1', 'hangs').set('new-1', 'is silent');
    await clock.advance(1000);
    asked.length = 0;
    verifier.follow('s9/new', of(['new-1']));
    await clock.advance(100);
    expect(asked).toEqual(['new-1', 's0-1', 's1-1', 's2-1']);
    await clock.advance(60_000);
    expect(verifier.follow('s9/new', of(['new-1']))[0]?.settled).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('have others asked no more than ten times a minute for one tenant, however often its own come and go', async () => {
    const { clock, verifier, behaviour, all, asked } = await fleet(30, {}, (name) => (Number(name.slice(1)) < 25 ? 'evil' : name));
    const others = all.slice(25).map((name) => `${name}-1`);
    // Each at times of its own.
    for (const [index, name] of all.slice(0, 25).entries()) verifier.follow(`evil/${name}`, of([`${name}-1`], { intervalSeconds: 10 + index }));
    for (const name of all.slice(25)) verifier.follow(`${name}/${name}`, of([`${name}-1`], { intervalSeconds: 86_400 }));
    asked.length = 0;
    for (let turn = 0; turn < 120; turn += 1) {
      for (const [index, name] of all.slice(0, 25).entries()) behaviour.set(`${name}-1`, (index + turn) % 2 === 0 ? 'passes' : 'cannot be reached');
      await clock.advance(1000);
    }
    const counts = others.map((pod) => asked.filter((each) => each === pod).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(30);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});
