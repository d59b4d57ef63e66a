import { describe, expect, it } from 'vitest';
import { contains } from '../../../reconciler/compare/contains.ts';
import { render } from '../../../charts/render.ts';
import { MINIMAL, mcpServer } from '../../support/rendered.ts';

describe('a live object contains the desired one', () => {
  it.each<[string, unknown, unknown]>([
    ['when they are equal', { a: 1, b: [1, 2], c: null }, { a: 1, b: [1, 2], c: null }],
    ['when the API server added defaults', { spec: { a: 1, b: 2 }, status: {} }, { spec: { a: 1 } }],
    ['when items of a keyed list have further fields', { env: [{ name: 'A', value: '1', x: 1 }] }, { env: [{ name: 'A', value: '1' }] }],
    ['when another manager added an item to a keyed list', { env: [{ name: 'B' }, { name: 'A', value: '1' }] }, { env: [{ name: 'A', value: '1' }] }],
    [
      'when a keyed list has another order',
      { ports: [{ containerPort: 2, protocol: 'TCP' }, { containerPort: 1, protocol: 'TCP' }] },
      { ports: [{ containerPort: 1, protocol: 'TCP' }, { containerPort: 2, protocol: 'TCP' }] },
    ],
    ['when another manager added an owner', { ownerReferences: [{ uid: 'x', name: 'n' }, { uid: 'y', name: 'n' }] }, { ownerReferences: [{ uid: 'y', name: 'n' }] }],
    ['when a Service got a node port', { ports: [{ port: 80, protocol: 'TCP', nodePort: 30_000 }] }, { ports: [{ port: 80, protocol: 'TCP' }] }],
    ['when a reference to a field got its version', { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }, { fieldRef: { fieldPath: 'metadata.name' } }],
    ['when a reference to a resource got its divisor', { resourceFieldRef: { divisor: '0', resource: 'limits.cpu' } }, { resourceFieldRef: { resource: 'limits.cpu' } }],
    ['when a volume got a mode', { volumes: [{ name: 'a', configMap: { name: 'a', defaultMode: 420 } }] }, { volumes: [{ name: 'a', configMap: { name: 'a' } }] }],
    ['when the fields of an atomic object have another order', { selector: { a: '1', b: '2' } }, { selector: { b: '2', a: '1' } }],
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
    ['when an item of a keyed list is missing', { env: [{ name: 'A' }] }, { env: [{ name: 'A' }, { name: 'B' }] }],
    ['when an item of a keyed list differs', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'A', value: '2' }] }],
    ['when a list without keys is longer', { args: ['a', 'b'] }, { args: ['a'] }],
    ['when a list without keys has another order', { args: ['b', 'a'] }, { args: ['a', 'b'] }],
    ['when one port of two protocols is missing', { ports: [{ port: 53, protocol: 'UDP' }] }, { ports: [{ port: 53, protocol: 'TCP' }] }],
    ['when a list that should be empty is not', { list: [{ name: 'A' }] }, { list: [] }],
    ['when a keyed list is missing', {}, { env: [{ name: 'A' }] }],
    ['when an atomic object is missing', {}, { selector: { a: '1' } }],
  ])('%s', (_name, live, desired) => {
    expect(contains(live, desired)).toBe(false);
  });
});

describe('what was added by hand within an atomic field is a difference', () => {
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'a' } } };
  const inTerm = (more: object): object => ({
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { ...term, ...more } }],
  });
  const requirement = { key: 'disk', operator: 'Exists' };
  const required = (more: object): object => ({
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [requirement], ...more }] },
  });

  it.each<[string, unknown, unknown]>([
    ['a label of the selector of a Service', { selector: { a: '1', b: '2' } }, { selector: { a: '1' } }],
    ['a label of matchLabels', { selector: { matchLabels: { a: '1', b: '2' } } }, { selector: { matchLabels: { a: '1' } } }],
    ['matchExpressions', { selector: { matchLabels: { a: '1' }, matchExpressions: [requirement] } }, { selector: { matchLabels: { a: '1' } } }],
    ['a label of the nodes', { nodeSelector: { a: '1', b: '2' } }, { nodeSelector: { a: '1' } }],
    ['a label of a spread constraint', { labelSelector: { matchLabels: { a: '1', b: '2' } } }, { labelSelector: { matchLabels: { a: '1' } } }],
    ['optional of a ConfigMap key', { configMapKeyRef: { name: 'a', key: 'k', optional: true } }, { configMapKeyRef: { name: 'a', key: 'k' } }],
    ['optional of a Secret key', { secretKeyRef: { name: 'a', key: 'k', optional: true } }, { secretKeyRef: { name: 'a', key: 'k' } }],
    ['a container of a resource', { resourceFieldRef: { resource: 'limits.cpu', containerName: 'b' } }, { resourceFieldRef: { resource: 'limits.cpu' } }],
    ['a divisor', { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } }, { resourceFieldRef: { resource: 'limits.cpu' } }],
    ['namespaces of a term of pods', inTerm({ namespaces: ['x'] }), inTerm({})],
    ['fields of a term of nodes', required({ matchFields: [requirement] }), required({})],
    ['optional of a source of variables', { envFrom: [{ secretRef: { name: 'a', optional: true } }] }, { envFrom: [{ secretRef: { name: 'a' } }] }],
    ['seconds of a toleration', { tolerations: [{ operator: 'Exists', tolerationSeconds: 1 }] }, { tolerations: [{ operator: 'Exists' }] }],
    ['a mode of a file', { items: [{ key: 'a', path: 'a', mode: 256 }] }, { items: [{ key: 'a', path: 'a' }] }],
    ['a header of a probe', { httpHeaders: [{ name: 'a', value: '1' }, { name: 'b', value: '1' }] }, { httpHeaders: [{ name: 'a', value: '1' }] }],
    ['a sysctl', { sysctls: [{ name: 'a', value: '1' }, { name: 'b', value: '1' }] }, { sysctls: [{ name: 'a', value: '1' }] }],
  ])('%s', (_name, live, desired) => {
    expect(contains(live, desired)).toBe(false);
    expect(contains(desired, live)).toBe(false);
    expect(contains(desired, desired)).toBe(true);
  });
});
