// How much is open, asked for and kept for what MCPServers refer to, whatever tenants write into them.
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/cluster.ts';
import { setting, type Setting } from './object-server.ts';
import type { Reading } from '../../../reconciler/references/followed.ts';

const reading = (kind: Reading['kind'], count: number, prefix = 'n'): Reading[] =>
  Array.from({ length: count }, (_, index) => ({ kind, name: `${prefix}${index}`, keys: 'all' }) as const);

/** Lets pauses between looks pass until all of them are known, or as they are to be. */
async function until({ clock }: Pick<Setting, 'clock'>, condition: () => void): Promise<void> {
  await eventually(async () => {
    await clock.advance(250);
    condition();
  }, { timeoutMs: 30_000 });
}

const statesOf = ({ watches }: Setting, key: string, all: readonly Reading[]): string[] => [
  ...new Set(all.map((each) => watches.observed(key, each).state)),
];

describe('ConfigMaps', () => {
  it('of a namespace have one watch, however many are referred to, and nothing is read of those that are not', async () => {
    const now = await setting();
    const { objects, watches, server } = now;
    for (let index = 0; index < 40; index += 1) objects.put('configmaps', `a/other${index}`, { data: { k: 'x'.repeat(10_000) } });
    const all = Array.from({ length: 12 }, (_, index) => reading('ConfigMap', 64, `s${index}-`));
    for (const [index, each] of all.entries()) watches.follow(`a/${index}`, each);
    await until(now, () => expect(all.map((each, index) => statesOf(now, `a/${index}`, each))).toEqual(all.map(() => ['Absent'])));
    expect(watches.counts).toEqual({ objects: 768, namespaces: 1, names: 0, inTurns: 0 });
    expect(objects.watches).toEqual(['configmaps a/*']);
    // The watch, and one for the looks, which are taken one at a time.
    expect(server.open.size).toBeLessThanOrEqual(3);
    const looks = objects.bodies.length;
    expect(looks).toBe(768);
    for (let round = 0; round < 5; round += 1) for (let index = 0; index < 40; index += 1) objects.put('configmaps', `a/other${index}`);
    objects.put('configmaps', 'a/s0-0', { data: { k: '1' } });
    await until(now, () => expect(watches.observed('a/0', { kind: 'ConfigMap', name: 's0-0', keys: 'all' }).state).toBe('Present'));
    expect(objects.bodies.slice(looks)).toEqual(['configmaps a/s0-0']);
  });

  it('are looked at again for keys that were not read before, and wait for that meanwhile', async () => {
    const now = await setting();
    const { objects, watches, changes } = now;
    objects.put('configmaps', 'a/c', { data: { x: '1', y: '2' } });
    const [x, y] = ['x', 'y'].map((key) => ({ kind: 'ConfigMap', name: 'c', keys: [key], requiredKeys: [key] }) as const);
    if (x === undefined || y === undefined) throw new Error('two keys');
    watches.follow('a/one', [x]);
    await until(now, () => expect(watches.observed('a/one', x).state).toBe('Present'));
    const { at } = watches.observed('a/one', x);
    changes.splice(0);
    watches.follow('a/two', [y]);
    expect([watches.observed('a/one', x).state, watches.observed('a/two', y).state]).toEqual(['Present', 'Waiting']);
    await until(now, () => expect(watches.observed('a/two', y).state).toBe('Present'));
    expect(changes).toContain('a/two');
    // Nothing about the object changed.
    expect(watches.observed('a/one', x).at).toBe(at);
  });

  it('that change all the time are read one after the other, and no faster than their size allows', async () => {
    const now = await setting();
    const { objects, watches, clock } = now;
    const big = { data: { k: 'x'.repeat(1_000_000) } };
    const all = reading('ConfigMap', 4);
    const change = (): void => all.forEach(({ name }) => objects.put('configmaps', `a/${name}`, big));
    change();
    watches.follow('a/one', all);
    await until(now, () => expect(statesOf(now, 'a/one', all)).toEqual(['Present']));
    const [before, begun] = [objects.bodies.length, clock.now()];
    await until(now, () => {
      change();
      expect(objects.bodies.length - before).toBeGreaterThan(12);
    });
    const seconds = (clock.now() - begun) / 1000;
    expect(objects.bodies.length - before).toBeLessThanOrEqual(seconds * 4.2 + 2);
  });

  it('are watched one by one where a namespace may not be listed, and together once it may be', async () => {
    const now = await setting();
    const { objects, watches } = now;
    objects.refuses = ({ name }) => name === undefined;
    objects.put('configmaps', 'a/n0', { data: { k: '1' } });
    const all = reading('ConfigMap', 3);
    watches.follow('a/one', all);
    await until(now, () => expect(objects.watches).toEqual(['configmaps a/n0', 'configmaps a/n1', 'configmaps a/n2']));
    await until(now, () => expect(all.map((each) => watches.observed('a/one', each).state)).toEqual(['Present', 'Absent', 'Absent']));
    objects.put('configmaps', 'a/n1', { data: { k: '1' } });
    await until(now, () => expect(watches.observed('a/one', all[1]!)).toMatchObject({ state: 'Present' }));
    objects.refuses = () => false;
    await until(now, () => expect(objects.watches).toEqual(['configmaps a/*']));
    expect(watches.counts).toEqual({ objects: 3, namespaces: 1, names: 0, inTurns: 0 });
    objects.put('configmaps', 'a/n2', { data: { k: '1' } });
    await until(now, () => expect(watches.observed('a/one', all[2]!).state).toBe('Present'));
  });
});

