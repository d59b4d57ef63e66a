// Which form an input schema becomes, whatever is in it; and which arguments the fields become.
import { describe, expect, test } from 'vitest';
import { argumentsIn, argumentsWritten, defaultsOf, WHOLE, type Inputs } from '../../../../../reconciler/commands/dashboard/page/values.ts';
import { formOf } from '../../../../../reconciler/commands/dashboard/tools/form.ts';
import type { ToldField } from '../../../../../reconciler/commands/dashboard/told.ts';

const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });
const EITHER = { anyOf: [{ type: 'integer' }, { type: 'null' }] };
const kinds = (schema: unknown): unknown => formOf(schema)?.map(({ kind }) => kind) ?? null;
/** JSON itself makes a member of this name; a literal would not. */
const PROTO = JSON.parse('{"__proto__":{"type":"string"},"constructor":{"type":"string"}}') as object;

function nested(levels: number): object {
  let schema: object = { type: 'string' };
  for (let level = 0; level < levels; level += 1) schema = object({ a: schema });
  return schema;
}

describe('the form', () => {
  test.each<[string, unknown, unknown]>([
    ['simple types', object({ a: { type: 'string' }, b: { type: 'number' }, c: { type: 'integer' }, d: { type: 'boolean' } }), ['text', 'number', 'integer', 'boolean']],
    ['choices', object({ a: { enum: ['x', 1, null] }, b: { const: 'x' }, c: { enum: [{}] }, d: { enum: [] } }), ['choice', 'choice', 'json', 'json']],
    ['lists of what is simple', object({ a: { type: 'array', items: { type: 'integer' } }, b: { type: 'array' }, c: { type: 'array', items: object({}) } }), ['list', 'json', 'json']],
    ['what may be null', object({ a: { type: ['string', 'null'] }, b: EITHER, c: { anyOf: [{ type: 'integer' }, { type: 'string' }] } }), ['text', 'integer', 'json']],
    ['references within', object({ a: { $ref: '#/$defs/b~1c' } }, { $defs: { 'b/c': { type: 'boolean' } } }), ['boolean']],
    ['references elsewhere', object({ a: { $ref: 'http://127.0.0.1:1/x' }, b: { $ref: '#/$defs/none' }, c: { $ref: 7 }, d: { $ref: '#/__proto__' } }), ['json', 'json', 'json', 'json']],
    ['a reference to itself', object({ a: { $ref: '#/properties/a' } }), ['json']],
    ['what is no schema', object({ a: true, b: null, c: 'x', d: { type: 7 } }), ['json', 'json', 'json', 'json']],
    ['no properties', object({}), []],
    ['no object', 7, null],
    ['no schema of properties', { type: 'object' }, null],
    ['one of several', object({}, { oneOf: [{}] }), null],
    ['too many levels', nested(40), null],
    ['too large a schema', object({ a: { type: 'string', description: 'x'.repeat(65 * 1024) } }), null],
    ['too many fields', object(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [index, {}]))), null],
    ['a pattern that would not end', object({ a: { type: 'string', pattern: '(a+)+$' }, b: { type: 'string', pattern: '(' } }), ['text', 'text']],
    ['names of the language', object(PROTO), ['text', 'text']],
  ])('of %s', (_, schema, expected) => {
    expect(kinds(schema)).toEqual(expected);
  });

  test('of a schema of 100,000 levels is JSON, and of one that refers to itself ends', () => {
    const deep = JSON.parse(`${'{"properties":{"a":'.repeat(100_000)}1${'}}'.repeat(100_000)}`) as unknown;
    expect(formOf(deep)).toBeNull();
    const tree = object({ node: { $ref: '#/$defs/node' } }, { $defs: { node: object({ left: { $ref: '#/$defs/node' }, right: { $ref: '#/$defs/node' } }) } });
    expect(formOf(tree)?.map(({ kind }) => kind) ?? null).toEqual(['group']);
    const wide = object(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { $ref: '#/$defs/n' }])), {
      $defs: { n: object(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { $ref: '#/$defs/n' }]))) },
    });
    expect(formOf(wide)).toBeNull();
  });

  test('says what the schema says, as plain text', () => {
    const [field] = formOf(object({ a: { type: 'string', title: '<b>Word\u202E</b>', description: 'one\n\u001B[2Jtwo', default: 'x' } }, { required: ['a'] })) ?? [];
    expect(field).toMatchObject({ name: 'a', label: '<b>Word</b>', description: 'one two', isRequired: true, default: '"x"' });
  });
});

