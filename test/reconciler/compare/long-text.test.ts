// Caches keep hashes of long texts, and whoever compares finds the same as with the texts themselves.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains } from '../../../reconciler/compare/contains.ts';
import { LongText, withoutLongTexts } from '../../../reconciler/compare/long-text.ts';

const long = fc.constantFrom('a', 'b').map((letter) => letter.repeat(300));
const text = fc.oneof(fc.constantFrom('', 'a', 'a'.repeat(256)), long);
const { object } = fc.letrec<{ object: unknown }>((tie) => ({
  object: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.array(tie('object'), { maxLength: 3 }),
    fc.record({ name: text, args: tie('object'), env: fc.array(fc.record({ name: text, value: text }), { maxLength: 3 }) }, { requiredKeys: [] }),
  ),
}));

describe('a live object without its long texts', () => {
  it('contains what it contained before, and nothing else', () => {
    fc.assert(fc.property(object, object, (live, desired) => {
      for (const wanted of [desired, live]) expect(contains(withoutLongTexts(live), wanted)).toBe(contains(live, wanted));
    }), { numRuns: 2000 });
  });

  it('is the same object where it has none', () => {
    const live = { spec: { args: ['a'.repeat(256)] } };
    expect(withoutLongTexts(live)).toBe(live);
  });

  it('holds nothing of them, however many there are', () => {
    const live = { spec: { args: Array.from({ length: 128 }, (_, index) => `secret-${index}`.repeat(1000)) } };
    const kept = JSON.stringify(withoutLongTexts(live));
    expect(kept).not.toContain('secret-');
    expect(kept.length).toBeLessThan(128 * 64);
  });

  it('is not what pretends to be a text: a text that looks like what stands for another is none', () => {
    const wanted = 'x'.repeat(300);
    for (const live of [new LongText(wanted).hash, { hash: new LongText(wanted).hash }, JSON.parse(JSON.stringify(new LongText(wanted)))]) {
      expect(contains({ a: live }, { a: wanted })).toBe(false);
    }
    expect(contains({ a: new LongText(wanted) }, { a: wanted })).toBe(true);
  });
});
