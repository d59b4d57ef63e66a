import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { folded, plain, VARIABLE_PARTS } from '../../kubernetes/text.ts';
import { FILLINGS, LASTING, sentences } from './foreign-text.ts';

/** Any UTF-16 units, lone surrogates and controls included, and what such text is made of on purpose. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const units = fc.array(fc.oneof(unit, fc.constantFrom('\x1b[31m', '\x1b]8;;', '\x9b', '\u202E', '\u{E0041}', '👩‍👩‍👧', 'e\u0301', 'word ', '7', ' '))).map((parts) => parts.join(''));
const keep = fc.constantFrom('start', 'end');
const bound = fc.integer({ min: 1, max: 60 });

describe('text from outside', () => {
  it('is one clean line of at most the length, whatever it holds, and stays as it is the next time', () => {
    fc.assert(
      fc.property(units, bound, keep, (text, most, end) => {
        const line = plain(text, most, { keep: end });
        expect(line.length).toBeLessThanOrEqual(most);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]|\s\s|^\s|\s$|(?! )\s/u);
        expect(plain(line, most, { keep: end })).toBe(line);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['line breaks and tabs', 'a\r\n\tb\u2028c\u0085d', 'a b c d'],
    ['control characters', 'a\0b\x7Fc', 'a b c'],
    ['colours', '\x1b[1;31mred\x1b[0m and \x9b32mgreen', 'red and green'],
    ['titles and links of terminals', '\x1b]0;Ready\x07a \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'a link'],
    ['an escape sequence without an end', 'a \x1b]0;b', 'a 0;b'],
    ['bidi controls', 'a\u202Eb\u2066c\u200Fd\u061Ce', 'abcde'],
    ['zero-width characters, soft hyphens and byte order marks', 'a\u200Bb\u200Dc\u00ADd\uFEFFe', 'abcde'],
    ['text in tags and variation selectors', 'a\u{E0041}\u{E0042}b\u{E0101}\uFE0F', 'ab'],
    ['lone surrogates and noncharacters', 'a\uD800b\uFFFEc', 'a\uFFFDb\uFFFDc'],
  ])('loses %s', (_what, text, line) => {
    expect(plain(text, 100)).toBe(line);
  });

  it('is cut at a character, and shows it', () => {
    expect(plain('word '.repeat(9), 9)).toBe('word wor…');
    expect(plain('a👍🏽b', 3)).toBe('a…');
    expect(plain('ae\u0301e\u0301', 4)).toBe('ae\u0301…');
    expect(plain('🇩🇪🇫🇷🇮🇹', 8)).toBe('🇩🇪…');
    expect(plain(`a${'\u0301'.repeat(99)}`, 50)).toBe(`a${'\u0301'.repeat(48)}…`);
  });

  it('keeps its end when told so', () => {
    expect(plain('first, second, last words', 11, { keep: 'end' })).toBe('…last words');
    expect(plain('b👍🏽a', 3, { keep: 'end' })).toBe('…a');
    expect(plain('last words', 10, { keep: 'end' })).toBe('last words');
  });

  it('is looked at only so far, and a text that is cut there shows it', () => {
    const [one, other] = ['x', '\x1b[31m'].map((filler) => filler.repeat(2_000_000));
    expect(plain(`${' '.repeat(1200)}${one}`, 10)).toBe('…');
    expect(plain(`word ${one}`, 5)).toBe('word…');
    expect(plain(`word ${other}`, 10)).toBe('word…');
  });

  it('is cut at the same place when only its variable parts differ', () => {
    fc.assert(
      fc.property(sentences(), fc.integer({ min: 1, max: 400 }), ({ one, other }, most) => {
        expect(folded(plain(one, most))).toBe(folded(plain(other, most)));
      }),
      { numRuns: 1000 },
    );
  });

  it('is cut at the same place at its start, too, when the parts are such that need no words before them', () => {
    const plainKinds = VARIABLE_PARTS.filter(([, , pattern]) => !pattern.includes('(?<=')).map(([kind]) => kind);
    fc.assert(
      fc.property(sentences(plainKinds), fc.integer({ min: 1, max: 400 }), ({ one, other }, most) => {
        expect(folded(plain(one, most, { keep: 'end' }))).toBe(folded(plain(other, most, { keep: 'end' })));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('text for comparing', () => {
  test.each(VARIABLE_PARTS)('knows a %s: %s', (_kind, example, pattern) => {
    expect(new RegExp(pattern, 'u').test(example)).toBe(true);
    expect(folded(example)).toContain('#');
  });

  it('has fillings for every kind of variable part', () => {
    expect(Object.keys(FILLINGS)).toEqual(VARIABLE_PARTS.map(([kind]) => kind));
  });

  it('is the same for the same sentence with other variable parts', () => {
    fc.assert(
      fc.property(sentences(), ({ one, other }) => {
        expect(folded(one)).toBe(folded(other));
      }),
      { numRuns: 2000 },
    );
  });

  it('is another one when anything else differs', () => {
    const twoLasting = fc.tuple(fc.constantFrom(...LASTING), fc.constantFrom(...LASTING)).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(sentences(), twoLasting, sentences(), (before, [a, b], after) => {
        expect(folded(`${before.one}, ${a}, ${after.one}`)).not.toBe(folded(`${before.other}, ${b}, ${after.other}`));
      }),
      { numRuns: 1000 },
    );
  });

  test.each(LASTING)('keeps %s', (text) => {
    expect(folded(text)).toBe(text);
    expect(folded(`(${text}), "${text}": ${text}.`)).toBe(`(${text}), "${text}": ${text}.`);
  });

  it('differs where a text of more than 32768 units differs', () => {
    const long = 'a '.repeat(20_000);
    expect(folded(`${long}1`)).not.toBe(folded(`${long}2`));
  });
});

describe('work over text', () => {
  it('looks at a bounded stretch from each place: no pattern repeats without a bound', () => {
    for (const [kind, , pattern] of VARIABLE_PARTS) {
      const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
      expect(`${kind}: ${/[*+]|\{\d+,\}/.exec(bare)?.[0] ?? 'bounded'}`).toBe(`${kind}: bounded`);
    }
  });

  const worst = ['a', '1', '1.', '1:', '-', 'a-1', '[', 'id=', 'request id ', 'Ref A: ', '1m', '12h', 'f0', 'A1b', ' ', '::1', '10.0.0.1:', '\x1b', '\x1b[', '\x1b[0', '\x1b]', '\x9d', '\u0301', '\u200D', '\uD800', '🇩🇪', 'Nov 1 ', '2026-11-28T'];

  it.each(worst)('grows no faster than the text, of %j again and again', (unit) => {
    const cost = (size: number): number => {
      const text = unit.repeat(size / unit.length);
      return Math.min(...[1, 2, 3, 4, 5].map(() => {
        const before = process.cpuUsage();
        folded(text);
        plain(text, 100_000);
        plain(text, size / 2, { keep: 'end' });
        const { user, system } = process.cpuUsage(before);
        return Math.max(user + system, 500);
      }));
    };
    cost(1000);
    // Eight times the text: eight times the work, or 64 times if it were looked at again from each place.
    expect(cost(32_000) / cost(4000)).toBeLessThan(30);
  });
});
