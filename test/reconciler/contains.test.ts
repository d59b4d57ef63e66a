import { describe, expect, it } from 'vitest';
import { contains } from '../../reconciler/contains.ts';
import { render } from '../../charts/render.ts';
import { MINIMAL, mcpServer } from '../support/rendered.ts';

describe('a live object contains the desired one', () => {
  it.each<[string, unknown, unknown]>([
    ['when they are equal', { a: 1, b: [1, 2], c: null }, { a: 1, b: [1, 2], c: null }],
    ['when the API server added defaults', { spec: { a: 1, b: 2 }, status: {} }, { spec: { a: 1 } }],
    ['when items of a keyed list have further fields', [{ name: 'A', value: '1', x: 1 }], [{ name: 'A', value: '1' }]],
    ['when another manager added an item to a keyed list', [{ name: 'B' }, { name: 'A', value: '1' }], [{ name: 'A', value: '1' }]],
    ['when a keyed list has another order', [{ containerPort: 2, protocol: 'TCP' }, { containerPort: 1, protocol: 'TCP' }], [{ containerPort: 1, protocol: 'TCP' }, { containerPort: 2, protocol: 'TCP' }]],
    ['when another manager added an owner', [{ uid: 'x', name: 'n' }, { uid: 'y', name: 'n' }], [{ uid: 'y', name: 'n' }]],
    ['when a Service got a node port', [{ port: 80, protocol: 'TCP', nodePort: 30_000 }], [{ port: 80, protocol: 'TCP' }]],
  ])('%s', (_name, live, desired) => {
    expect(contains(live, desired)).toBe(true);
  });

  it('when an MCPServer is rendered twice', () => {
    const server = mcpServer({ ...MINIMAL, replicas: 2, config: { A: '1' } });
    expect(contains(render(server), render(server))).toBe(true);
  });
});

describe('a live object does not contain the desired one', () => {
  it.each<[string, unknown, unknown]>([
    ['when a value differs', { a: 1 }, { a: 2 }],
    ['when a value has another type', { a: '1' }, { a: 1 }],
    ['when a field is missing', { a: {} }, { a: { b: 1 } }],
    ['when an object stands where a value should', { a: {} }, { a: 1 }],
    ['when a list stands where an object should', { a: [] }, { a: { b: 1 } }],
    ['when an object stands where a list should', { a: {} }, { a: [] }],
    ['when null stands where an object should', { a: null }, { a: { b: 1 } }],
    ['when an item of a keyed list is missing', [{ name: 'A' }], [{ name: 'A' }, { name: 'B' }]],
    ['when an item of a keyed list differs', [{ name: 'A', value: '1' }], [{ name: 'A', value: '2' }]],
    ['when a list without keys is longer', { args: ['a', 'b'] }, { args: ['a'] }],
    ['when a list without keys has another order', { args: ['b', 'a'] }, { args: ['a', 'b'] }],
    ['when one port of two protocols is missing', [{ port: 53, protocol: 'UDP' }], [{ port: 53, protocol: 'TCP' }]],
    ['when a list that should be empty is not', { list: [{ name: 'A' }] }, { list: [] }],
  ])('%s', (_name, live, desired) => {
    expect(contains(live, desired)).toBe(false);
  });
});
