// Secrets and ConfigMaps under running servers: what is missing is named, what changes replaces pods once.
// The cases of one describe block follow on each other, and the last case needs those of the whole file.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { CONFIG_MAPS, DEPLOYMENTS, REPLICA_SETS, SECRETS, SERVICE_ACCOUNTS, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { auditEvents, eventually, kubectl } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { writesBy } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

const scene = useScene('references');
const ANNOTATION = 'mcp.example.com/references';
/** For tests of which each goes on where the one before it ended, beside others that run at the same time. */
const IN_TURN = { concurrent: false };
/** Longer than a change waits for others, and than its pods need. */
const QUIET_MS = 4000;
const VALUE = 'c2VjcmV0LXZhbHVl';

interface Deployment extends KubernetesObject {
  readonly spec: { readonly replicas: number; readonly template: { readonly metadata: { readonly annotations?: Record<string, string> } } };
}

const fromSecret = (name: string): Partial<MCPServerSpec> => ({ files: [{ mountPath: '/etc/secret', secret: { name } }] });

function put(type: ResourceType, name: string, more: object = {}): Promise<KubernetesObject> {
  return scene.fleet.client.create(type, { metadata: scene.fleet.ref(name), ...more }, { fieldManager: 'owner' });
}

function change(type: ResourceType, name: string, patch: object): Promise<KubernetesObject> {
  return scene.fleet.client.patch(type, scene.fleet.ref(name), patch, { fieldManager: 'owner' });
}

/** The Secret `rotated`, by somebody who is not its owner. */
function changeAsOther(patch: object): Promise<KubernetesObject> {
  return scene.fleet.client.patch(SECRETS, scene.fleet.ref('rotated'), patch, { fieldManager: 'other' });
}

/** How many pod templates the server had so far: one more for every rollout. */
async function templates(name: string): Promise<number> {
  const { items } = await scene.fleet.client.list(REPLICA_SETS, { namespace: scene.namespace, labelSelector: `mcp.example.com/server=${name}` });
  return items.length;
}

function deployment(name: string): Promise<Deployment> {
  return scene.fleet.client.get<Deployment>(DEPLOYMENTS, scene.fleet.ref(name));
}

async function record(name: string): Promise<string | undefined> {
  return (await deployment(name)).metadata.annotations?.[ANNOTATION];
}

/** Waits for that many templates and the end of the rollout, gives a further one time to follow, and counts again. */
async function settled(name: string, count: number): Promise<number> {
  await eventually(async () => expect(await templates(name)).toBeGreaterThanOrEqual(count), { message: `${count} templates of ${name}` });
  await scene.fleet.ready(name);
  await sleep(QUIET_MS);
  return templates(name);
}

