import { setImmediate } from 'node:timers/promises';
import { Counter, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { exposition, type Exposition, type Family, type Sample } from '../../../reconciler/runtime/exposition.ts';
import { promtool, promtoolIsMissing } from '../../support/promtool.ts';
import { familiesOf, samplesOf } from '../../support/scraped.ts';

const AGE: Family = { name: 'thing_age_seconds', help: 'Age of a "thing" \\ of\nits name.', labels: ['name', 'kind'] };
const SIZE: Family = { name: 'thing_bytes', help: 'Size.', labels: ['name'] };
/** What label values may be of strangers: the format's own marks, other scripts, half an emoji, nothing. */
const ODD = ['a"b', 'back\\slash', 'line\nfeed', '\\n', '"} 1\nother 1', 'Köln 東京 😀', '\ud83d', '', '{a="b"}', '# TYPE x counter', ' '];

function of(all: readonly (readonly [Family, Iterable<Sample>])[], registry = new Registry()): Exposition {
  return exposition(registry, [{ families: all.map(([family]) => family), read: () => all }]);
}

async function text({ pieces }: Exposition): Promise<string> {
  return (await Array.fromAsync(pieces())).join('');
}

describe('what a scrape answers', () => {
  it('is the registry, and each family of a source with all of its samples', async () => {
    const registry = new Registry();
    new Counter({ registers: [registry], name: 'calls_total', help: 'Calls.' }).inc(3);
    const written = await text(of([[AGE, [[1, 'a', 'x'], [2.5, 'b', 'y']]], [SIZE, []]], registry));
    expect([...familiesOf(written)].map(([name, { type }]) => `${type} ${name}`)).toEqual(['counter calls_total', 'gauge thing_age_seconds', 'gauge thing_bytes']);
    expect(samplesOf(written)).toEqual([
      { name: 'calls_total', labels: {}, value: 3 },
      { name: 'thing_age_seconds', labels: { name: 'a', kind: 'x' }, value: 1 },
      { name: 'thing_age_seconds', labels: { name: 'b', kind: 'y' }, value: 2.5 },
    ]);
  });

  it('keeps label values and help as they are, whatever is in them', async () => {
    const written = await text(of([[AGE, ODD.map((name): Sample => [1, name, 'x'])]]));
    expect(samplesOf(written).map(({ labels }) => labels['name'])).toEqual(ODD);
    expect(familiesOf(written).get(AGE.name)?.help).toBe('Age of a "thing" \\\\ of\\nits name.');
  });

  it.skipIf(promtoolIsMissing())('is what Prometheus reads, whatever is in label values', async () => {
    const written = await text(of([[AGE, ODD.map((name): Sample => [1, name.toWellFormed(), 'x'])]]));
    expect(promtool(['check', 'metrics'], { input: written })).toEqual({ passed: true, said: '' });
  });

  it.each([['long', 20_000, 0], ['slow', 1, 5]])('comes in pieces where it is %s, between which others have their turn', async (_, length, ms) => {
    const order: string[] = [];
    function* samples(): Generator<Sample> {
      for (const name of 'abcdefgh') {
        for (const start = performance.now(); performance.now() - start < ms;);
        order.push(name);
        yield [1, name.repeat(length)];
      }
    }
    const { pieces } = of([[SIZE, samples()]]);
    const ended = new AbortController();
    const others = (async () => {
      for (; !ended.signal.aborted; order.push('-')) await setImmediate();
    })();
    const written = await Array.fromAsync(pieces());
    ended.abort();
    await others;
    expect(order.join('').replaceAll('-', '')).toBe('abcdefgh');
    expect(Math.max(...(order.join('').match(/[a-h]+/g) ?? []).map((run) => run.length))).toBeLessThanOrEqual(5);
    expect(samplesOf(written.join(''))).toHaveLength(8);
    expect(written.every((piece) => piece === '' || piece.endsWith('\n'))).toBe(true);
  });
});
