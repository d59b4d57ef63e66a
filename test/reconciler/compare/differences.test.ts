import { describe, expect, it } from 'vitest';
import { differences, withoutMoving } from '../../../reconciler/compare/differences.ts';
import { laidOver } from '../../../reconciler/compare/laid-over.ts';
import { masked } from '../../../reconciler/compare/masked.ts';

const A = { name: 'A', value: '1' };
const B = { name: 'B', value: '2' };
const moving = (version: string): object => ({
  metadata: { resourceVersion: version, managedFields: [version], annotations: { 'mcp.example.com/applied-hash': version } }, status: { a: version },
});

describe('differences', () => {
  it.each<[string, unknown, unknown, unknown[]]>([
    ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ['a value', { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, [['spec.replicas', 1, 2]]],
    ['a field that comes', { spec: {} }, { spec: { a: { b: 1 } } }, [['spec', {}, { a: { b: 1 } }]]],
    ['a map that comes beside others', { spec: { c: 1 } }, { spec: { c: 1, a: { b: 1 } } }, [['spec.a.b', undefined, 1]]],
    ['a field that goes', { a: 1, b: 2 }, { a: 1 }, [['b', 2, undefined]]],
    ['null and nothing', { a: null, b: 1 }, { b: 1 }, [['a', null, undefined]]],
    ['an item by its key, in another place', { env: [A, B] }, { env: [{ ...B, value: '3' }, A] }, [['env[B].value', '2', '3']]],
    ['an item of a list without keys, by its place', { args: ['a', 'b'] }, { args: ['a', 'c', 'd'] }, [['args[1]', 'b', 'c'], ['args[2]', undefined, 'd']]],
    ['items whose key stands twice', { env: [A] }, { env: [A, { ...A, value: '2' }] }, [['env[1].name', undefined, 'A'], ['env[1].value', undefined, '2']]],
    ['a list for a text', { a: ['x'] }, { a: 'x' }, [['a', ['x'], 'x']]],
    ['a key that is no word', { data: { 'a.b/c': 1 } }, { data: { 'a.b/c': 2 } }, [['data[a.b/c]', 1, 2]]],
    ['what moves by itself', moving('1'), moving('2'), []],
    ['what a user calls alike', { spec: { status: 1, metadata: { uid: 1 } } }, { spec: { status: 2, metadata: { uid: 2 } } }, [['spec.status', 1, 2], ['spec.metadata.uid', 1, 2]]],
  ])('are %s', (...[, before, after, found]) => {
    expect(differences(before, after).map((each) => [each.path, each.before, each.after])).toEqual(found);
  });

  it('of an object that is new are the object, without what moves by itself', () => {
    const object = { metadata: { name: 'a', uid: 'x', annotations: { 'mcp.example.com/applied-hash': 'a' }, labels: {} }, spec: { a: {} }, status: {} };
    expect(withoutMoving(object)).toEqual({ metadata: { name: 'a', labels: {} }, spec: { a: {} } });
  });
});

describe('what lies over a live object', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['leaves what only the live one has', { spec: { a: 1, b: 2 } }, { spec: { a: 3 } }, { spec: { a: 3, b: 2 } }],
    ['merges items by their key, and adds new ones', { env: [{ ...A, x: 1 }, B] }, { env: [{ name: 'C' }, { ...A, value: '2' }] }, { env: [{ ...A, value: '2', x: 1 }, B, { name: 'C' }] }],
    ['replaces other lists', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    ['replaces what is of another kind', { a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
    ['knows ports by both their numbers', { ports: [{ port: 1, name: 'a' }] }, { ports: [{ port: 2, name: 'a' }] }, { ports: [{ port: 2, name: 'a' }] }],
  ])('%s', (...[, live, desired, expected]) => {
    expect(laidOver(live, desired)).toEqual(expected);
  });
});

describe('a difference on a screen', () => {
  it.each<[string, unknown, unknown]>([
    ['data.API_KEY', 'a', '***'],
    ['data[db-password]', 'a', '***'],
    ['spec.config.githubToken', 'a', '***'],
    ['spec.containers[x].env[TOKEN].value', 'a', '***'],
    ['spec.containers[x].env[TOKEN].valueFrom.secretKeyRef.name', 'my-secret', 'my-secret'],
    ['spec.containers[x].env[TOKEN].name', 'TOKEN', 'TOKEN'],
    ['spec.volumes[secret].secret.secretName', 'a', 'a'],
    ['spec.automountServiceAccountToken', true, true],
    ['spec.env', [{ name: 'A', value: 'x' }, { name: 'PASSWORD', value: 'y' }], [{ name: 'A', value: 'x' }, { name: 'PASSWORD', value: '***' }]],
    ['spec.args', ['--token', 'a', '--port', '1', '--password=b'], ['--token', '***', '--port', '1', '--password=***']],
    ['spec.args[0]', '--header=Authorization: Bearer abcdefghijkl', '***'],
    ['data[config.json]', '{"API_KEY": "a\\"b", "units": "metric"}', '{"API_KEY": ***, "units": "metric"}'],
    ['data[app.env]', 'SECRET=a\nUNITS=metric\nDB_PASSWORD: c', 'SECRET=***\nUNITS=metric\nDB_PASSWORD: ***'],
    ['data.URL', 'postgres://me:hidden@db/x', 'postgres://me:***@db/x'],
    ['data.KEY', '-----BEGIN EC PRIVATE KEY-----\nabc', '***'],
    ['metadata.name', 'weather', 'weather'],
  ])('hides in %s what may be a credential', (path, value, shown) => {
    expect(masked({ path, before: undefined, after: value })).toEqual({ path, before: undefined, after: shown });
  });

  it('still tells that two credentials differ', () => {
    expect(masked({ path: 'data.API_KEY', before: 'a', after: 'b' })).toEqual({ path: 'data.API_KEY', before: '*** (before)', after: '*** (after)' });
  });

  it('takes no longer for a text that is nothing but beginnings', () => {
    const text = 'token'.repeat(20_000);
    expect(masked({ path: 'data.a', before: undefined, after: text }).after).toBe(text);
  });
});