describe.concurrent('a Secret under a running server', () => {
  test('is on record from the creation of the Deployment, which rolls once', IN_TURN, async () => {
    await put(SECRETS, 'rotated', { data: { token: VALUE } });
    await scene.fleet.create('rotation', fromSecret('rotated'));
    expect(await settled('rotation', 1)).toBe(1);
    expect(await record('rotation')).toMatch(/^Secret\/rotated=[0-9a-f]{12}$/);
    const [creation] = await auditEvents(
      ({ verb, objectRef, userAgent }) =>
        userAgent === scene.operator.userAgent && verb === 'patch' && objectRef?.resource === 'deployments' && objectRef.name === 'rotation',
    );
    expect(creation?.requestURI).toContain('fieldManager=mcp-operator&');
  });

  test('replaces the pods once when it is rotated, says so, and no value reached the operator', IN_TURN, async () => {
    await change(SECRETS, 'rotated', { data: { token: 'b3RoZXI=' } });
    expect(await settled('rotation', 2)).toBe(2);
    const { stdout } = await kubectl(['get', 'events', '-n', scene.namespace, '-o', 'jsonpath={.items[?(@.reason=="ReferenceChanged")].note}{.items[?(@.reason=="ReferenceChanged")].message}']);
    expect(stdout).toContain('Secret rotated');
    const looks = await auditEvents(({ userAgent, objectRef }) => userAgent === scene.operator.userAgent && objectRef?.resource === 'secrets');
    expect(new Set(looks.map(({ verb }) => verb))).toEqual(new Set(['watch']));
    expect(looks.every(({ requestURI }) => requestURI.includes('fieldSelector=metadata.name'))).toBe(true);
  });

  test('replaces nothing when somebody else labels it', IN_TURN, async () => {
    await sleep(1100);
    await changeAsOther({ metadata: { labels: { looked: 'at' }, annotations: { note: 'x' } } });
    expect(await settled('rotation', 2)).toBe(2);
  });

  test('replaces the pods once for two quick changes, a ConfigMap among them', IN_TURN, async () => {
    await put(CONFIG_MAPS, 'settings', { data: { A: '1', B: '1' } });
    await scene.fleet.edit('rotation', { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'A' } } }] });
    expect(await settled('rotation', 3)).toBe(3);
    await change(SECRETS, 'rotated', { data: { token: 'MQ==' } });
    await sleep(1200);
    await change(CONFIG_MAPS, 'settings', { data: { A: '2' } });
    expect(await settled('rotation', 4)).toBe(4);
  });

  test('whose key an editor takes out replaces the pods, though nobody is named for it', IN_TURN, async () => {
    await change(SECRETS, 'rotated', { data: { more: 'MQ==' } });
    expect(await settled('rotation', 5)).toBe(5);
    await changeAsOther({ data: { more: null } });
    expect(await settled('rotation', 6)).toBe(6);
  });
});

test.concurrent('a Secret that was applied as stringData replaces the pods when applied anew', async () => {
  const apply = (a: string): Promise<KubernetesObject> =>
    scene.fleet.client.apply(SECRETS, { metadata: scene.fleet.ref('text'), stringData: { a } } as KubernetesObject, { fieldManager: 'gitops' });
  await apply('1');
  await scene.fleet.create('text', { envFrom: [{ secretRef: { name: 'text' } }] });
  await scene.fleet.ready('text');
  await sleep(1100);
  await apply('2');
  expect(await settled('text', 2)).toBe(2);
});

describe.concurrent('a ConfigMap under a running server', () => {
  test('replaces the pods when a key they read changes, and not for another key', IN_TURN, async () => {
    await put(CONFIG_MAPS, 'options', { data: { used: '1', other: '1' } });
    await scene.fleet.create('reader', { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'options', key: 'used' } } }] });
    expect(await settled('reader', 1)).toBe(1);
    await change(CONFIG_MAPS, 'options', { data: { other: '2' } });
    expect(await settled('reader', 1)).toBe(1);
    await change(CONFIG_MAPS, 'options', { data: { used: '2' } });
    expect(await settled('reader', 2)).toBe(2);
  });

  test('replaces them once when the spec changes which keys they read', IN_TURN, async () => {
    await scene.fleet.edit('reader', {
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'options', key: 'used' } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'options', key: 'other' } } },
      ],
    });
    expect(await settled('reader', 3)).toBe(3);
    await scene.fleet.edit('reader', { env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'options', key: 'other' } } }] });
    expect(await settled('reader', 4)).toBe(4);
    await scene.fleet.edit('reader', { env: null });
    expect(await settled('reader', 5)).toBe(5);
    expect(await record('reader')).toBeUndefined();
  });

  test('that need not be there replaces the pods when it comes', async () => {
    await scene.fleet.create('relaxed', { envFrom: [{ configMapRef: { name: 'later', optional: true } }] });
    expect(await settled('relaxed', 1)).toBe(1);
    await put(CONFIG_MAPS, 'later', { data: { A: '1' } });
    expect(await settled('relaxed', 2)).toBe(2);
  });
});

