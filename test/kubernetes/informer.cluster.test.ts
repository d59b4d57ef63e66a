import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect as connectTo } from '../../kubernetes/connect.ts';
import { Informer } from '../../kubernetes/informer.ts';
import type { InformerOptions } from '../../kubernetes/informer.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS } from '../../kubernetes/objects.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { auditEvents, connect, eventually, uniqueName, useNamespace } from '../support/cluster.ts';

interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

interface Running {
  readonly informer: Informer<ConfigMap>;
  readonly changes: string[];
  readonly restarts: string[];
}

function run(options: Omit<InformerOptions<ConfigMap>, 'onRestart'>): Running {
  const restarts: string[] = [];
  const changes: string[] = [];
  const informer = new Informer<ConfigMap>({ ...options, onRestart: (reason) => restarts.push(reason) });
  informer.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name} ${object.data?.['v'] ?? '-'}`));
  const controller = new AbortController();
  const done = informer.run(controller.signal);
  onTestFinished(async () => {
    controller.abort();
    await done;
  });
  return { informer, changes, restarts };
}

function configMap(namespace: string, name: string, v: string): ConfigMap {
  return { metadata: { name, namespace, labels: { test: 'informer' } }, data: { v } };
}

const MINE = { labelSelector: 'test=informer' };

describe('on a running API server', () => {
  const namespace = useNamespace('informer');
  const second = useNamespace('informer');
  let client: KubernetesClient;

  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  test('an informer sees what is there, and then every creation, change and deletion once', async () => {
    await client.create(CONFIG_MAPS, configMap(namespace, 'before', '0'));
    const { informer, changes, restarts } = run({ client, type: CONFIG_MAPS, namespaces: [namespace], ...MINE });
    await informer.synced;
    expect(changes).toEqual(['ADDED before 0']);
    expect(informer.get({ namespace, name: 'before' })).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    await client.create(CONFIG_MAPS, configMap(namespace, 'after', '1'));
    await client.apply(CONFIG_MAPS, configMap(namespace, 'after', '2'), { fieldManager: 'test', force: true });
    await client.delete(CONFIG_MAPS, { namespace, name: 'after' });
    await client.delete(CONFIG_MAPS, { namespace, name: 'before' });
    await eventually(() => expect(changes).toHaveLength(5));
    expect(changes).toEqual(['ADDED before 0', 'ADDED after 1', 'MODIFIED after 2', 'DELETED after 2', 'DELETED before 0']);
    expect(informer.list()).toEqual([]);
    expect(restarts).toEqual([]);
  });

  test('an informer of two namespaces sees both and nothing else', async () => {
    const { informer } = run({ client, type: CONFIG_MAPS, namespaces: [namespace, second], ...MINE });
    await informer.synced;
    await client.create(CONFIG_MAPS, configMap(second, 'there', '1'));
    await client.create(CONFIG_MAPS, configMap(namespace, 'here', '1'));
    await client.create(CONFIG_MAPS, configMap('default', uniqueName('elsewhere'), '1'));
    await eventually(() => expect(informer.list()).toHaveLength(2));
    expect(informer.list(second).map(({ metadata }) => metadata.name)).toEqual(['there']);
    expect(informer.get({ namespace, name: 'here' })?.metadata.managedFields).toBeUndefined();
  });

  test('an informer asks once for what is there and what comes, and has large and many objects', async () => {
    const userAgent = uniqueName('streams');
    const streaming = await connect(userAgent);
    onTestFinished(() => streaming.close());
    const mine = uniqueName('many');
    const all = Array.from({ length: 60 }, (_, index) => ({
      metadata: { name: `${mine}-${index}`, namespace, labels: { mine } },
      data: { v: String(index), text: 'ä'.repeat(index === 7 ? 400_000 : 10) },
    }));
    for (const each of all) await client.create(CONFIG_MAPS, each);
    const { informer, restarts } = run({ client: streaming, type: CONFIG_MAPS, namespaces: [namespace], labelSelector: `mine=${mine}` });
    await informer.synced;
    expect(informer.size).toBe(60);
    expect(informer.get({ namespace, name: `${mine}-7` })?.data).toEqual(all[7]?.data);
    await client.delete(CONFIG_MAPS, { namespace, name: `${mine}-0` });
    await eventually(() => expect(informer.size).toBe(59));
    const asked = await eventually(async () => {
      const found = await auditEvents((event) => event.userAgent === userAgent);
      expect(found).not.toEqual([]);
      return found;
    });
    expect(new Set(asked.map(({ verb }) => verb))).toEqual(new Set(['watch']));
    expect(restarts).toEqual([]);
  });

  test('an informer of a kind whose CRD comes later waits for it', async () => {
    const group = `${uniqueName('g')}.example.com`;
    const type = { group, version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
    const { informer, changes, restarts } = run({ client, type, timing: { maxDelayMs: 500 } });
    await eventually(() => expect(restarts[0]).toContain(`does not serve things.${group} yet; is its CRD installed?`));
    expect(informer.hasSynced()).toBe(false);
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const names = { plural: 'things', singular: 'thing', kind: 'Thing' };
    const spec = { group, scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] };
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, { metadata: { name: `things.${group}` }, spec });
    await informer.synced;
    await client.create(type, { metadata: { name: 'first', namespace }, data: { v: '1' } });
    await eventually(() => expect(changes).toEqual(['ADDED first 1']));
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: `things.${group}` });
    await eventually(() => expect(informer.list()).toEqual([]));
  });
});

test('an informer on an API server that streams no lists, as those of Kubernetes 1.33, lists in pages and meets no failure', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-informer-'));
  const plane = await startControlPlane({ dir, emulated: '1.33' });
  onTestFinished(async () => {
    await plane.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const userAgent = uniqueName('pages');
  const client = new KubernetesClient(await connectTo({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent });
  onTestFinished(() => client.close());
  await client.create(CONFIG_MAPS, configMap('default', 'there', '1'));
  const { informer, changes, restarts } = run({ client, type: CONFIG_MAPS, ...MINE });
  await informer.synced;
  await client.create(CONFIG_MAPS, configMap('default', 'then', '2'));
  await eventually(() => expect(changes).toEqual(['ADDED there 1', 'ADDED then 2']));
  expect(restarts).toEqual([]);
  const asked = await auditEvents((event) => event.userAgent === userAgent && event.verb !== 'create', plane.auditLogPath);
  expect(asked[0]).toMatchObject({ verb: 'watch', responseStatus: { code: 422 } });
  expect(asked.map(({ verb }) => verb)).toContain('list');
});

describe('across a crash of the API server', () => {
  let plane: ControlPlane;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcp-informer-'));
    plane = await startControlPlane({ dir: directory });
  });
  afterAll(async () => {
    await plane.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('an informer loses nothing and goes on by itself', async () => {
    const client = new KubernetesClient(await connectTo({ kubeconfig: plane.kubeconfig, env: {} }));
    onTestFinished(() => client.close());
    const namespace = 'default';
    const { informer, changes, restarts } = run({ client, type: CONFIG_MAPS, ...MINE });
    await informer.synced;
    await client.create(CONFIG_MAPS, configMap(namespace, 'kept', '1'));
    await client.create(CONFIG_MAPS, configMap(namespace, 'deleted', '1'));
    await eventually(() => expect(changes).toHaveLength(2));
    await plane.killApiServer();
    await eventually(() => expect(restarts.length).toBeGreaterThan(0));
    await plane.startApiServer();
    await client.apply(CONFIG_MAPS, configMap(namespace, 'kept', '2'), { fieldManager: 'test', force: true });
    await client.delete(CONFIG_MAPS, { namespace, name: 'deleted' });
    await client.create(CONFIG_MAPS, configMap(namespace, 'new', '1'));
    await eventually(() => expect(changes.toSorted()).toEqual(['ADDED deleted 1', 'ADDED kept 1', 'ADDED new 1', 'DELETED deleted 1', 'MODIFIED kept 2']), {
      timeoutMs: 60_000,
    });
    await plane.restartApiServer();
    await client.create(CONFIG_MAPS, configMap(namespace, 'newer', '1'));
    await eventually(() => expect(changes).toContain('ADDED newer 1'), { timeoutMs: 60_000 });
    expect(informer.list(namespace).map(({ metadata }) => metadata.name).toSorted()).toEqual(['kept', 'new', 'newer']);
    expect(new Set(changes).size).toBe(changes.length);
  });
});
