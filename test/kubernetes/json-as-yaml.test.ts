// What is applied is read as YAML: whatever characters it has, every reader reads the same as JSON says.
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { jsonAsYaml } from '../../kubernetes/json-as-yaml.ts';
import { ODD_CHARACTERS, oddText } from '../support/odd-text.ts';

/** A value whose keys and values are odd text, without lone surrogates. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    oddText.map((text) => text.toWellFormed()),
    fc.constantFrom<unknown>(null, true, 7, -1.5e-7, ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(oddText.map((text) => text.toWellFormed()).filter((key) => key !== '__proto__'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** Everything YAML 1.1 and 1.2 both allow in a text (YAML 1.1 §5.1, YAML 1.2 §5.1), but for what one of them takes for a line break. */
const READABLE = /^[\x20-\x7E\xA0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/** What readers of JSON and of both versions of YAML read. */
function readings(text: string): unknown[] {
  return [JSON.parse(text), parse(text, { version: '1.1' }), parse(text, { version: '1.2' })];
}

describe('JSON as YAML', () => {
  it('says the same in JSON, YAML 1.1 and YAML 1.2, with characters that all of them allow', () => {
    fc.assert(fc.property(value, (original) => {
      const text = jsonAsYaml(JSON.stringify(original));
      expect(text).toMatch(READABLE);
      expect(readings(text)).toEqual([original, original, original]);
    }), { numRuns: 1000, seed: 12 });
  });

  it('has U+FFFD for lone surrogates, and nothing else is replaced', () => {
    fc.assert(fc.property(oddText, (original) => {
      const kept = original.toWellFormed();
      expect(readings(jsonAsYaml(JSON.stringify({ a: original })))).toEqual([{ a: kept }, { a: kept }, { a: kept }]);
    }), { numRuns: 2000, seed: 12 });
  });

  test.each(Object.entries(ODD_CHARACTERS))('reads back %s', (_what, character) => {
    const kept = `a${character}b`.toWellFormed();
    const text = jsonAsYaml(JSON.stringify(`a${character}b`));
    expect(text).toMatch(READABLE);
    expect(readings(text)).toEqual([kept, kept, kept]);
  });

  it('reads back every character', () => {
    for (let start = 0; start < 0x110000; start += 0x1000) {
      const characters = Array.from({ length: 0x1000 }, (_, index) => String.fromCodePoint(start + index));
      const text = characters.filter((each) => each.isWellFormed()).join('');
      const written = jsonAsYaml(JSON.stringify(text));
      expect(READABLE.test(written)).toBe(true);
      expect(readings(written).every((read) => read === text)).toBe(true);
    }
  });

  it('keeps what says itself that it is an escape, and what has nothing to escape', () => {
    const texts = [String.raw`\ud800`, String.raw`\\ud800`, String.raw`\\\ud800\u0085`, 'plain'];
    expect(jsonAsYaml(JSON.stringify(texts))).toBe(JSON.stringify(texts));
  });
});