test.concurrent('a Secret goes missing after it was there: old pods serve on, and are replaced when it comes back with something else', async () => {
  await put(SECRETS, 'lost', { data: { a: VALUE } });
  await scene.fleet.create('losing', fromSecret('lost'));
  expect(await settled('losing', 1)).toBe(1);
  await scene.fleet.client.delete(SECRETS, scene.fleet.ref('lost'));
  const server = await scene.fleet.until('losing', 'Ready', ['False', 'SecretNotFound']);
  expect([conditionOf(server, 'Available')?.status, server.status?.endpoint]).toEqual(['True', expect.stringContaining('http://losing.')]);
  await put(SECRETS, 'lost', { data: { a: 'MQ==' } });
  expect(await settled('losing', 2)).toBe(2);
});

test.concurrent('a change replaces the pods of an autoscaled server without resetting their number', async () => {
  await put(SECRETS, 'scaled', { data: { a: VALUE } });
  await scene.fleet.create('autoscaled', { ...fromSecret('scaled'), scaling: 'External' });
  expect(await settled('autoscaled', 1)).toBe(1);
  await kubectl(['scale', 'deployment/autoscaled', '--replicas=3', '-n', scene.namespace]);
  await change(SECRETS, 'scaled', { data: { a: 'MQ==' } });
  expect(await settled('autoscaled', 2)).toBe(2);
  expect((await deployment('autoscaled')).spec.replicas).toBe(3);
});

describe.concurrent('onReferenceChange: Ignore', () => {
  test('leaves the pods alone, and so does switching it on and off', async () => {
    await put(SECRETS, 'ignored', { data: { a: '' } });
    await scene.fleet.create('ignoring', { ...fromSecret('ignored'), onReferenceChange: 'Ignore' });
    expect(await settled('ignoring', 1)).toBe(1);
    expect(await record('ignoring')).toBeUndefined();
    await change(SECRETS, 'ignored', { data: { a: 'MQ==' } });
    expect(await settled('ignoring', 1)).toBe(1);
    await scene.fleet.edit('ignoring', { onReferenceChange: 'Restart' });
    expect(await settled('ignoring', 1)).toBe(1);
    await change(SECRETS, 'ignored', { data: { a: 'Mg==' } });
    expect(await settled('ignoring', 2)).toBe(2);
    await scene.fleet.edit('ignoring', { onReferenceChange: 'Ignore' });
    await change(SECRETS, 'ignored', { data: { a: 'Mw==' } });
    expect(await settled('ignoring', 2)).toBe(2);
    await scene.fleet.edit('ignoring', { onReferenceChange: 'Restart' });
    expect(await settled('ignoring', 2)).toBe(2);
  });
});

test.concurrent('a suspended server is left as it is, and its pods are replaced afterwards', async () => {
  await put(SECRETS, 'paused', { data: { a: '' } });
  await scene.fleet.create('paused', fromSecret('paused'));
  expect(await settled('paused', 1)).toBe(1);
  await scene.fleet.edit('paused', { suspend: true });
  await change(SECRETS, 'paused', { data: { a: 'MQ==' } });
  await sleep(QUIET_MS);
  expect(await templates('paused')).toBe(1);
  await scene.fleet.edit('paused', { suspend: false });
  expect(await settled('paused', 2)).toBe(2);
});

