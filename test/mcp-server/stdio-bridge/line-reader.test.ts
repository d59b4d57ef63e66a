// Lines come out whole however they arrive, and of one that is too long no more than its ends are kept.
import { array, assert, constantFrom, integer, nat, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader, type LongLine } from '../../../mcp-server/stdio-bridge/line-reader.ts';

/** Everything a reader of lines of at most so many bytes tells of what arrives in pieces. */
function read(most: number, pieces: readonly Buffer[]): { lines: string[]; long: LongLine[] } {
  const lines: string[] = [];
  const long: LongLine[] = [];
  const reader = new LineReader(most, { onLine: (text) => lines.push(text), onLong: (line) => long.push(line) });
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return { lines, long };
}

test('lines are what stands between line ends, in whatever pieces they come', () => {
  assert(property(string({ unit: constantFrom('a', 'ü', '😀', '\n', '\r') }), array(nat({ max: 20 })), (text, cuts) => {
    const bytes = Buffer.from(text);
    const ends = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].toSorted((a, b) => a - b);
    const pieces = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
    expect(read(1000, pieces)).toEqual({ lines: text.split('\n').filter((line) => line !== ''), long: [] });
  }));
});

test('a line that is too long is told with its length and its ends, and others are not touched by it', () => {
  assert(property(integer({ min: 1, max: 700 }), integer({ min: 11, max: 2000 }), (piece, length) => {
    const line = Array.from({ length }, (_, index) => String(index % 10)).join('');
    const bytes = Buffer.from(`first\n${line}\nlast\n`);
    const count = Math.ceil(bytes.length / piece);
    const pieces = Array.from({ length: count }, (_, index) => bytes.subarray(index * piece, (index + 1) * piece));
    const { lines, long } = read(10, pieces);
    expect(lines).toEqual(['first', 'last']);
    expect(long.map(({ bytes: told }) => told)).toEqual([length]);
    expect(line.startsWith(long[0]?.head ?? 'x')).toBe(true);
    expect(long[0]?.tail).toBe(line.slice(-Math.min(256, length)));
  }));
});