describe('Secrets', () => {
  it('have 64 watches in a namespace, and the others are looked at in turns, a changed one within its round', async () => {
    const now = await setting();
    const { objects, watches, clock } = now;
    const all = reading('Secret', 200);
    for (const { name } of all) objects.put('secrets', `a/${name}`);
    for (let index = 0; index < 4; index += 1) watches.follow(`a/${index}`, all.slice(index * 50, index * 50 + 50));
    await until(now, () => expect(statesOf(now, 'a/3', all.slice(150))).toEqual(['Present']));
    await until(now, () => expect(watches.counts).toEqual({ objects: 200, namespaces: 0, names: 64, inTurns: 136 }));
    await eventually(() => expect(objects.watches).toHaveLength(64));
    expect(objects.bodies).toEqual([]);
    const [last] = all.slice(-1);
    const before = watches.observed('a/3', last!);
    const looks = objects.lists.length;
    objects.put('secrets', `a/${last!.name}`);
    await clock.advance(50_000);
    expect(objects.lists.length).toBe(looks);
    await clock.advance(30_000);
    await until(now, () => expect(watches.observed('a/3', last!)).not.toEqual(before));
    // 136 objects, ten a second, once a minute.
    expect(clock.now()).toBeLessThan(90_000);
  });

  it('have 512 watches in all, and what is free goes to those whose turn comes', async () => {
    const now = await setting();
    const { objects, watches, clock } = now;
    const all = reading('Secret', 64);
    for (let index = 0; index < 10; index += 1) watches.follow(`ns${index}/one`, all);
    await until(now, () => expect(watches.counts).toEqual({ objects: 640, namespaces: 0, names: 512, inTurns: 128 }));
    watches.follow('ns0/one', []);
    expect(watches.counts).toMatchObject({ objects: 576, names: 448 });
    await clock.advance(80_000);
    await until(now, () => expect(watches.counts).toEqual({ objects: 576, namespaces: 0, names: 512, inTurns: 64 }));
    await eventually(() => expect(objects.watches).toHaveLength(512));
  });

  it('that the operator may not see take no watch from others, and are found again when it may', async () => {
    const now = await setting();
    const { objects, watches, clock } = now;
    objects.refuses = ({ name = '' }) => !name.startsWith('open');
    const [refused, open] = [reading('Secret', 100, 'shut'), reading('Secret', 30, 'open')];
    watches.follow('a/one', refused);
    watches.follow('a/two', open);
    await until(now, () => expect([...statesOf(now, 'a/one', refused), ...statesOf(now, 'a/two', open)]).toEqual(['Refused', 'Absent']));
    await clock.advance(300_000);
    await until(now, () => expect(watches.counts).toEqual({ objects: 130, namespaces: 0, names: 30, inTurns: 100 }));
    objects.refuses = () => false;
    // They are tried again after ten minutes at the latest.
    await clock.advance(700_000);
    await until(now, () => expect(statesOf(now, 'a/one', refused)).toEqual(['Absent']));
    await until(now, () => expect(watches.counts).toMatchObject({ names: 64, inTurns: 66 }));
  });
});

describe('what nobody refers to any more', () => {
  it('has neither watch nor turn nor look', async () => {
    const now = await setting();
    const { objects, watches, clock } = now;
    watches.follow('a/one', [...reading('Secret', 100), ...reading('ConfigMap', 100)]);
    await until(now, () => expect(watches.counts).toMatchObject({ objects: 200, namespaces: 1, names: 64 }));
    watches.follow('a/one', []);
    expect(watches.counts).toEqual({ objects: 0, namespaces: 0, names: 0, inTurns: 0 });
    await eventually(() => expect(objects.watches).toEqual([]));
    await clock.advance(1000);
    const lists = objects.lists.length;
    await clock.advance(3_600_000);
    expect(objects.lists.length).toBe(lists);
  });
});