describe('the arguments', () => {
  const FIELDS = formOf(object({
    word: { type: 'string' }, count: { type: 'integer' }, ratio: { type: 'number' }, loud: { type: 'boolean' }, mode: { enum: ['a', 2] },
    tags: { type: 'array', items: { type: 'integer' } }, place: object({ city: { type: 'string' }, zip: { type: 'integer' } }, { required: ['city'] }), any: {},
  }, { required: ['word'] })) ?? [];
  const ALL = { 'f-1': '7', 'f-2': '-1.5e3', 'f-3': 'false', 'f-4': '2', 'f-5': '1\n\n2', 'f-7': '{"x":[1]}' };
  const fill = (inputs: Inputs): unknown => {
    const { arguments: args, problems } = argumentsIn(FIELDS, inputs, 'f');
    return args ?? Object.fromEntries(problems);
  };

  test.each<[Inputs, unknown]>([
    [{ 'f-0': 'hi' }, { word: 'hi' }],
    [{ 'f-0': ' ' }, { word: ' ' }],
    [{}, { 'f-0': 'This is required.' }],
    [{ ...ALL, 'f-0': 'hi' }, { word: 'hi', count: 7, ratio: -1500, loud: false, mode: 2, tags: [1, 2], any: { x: [1] } }],
    [{ 'f-0': 'hi', 'f-1': '7.5' }, { 'f-1': 'This is no whole number.' }],
    [{ 'f-0': 'hi', 'f-1': '0x10', 'f-2': '1e999' }, { 'f-1': 'This is no number.', 'f-2': 'This is no number.' }],
    [{ 'f-0': 'hi', 'f-1': '9007199254740993' }, { 'f-1': 'This number is too large to be sent as it is.' }],
    [{ 'f-0': 'hi', 'f-5': '1\nx' }, { 'f-5': 'Line 2: This is no number.' }],
    [{ 'f-0': 'hi', 'f-6-0': 'Bern' }, { word: 'hi', place: { city: 'Bern' } }],
    [{ 'f-0': 'hi', 'f-6-1': '3000' }, { 'f-6-0': 'This is required.' }],
    [{ 'f-0': 'hi', 'f-7': '{' }, { 'f-7': expect.stringMatching(/^This is no JSON: /) as string }],
  ])('of %j', (inputs, expected) => {
    expect(fill(inputs)).toEqual(expected);
  });

  test('may have names of the language', () => {
    const { arguments: args } = argumentsIn(formOf(object(PROTO)) ?? [], { 'f-0': 'x', 'f-1': 'y' }, 'f');
    expect(JSON.stringify(args)).toBe('{"__proto__":"x","constructor":"y"}');
    expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
  });

  test('begin with the defaults, where they are of the kind', () => {
    const fields = formOf(object({
      a: { type: 'string', default: 'x' }, b: { type: 'integer', default: 3 }, c: { type: 'boolean', default: false }, d: { enum: ['p', 'q'], default: 'q' },
      e: { type: 'array', items: { type: 'string' }, default: ['1', '2'] }, f: { default: { z: 1 } }, g: { type: 'string', default: {} },
    })) as ToldField[];
    expect(argumentsIn(fields, defaultsOf(fields, 'f'), 'f').arguments).toEqual({ a: 'x', b: 3, c: false, d: 'q', e: ['1', '2'], f: { z: 1 } });
    expect(defaultsOf(null, 'f')).toEqual({ [WHOLE]: '{}' });
  });

  test.each([['{"a":1}', { a: 1 }], ['[]', undefined], ['null', undefined], ['{', undefined], ['', undefined]])('written as a whole: %s', (text, expected) => {
    const { arguments: args, problems } = argumentsWritten(text);
    expect(args).toEqual(expected);
    expect(problems.size).toBe(expected === undefined ? 1 : 0);
  });
});
