import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect as connectTo } from '../../kubernetes/connect.ts';
import { immutableFields } from '../../kubernetes/errors.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, NODES, SERVICES } from '../../kubernetes/objects.ts';
import { connect, eventually, uniqueName, useNamespace } from '../support/cluster.ts';
import { folder } from './credentials.ts';
import { failure } from './wire-server.ts';

/** Removes the CA, whether it stands in the kubeconfig or in a file beside it. */
function withoutCa(cluster: Record<string, unknown> = {}): Record<string, unknown> {
  delete cluster['certificate-authority'];
  delete cluster['certificate-authority-data'];
  return cluster;
}

interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

const OWNER = { fieldManager: 'mcp-operator', force: true };
const namespace = useNamespace('client');
let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
});
afterAll(() => client.close());

function configMap(name: string, data: Record<string, string>, metadata: object = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data };
}

function deployment(
  name: string,
  options: { label?: string; env?: object[]; replicas?: number } = {},
): KubernetesObject & { spec: object } {
  const { label = 'a', env = [], replicas = 0 } = options;
  const template = { metadata: { labels: { app: label } }, spec: { containers: [{ name: 'c', image: 'example', env }] } };
  return { metadata: { name, namespace }, spec: { replicas, selector: { matchLabels: { app: label } }, template } };
}

