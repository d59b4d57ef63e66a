// Names that were mistyped, and text that would control a terminal.
import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../../../reconciler/commands/look/did-you-mean.ts';
import { visible } from '../../../../reconciler/commands/look/visible.ts';
import { linesOf } from '../../../../reconciler/commands/logs/lines.ts';

describe('a name that does not exist', () => {
  it.each([['wether', 'weather'], ['waether', 'weather'], ['weatherr', 'weather'], ['weather-api', undefined], ['x', undefined]])('%s: %s', (typed, meant) => {
    expect(didYouMean(typed, ['tools', 'weather', 'search'])).toBe(meant === undefined ? '' : ` Did you mean ${meant}?`);
  });

  it('is compared with the first of very many', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `server-${'x'.repeat(50)}-${index}`);
    expect(didYouMean(`server-${'x'.repeat(50)}-y`, names)).toContain('Did you mean');
  });
});

describe('a line of a log', () => {
  it('shows what would control a terminal, and drops colours', () => {
    expect(visible('\u001B[31mred\u001B[0m\ttab \u001B[2J \u202E \u0007 \u009B \u2028 \uFEFF \uD800 語 é')).toBe('red\ttab \\u{1b}[2J \\u{202e} \\u{7} \\u{9b} \\u{2028} \\u{feff} \uFFFD 語 é');
  });

  it('is whole however it comes, and in pieces that no character is cut by where it is endless', async () => {
    expect(await Array.fromAsync(linesOf(chunks('a語b\n\nlast', 2)))).toEqual(['a語b', '', 'last']);
    const long = await Array.fromAsync(linesOf(chunks(`${'語'.repeat(100_000)}\nend\n`, 7000)));
    expect(Math.max(...long.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(64 * 1024);
    expect(long.join('')).toBe(`${'語'.repeat(100_000)}end`);
  });
});

async function* chunks(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