test('what is missing is named with its fields, by reason of its kind, and the server recovers without a second rollout', async () => {
  scene.pods.paused = true;
  await scene.fleet.create('lacking', {
    serviceAccount: 'robot', imagePullSecrets: [{ name: 'pull' }], env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'absent', key: 'a' } } }],
    files: [{ mountPath: '/data', configMap: { name: 'nowhere', items: [{ key: 'k', path: 'k' }] } }],
  });
  const server = await scene.fleet.until('lacking', 'ConfigurationValid', ['False', 'ConfigMapNotFound']);
  const message = conditionOf(server, 'ConfigurationValid')?.message;
  for (const part of ['ConfigMap nowhere (spec.files[0])', 'Secret absent (spec.env[0])', 'Secret pull (spec.imagePullSecrets[0])', 'ServiceAccount robot (spec.serviceAccount)']) expect(message).toContain(part);
  expect([conditionOf(server, 'Ready')?.reason, conditionOf(server, 'Reconciling')?.reason, server.status?.phase]).toEqual(['ConfigMapNotFound', 'ConfigMapNotFound', 'Pending']);
  expect((await deployment('lacking')).metadata.uid).toBeDefined();
  await put(CONFIG_MAPS, 'nowhere', { data: { other: '1' } });
  await scene.fleet.until('lacking', 'Ready', ['False', 'SecretNotFound']);
  await put(SECRETS, 'absent', { data: { a: VALUE } });
  await put(SECRETS, 'pull', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e30=' } });
  await scene.fleet.until('lacking', 'Ready', ['False', 'ServiceAccountNotFound']);
  await put(SERVICE_ACCOUNTS, 'robot');
  await scene.fleet.until('lacking', 'Ready', ['False', 'KeyNotFound']);
  await change(CONFIG_MAPS, 'nowhere', { data: { k: '1' } });
  scene.pods.paused = false;
  expect(await settled('lacking', 1)).toBe(1);
  await change(SECRETS, 'pull', { data: { '.dockerconfigjson': 'e30K' } });
  expect(await settled('lacking', 1)).toBe(1);
});

describe('a change while the operator is away', () => {
  test('replaces the pods once when it is back, and nothing is done where nothing changed', async () => {
    await put(SECRETS, 'asleep', { data: { a: VALUE } });
    await scene.fleet.create('sleeper', fromSecret('asleep'));
    expect(await settled('sleeper', 1)).toBe(1);
    await scene.operator.stop();
    await change(SECRETS, 'asleep', { data: { a: 'MQ==' } });
    await sleep(3000);
    await scene.restart();
    expect(await settled('sleeper', 2)).toBe(2);
    await scene.restart();
    await sleep(QUIET_MS);
    expect(await writesBy(scene.operator.userAgent)).toEqual([]);
  });
});

describe('a Secret that comes while the operator is away', () => {
  test('replaces no pods that waited for it, but those that may have started with something else', async () => {
    for (const name of ['awaited', 'replaced']) await scene.fleet.create(name, fromSecret(name));
    for (const name of ['awaited', 'replaced']) await scene.fleet.until(name, 'Ready', ['False', 'SecretNotFound']);
    await scene.operator.stop();
    for (const name of ['awaited', 'replaced']) await put(SECRETS, name, { data: { a: VALUE } });
    await sleep(1100);
    await change(SECRETS, 'replaced', { data: { a: 'MQ==' } });
    await scene.restart();
    expect(await settled('replaced', 2)).toBe(2);
    expect(await settled('awaited', 1)).toBe(1);
  });
});

test('a Deployment from before references were on record gets its record without a rollout', async () => {
  await put(SECRETS, 'upgraded', { data: { a: '' } });
  await scene.fleet.create('upgraded', fromSecret('upgraded'));
  expect(await settled('upgraded', 1)).toBe(1);
  await scene.operator.stop();
  await scene.fleet.client.patch(DEPLOYMENTS, scene.fleet.ref('upgraded'), { metadata: { annotations: { [ANNOTATION]: null, 'mcp.example.com/overlay-hash': null } } });
  await scene.restart();
  await eventually(async () => expect(await record('upgraded')).toMatch(/^Secret\/upgraded=/));
  expect(await settled('upgraded', 1)).toBe(1);
});

test('when all rests nothing is written, and no error was logged', async () => {
  const before = await writesBy(scene.operator.userAgent);
  await sleep(10_000);
  expect(await writesBy(scene.operator.userAgent)).toEqual(before);
  expect(scene.operator.errors).toEqual([]);
});