describe('server-side apply', () => {
  test('creates, does nothing when repeated, changes, and keeps what another manager owns', async () => {
    const name = uniqueName('cm');
    const created = await client.apply<ConfigMap>(CONFIG_MAPS, configMap(name, { a: '1' }), OWNER);
    const repeated = await client.apply<ConfigMap>(CONFIG_MAPS, configMap(name, { a: '1' }), OWNER);
    expect(repeated.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    await client.apply(CONFIG_MAPS, configMap(name, { b: '2' }), { fieldManager: 'another' });
    const changed = await client.apply<ConfigMap>(CONFIG_MAPS, configMap(name, { c: '3' }), OWNER);
    expect(changed.data).toEqual({ b: '2', c: '3' });
  });

  test('of what was read, managedFields included, is accepted', async () => {
    const name = uniqueName('cm');
    await client.apply(CONFIG_MAPS, configMap(name, { a: '1' }), OWNER);
    const live = await client.get<ConfigMap>(CONFIG_MAPS, { namespace, name });
    expect(live.metadata.managedFields).toHaveLength(1);
    expect((await client.apply<ConfigMap>(CONFIG_MAPS, live, OWNER)).metadata.uid).toBe(live.metadata.uid);
  });

  test('as a dry run changes nothing', async () => {
    const name = uniqueName('cm');
    await client.apply(CONFIG_MAPS, configMap(name, { a: '1' }), { ...OWNER, dryRun: true });
    expect((await failure(client.get(CONFIG_MAPS, { namespace, name }))).kind).toBe('NotFound');
  });

  test('without force of a field of another manager is a Conflict that names manager and field', async () => {
    const name = uniqueName('cm');
    await client.apply(CONFIG_MAPS, configMap(name, { a: '1' }), OWNER);
    const error = await failure(client.apply(CONFIG_MAPS, configMap(name, { a: '2' }), { fieldManager: 'another' }));
    expect(error.kind).toBe('Conflict');
    expect(error.message).toBe(`PATCH configmaps ${namespace}/${name}: 409 Conflict: .data.a: conflict with "mcp-operator"`);
    expect(error.causes).toEqual([{ field: '.data.a', message: 'conflict with "mcp-operator"', reason: 'FieldManagerConflict' }]);
  });

  test('of another selector is Invalid and names the immutable field', async () => {
    const name = uniqueName('deployment');
    await client.apply(DEPLOYMENTS, deployment(name), OWNER);
    const error = await failure(client.apply(DEPLOYMENTS, deployment(name, { label: 'b' }), OWNER));
    expect(error.kind).toBe('Invalid');
    expect(immutableFields(error)).toEqual(['spec.selector']);
    expect(error.message).toBe(`PATCH deployments ${namespace}/${name}: 422 Invalid: spec.selector: field is immutable`);
  });

  test('of a Service whose cluster IP is taken away names that field', async () => {
    const name = uniqueName('service');
    const service = (spec: object): KubernetesObject & { spec: object } => ({
      metadata: { name, namespace },
      spec: { ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    });
    await client.apply(SERVICES, service({}), OWNER);
    const error = await failure(client.apply(SERVICES, service({ clusterIP: 'None' }), OWNER));
    expect(error.kind).toBe('Invalid');
    expect(immutableFields(error)).toContain('spec.clusterIPs[0]');
  });

  test.each<[string, object]>([
    ['of duplicate list keys', deployment('rejected', { env: [{ name: 'P', value: '1' }, { name: 'P', value: '2' }] })],
    ['of an unknown field', { ...deployment('rejected'), spec: { zz: 1 } }],
  ])('%s is Rejected, not a server error to be repeated', async (_, object) => {
    const body = object as KubernetesObject;
    const error = await failure(client.apply(DEPLOYMENTS, { ...body, metadata: { name: 'rejected', namespace } }, OWNER));
    expect(error).toMatchObject({ kind: 'Rejected', status: 500 });
    expect(error.message).toContain('failed to create typed patch object');
  });

  test('of an invalid value is Invalid and names the field', async () => {
    const error = await failure(client.apply(DEPLOYMENTS, deployment(uniqueName('deployment'), { replicas: -1 }), OWNER));
    expect(error.kind).toBe('Invalid');
    expect(error.message).toContain('spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  });
});

describe('a precondition that does not hold', () => {
  test('on the uid of a missing object is a Conflict, on that of another object Invalid in metadata.uid', async () => {
    const name = uniqueName('cm');
    const dead = configMap(name, {}, { uid: '00000000-0000-0000-0000-000000000000' });
    expect((await failure(client.apply(CONFIG_MAPS, dead, OWNER))).kind).toBe('Conflict');
    await client.create(CONFIG_MAPS, configMap(name, {}));
    const error = await failure(client.apply(CONFIG_MAPS, dead, OWNER));
    expect(error.kind).toBe('Invalid');
    expect(immutableFields(error)).toEqual(['metadata.uid']);
  });

  test('on the resourceVersion is a Conflict', async () => {
    const name = uniqueName('cm');
    const { metadata } = await client.apply<ConfigMap>(CONFIG_MAPS, configMap(name, { a: '1' }), OWNER);
    const { resourceVersion } = metadata;
    await client.apply(CONFIG_MAPS, configMap(name, { a: '2' }, { resourceVersion }), OWNER);
    expect((await failure(client.apply(CONFIG_MAPS, configMap(name, { a: '3' }, { resourceVersion }), OWNER))).kind).toBe('Conflict');
  });

  test('on the resourceVersion of an update is a Conflict, and otherwise what the update leaves out is gone', async () => {
    const name = uniqueName('cm');
    const read = await client.create<ConfigMap>(CONFIG_MAPS, configMap(name, { a: '1' }));
    const updated = await client.update<ConfigMap>(CONFIG_MAPS, { ...read, data: { b: '2' } });
    expect([updated.data, updated.metadata.uid]).toEqual([{ b: '2' }, read.metadata.uid]);
    expect((await failure(client.update(CONFIG_MAPS, { ...read, data: { c: '3' } }))).kind).toBe('Conflict');
  });

  test('of a delete leaves the object alone', async () => {
    const name = uniqueName('cm');
    const ref = { namespace, name };
    const { metadata } = await client.create<ConfigMap>(CONFIG_MAPS, configMap(name, {}));
    expect((await failure(client.delete(CONFIG_MAPS, ref, { uid: 'another' }))).kind).toBe('Conflict');
    expect((await failure(client.delete(CONFIG_MAPS, ref, { resourceVersion: '1' }))).kind).toBe('Conflict');
    await client.delete(CONFIG_MAPS, ref, { uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    expect((await failure(client.get(CONFIG_MAPS, ref))).kind).toBe('NotFound');
    expect((await failure(client.delete(CONFIG_MAPS, ref))).kind).toBe('NotFound');
  });
});

describe('other calls', () => {
  test('a second create is AlreadyExists', async () => {
    const object = configMap(uniqueName('cm'), {});
    await client.create(CONFIG_MAPS, object);
    expect((await failure(client.create(CONFIG_MAPS, object))).kind).toBe('AlreadyExists');
  });

  test('a merge patch reaches the status', async () => {
    const name = uniqueName('node');
    await client.create(NODES, { metadata: { name } });
    const status = { nodeInfo: undefined, conditions: [{ type: 'Ready', status: 'True' }] };
    const patched = await client.patch<KubernetesObject & { status?: { conditions?: object[] } }>(
      NODES,
      { name },
      { status },
      { subresource: 'status', fieldManager: 'test' },
    );
    await client.delete(NODES, { name });
    expect(patched.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  });

  test('a list reads all pages, and the selector selects', async () => {
    const label = uniqueName('page');
    for (const name of ['a', 'b', 'c', 'd', 'e']) await client.create(CONFIG_MAPS, configMap(`${label}-${name}`, {}, { labels: { label } }));
    const { items } = await client.list<ConfigMap>(CONFIG_MAPS, { namespace, labelSelector: `label=${label}`, limit: 2 });
    expect(items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => ['ConfigMap', `${label}-${name}`]));
    const byName = await client.list(CONFIG_MAPS, { namespace, fieldSelector: `metadata.name=${label}-c` });
    expect(byName.items).toHaveLength(1);
  });

  test('the first create of a new kind, which the server holds back, succeeds', async () => {
    const group = `${uniqueName('g')}.example.com`;
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const names = { plural: 'things', singular: 'thing', kind: 'Thing' };
    const spec = { group, scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] };
    const crd = { metadata: { name: `things.${group}` }, spec };
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
    const type = { group, version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
    const created = await eventually(() => client.create<KubernetesObject>(type, { metadata: { name: 'first', namespace } }));
    expect(created.metadata.uid).toBeDefined();
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata);
  });
});

describe('TLS and identity', () => {
  interface Kubeconfig {
    clusters: { cluster: Record<string, unknown> }[];
    users: { user: Record<string, unknown> }[];
  }

  async function clientWith(change: (config: Kubeconfig) => void): Promise<KubernetesClient> {
    const config = parse(await readFile(inject('kubeconfig'), 'utf8')) as Kubeconfig;
    change(config);
    const directory = await folder({ config: stringify(config) });
    return new KubernetesClient(await connectTo({ kubeconfig: `${directory}/config`, env: {} }));
  }

  test('a server whose CA is not trusted is a Network error; insecure-skip-tls-verify accepts it', async () => {
    const untrusting = await clientWith(({ clusters }) => withoutCa(clusters[0]?.cluster));
    const error = await failure(untrusting.get(NODES, { name: 'x' }));
    expect([error.kind, error.message]).toEqual(['Network', expect.stringMatching(/^GET nodes x: .*certificate/)]);
    const careless = await clientWith(({ clusters }) => Object.assign(withoutCa(clusters[0]?.cluster), { 'insecure-skip-tls-verify': true }));
    expect((await failure(careless.get(NODES, { name: 'x' }))).kind).toBe('NotFound');
    untrusting.close();
    careless.close();
  });

  test('the certificate is checked against tls-server-name when that is set', async () => {
    const right = await clientWith(({ clusters }) => Object.assign(clusters[0]?.cluster ?? {}, { 'tls-server-name': 'kubernetes.default.svc' }));
    const wrong = await clientWith(({ clusters }) => Object.assign(clusters[0]?.cluster ?? {}, { 'tls-server-name': 'elsewhere.example' }));
    expect((await failure(right.get(NODES, { name: 'x' }))).kind).toBe('NotFound');
    expect((await failure(wrong.get(NODES, { name: 'x' }))).kind).toBe('Network');
    right.close();
    wrong.close();
  });

  test('a wrong token is Unauthorized, an identity without rights is Forbidden', async () => {
    const nobody = await clientWith(({ users }) => Object.assign(users[0] ?? {}, { user: { token: 'wrong' } }));
    expect((await failure(nobody.get(NODES, { name: 'x' }))).kind).toBe('Unauthorized');
    const jane = await clientWith(({ users }) => Object.assign(users[0]?.user ?? {}, { as: 'jane' }));
    const error = await failure(jane.list(NODES));
    expect([error.kind, error.message]).toEqual(['Forbidden', expect.stringContaining('User "jane" cannot list resource "nodes"')]);
    nobody.close();
    jane.close();
  });
});
