import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedStrings } from '../../kubernetes/shared-strings.ts';

test('objects are what they were, whatever their fields are called and however often strings come again', () => {
  const strings = new SharedStrings();
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => {
    const value: unknown = JSON.parse(text);
    const shared = strings.share(value);
    expect(shared).toBe(value);
    expect(JSON.stringify(shared)).toBe(JSON.stringify(JSON.parse(text)));
  }));
  const hostile = '{"__proto__":{"a":"b"},"constructor":"c","list":["a",null,1,true,"a"]}';
  expect(JSON.stringify(strings.share(JSON.parse(hostile)))).toBe(hostile);
});

test('an object nested deeper than any stack passes', () => {
  const text = `${'{"a":'.repeat(9000)}"deep"${'}'.repeat(9000)}`;
  let inner: unknown = new SharedStrings().share(JSON.parse(text));
  for (let level = 0; level < 9000; level += 1) inner = (inner as { a: unknown }).a;
  expect(inner).toBe('deep');
});
