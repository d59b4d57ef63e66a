import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedValues } from '../../kubernetes/shared-values.ts';

test('objects are what they were, whatever their fields are called and however often their values come again', () => {
  const values = new SharedValues();
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => {
    expect(JSON.stringify(values.share(JSON.parse(text)))).toBe(JSON.stringify(JSON.parse(text)));
  }));
  const hostile = '{"__proto__":{"a":"b"},"constructor":"c","list":["a",null,1,true,"a"],"same":{"constructor":"c"},"other":{"__proto__":{"a":"b"}}}';
  for (const time of [1, 2]) expect(JSON.stringify(values.share(JSON.parse(hostile))), `time ${time}`).toBe(hostile);
});

interface Labelled {
  readonly labels: object;
  readonly list: readonly object[];
}

function labelled(name: string): string {
  return JSON.stringify({ name, labels: { app: 'x', tier: 'y' }, list: [{ a: 1 }, { b: [true] }] });
}

test('what two objects repeat is there once: small objects, lists and what is in them', () => {
  const values = new SharedValues();
  const [one, other] = ['one', 'other'].map((name) => values.share(JSON.parse(labelled(name)) as Labelled));
  expect(other).toEqual(JSON.parse(labelled('other')));
  expect(other?.labels).toBe(one?.labels);
  expect(other?.list).toBe(one?.list);
});

test('what differs in the sort of a value, in the order of fields, or in what JSON does not tell, is not the same', () => {
  class Mark {
    readonly hash = 'a';
  }
  const values = new SharedValues();
  const pairs: (readonly [unknown, unknown])[] = [
    [{ a: '1' }, { a: 1 }], [[], {}], [{ a: null }, { a: 'null' }], [{ a: 1, b: 2 }, { b: 2, a: 1 }],
    [new Mark(), { hash: 'a' }], [{ a: undefined }, {}],
  ];
  for (const [one, other] of pairs) {
    const [first, second] = [values.share({ of: one }), values.share({ of: other })];
    expect(first.of).toStrictEqual(one);
    expect(second.of).toStrictEqual(other);
    expect(first.of).not.toBe(second.of);
  }
});

interface Versioned {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: object;
  readonly status: { readonly conditions: readonly object[] };
}

function version(resourceVersion: string, ready: string): Versioned {
  const conditions = [{ type: 'Ready', status: ready, message: 'm'.repeat(600) }, { type: 'Stalled', status: 'False' }];
  const spec = { image: 'i', args: Array.from({ length: 3 }, (_, index) => `${index}`.repeat(600)) };
  return JSON.parse(JSON.stringify({ metadata: { resourceVersion }, spec, status: { conditions } })) as Versioned;
}

test('of what follows a value, all that is as before is the same object, whatever its size', () => {
  const values = new SharedValues();
  const before = values.share(version('1', 'False'));
  const after = values.share(version('2', 'True'), before);
  expect(after).toEqual(version('2', 'True'));
  expect(after.spec).toBe(before.spec);
  expect(after.status.conditions[1]).toBe(before.status.conditions[1]);
  expect(before, 'what was handed out').toEqual(version('1', 'False'));
  expect(values.share(version('2', 'True'), after), 'nothing changed').toBe(after);
});

test('what follows a value is what it is, whatever that was', () => {
  const json = fc.json({ maxDepth: 4 });
  fc.assert(fc.property(json, json, fc.boolean(), (one, other, isWrapped) => {
    const values = new SharedValues();
    const wrap = (text: string): string => (isWrapped ? `{"same":${one},"other":${text},"list":[${one},${text}]}` : text);
    const before = values.share(JSON.parse(wrap(one)) as unknown);
    expect(JSON.stringify(values.share(JSON.parse(wrap(other)), before))).toBe(JSON.stringify(JSON.parse(wrap(other))));
    expect(JSON.stringify(before)).toBe(JSON.stringify(JSON.parse(wrap(one))));
  }));
  const pairs: (readonly [string, string])[] = [
    ['{"a":1,"b":2}', '{"b":2,"a":1}'], ['[]', '{}'], ['{"a":{}}', '{"__proto__":{}}'], ['{"a":null}', '{}'], ['[1,2]', '[2,1]'],
  ];
  for (const [one, other] of pairs) {
    const values = new SharedValues();
    expect(JSON.stringify(values.share(JSON.parse(other), values.share(JSON.parse(one)))), `${other} after ${one}`).toBe(other);
  }
});

test('how much is known is bounded: what did not come again for long is made anew', () => {
  const values = new SharedValues();
  const first = values.share({ of: { a: 'first' } }).of;
  for (let index = 0; index < 5000; index += 1) values.share({ of: { index } });
  expect(values.share({ of: { a: 'first' } }).of).not.toBe(first);
});

test('what keeps coming is kept, however much else comes', () => {
  const values = new SharedValues();
  const first = values.share({ of: { a: 'first' } }).of;
  for (let round = 0; round < 10; round += 1) {
    for (let index = 0; index < 500; index += 1) values.share({ of: { round, index } });
    expect(values.share({ of: { a: 'first' } }).of).toBe(first);
  }
});

test('an object nested deeper than any stack passes', () => {
  const text = `${'{"a":'.repeat(9000)}"deep"${'}'.repeat(9000)}`;
  let inner: unknown = new SharedValues().share(JSON.parse(text));
  for (let level = 0; level < 9000; level += 1) inner = (inner as { a: unknown }).a;
  expect(inner).toBe('deep');
});
