// Values are found and replaced in JSON texts as a parser would find them.
import { assert, constantFrom, dictionary, jsonValue, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { replaced, spanAt, withMembers } from '../../../mcp-server/stdio-bridge/json-span.ts';

const object = dictionary(string({ unit: 'binary' }), jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
const spaces = constantFrom(undefined, 1, 3, '\t');
const written = record({ outer: object, inner: object, key: string({ unit: 'binary' }), value: jsonValue(), space: spaces });

/** Puts a member into `result`. */
function put(text: string): unknown {
  const span = spanAt(text, ['result']);
  return typeof span === 'string' ? span : JSON.parse(withMembers(text, span, '"n":1'));
}

test('a member is where a parser finds it, and what replaces it is all that changes', () => {
  assert(property(written, ({ outer, inner, key, value, space }) => {
    const whole = { ...outer, inner: { ...inner, [key]: value }, last: 1 };
    const text = JSON.stringify(whole, undefined, space);
    const span = spanAt(text, ['inner', key]);
    if (typeof span === 'string') throw new Error(span);
    expect(JSON.parse(text.slice(span.start, span.end))).toEqual(JSON.parse(JSON.stringify(value)));
    expect(JSON.parse(replaced(text, span, '"new"'))).toEqual(JSON.parse(JSON.stringify({ ...whole, inner: { ...whole.inner, [key]: 'new' } })));
  }));
});

test('a key that is not there is absent, also where the way there is no object', () => {
  for (const [text, path] of [['{}', ['a']], ['{"b":{"a":1}}', ['a']], ['{"a":[1]}', ['a', '0']], ['{"a":"{}"}', ['a', 'b']], [' \n{ }', ['a']]] as const) {
    expect(spanAt(text, path)).toBe('absent');
  }
});

test('a key that is there twice is told, however it is written', () => {
  for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{ "a" : {} , "x":[{"a":1}], "a" : null }']) expect(spanAt(text, ['a'])).toBe('twice');
  expect(spanAt('{"a":{"b":1},"a":{}}', ['a', 'b'])).toBe('twice');
  expect(spanAt('{"x":{"a":1,"a":2},"a":1}', ['a'])).toEqual({ start: 23, end: 24 });
});

test('members are put in before others, and into an empty object', () => {
  expect(put('{"result":{}}')).toEqual({ result: { n: 1 } });
  expect(put('{"result": { \n } }')).toEqual({ result: { n: 1 } });
  expect(put('{"result":{"a":2}}')).toEqual({ result: { n: 1, a: 2 } });
});
