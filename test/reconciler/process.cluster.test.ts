// The operator as a process, through outages, signals and invalid objects.
// The cases follow on each other: one operator and one control plane through all that is done to them.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { customResourceDefinition } from '../../charts/api/crd.ts';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import type { Manifest } from '../../charts/render.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { CHILD_TYPES, childType } from '../../reconciler/kinds.ts';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import { eventually, isWrite, auditEvents, minorVersion, RATCHETS_STATUS } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { conditionOf } from '../support/kstatus.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/operator.ts';
import { runPods, type PodRunner } from '../support/pods.ts';
import { ownedButNotRendered } from './children/owned-fields.ts';
import { Fleet } from './scene.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = (await readdir(join(ROOT, 'examples'))).filter((file) => file.endsWith('.yaml'));
const UNVERIFIED = { verification: { mode: 'Off' } } as const;

let dir: string;
let plane: ControlPlane;
let client: KubernetesClient;
let pods: PodRunner;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mcp-operator-process-'));
  plane = await startControlPlane({ dir });
  client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' });
  pods = await runPods(client, 'default');
  fleet = new Fleet(client, 'default');
});
afterAll(async () => {
  await operator?.stop();
  await pods?.stop();
  client?.close();
  await plane?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function get(what: 'health' | 'metrics', path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(operator.url(what, path));
  return { status: response.status, body: await response.text() };
}

/** Waits until the operator has filled its caches. */
async function untilReady(): Promise<void> {
  await eventually(async () => expect(await get('health', '/readyz')).toEqual({ status: 200, body: 'ok\n' }), { timeoutMs: 75_000 });
}

async function writes(since: string): Promise<unknown[]> {
  return auditEvents((event) => event.userAgent === 'mcp-operator' && isWrite(event) && event.requestReceivedTimestamp > since, plane.auditLogPath);
}

test('without the CRD the operator is alive, says what it waits for, and turns ready when the CRD comes', async () => {
  operator = await startOperatorProcess(plane.kubeconfig);
  await eventually(async () => expect(await get('health', '/healthz')).toEqual({ status: 200, body: 'ok\n' }));
  await eventually(async () => expect((await get('health', '/readyz')).body).toBe('[-] caches: waiting for the first list of MCPServer\n'));
  expect((await get('health', '/readyz')).status).toBe(503);
  expect(operator.logTail(100)).toContain('is its CRD installed?');
  const impatient = await startOperatorProcess(plane.kubeconfig);
  await eventually(() => impatient.url('health', '/readyz'));
  impatient.signal('SIGTERM');
  expect(await impatient.exited).toEqual({ code: 0, signal: null });
  await ensureCrd(client);
  await untilReady();
  await fleet.create('demo', { ...UNVERIFIED, replicas: 2 });
  expect((await fleet.ready('demo')).status?.readyReplicas).toBe(2);
});

test('metrics tell of reconciles, queue, requests and process', async () => {
  const { status, body } = await get('metrics', '/metrics');
  expect(status).toBe(200);
  expect(body).toMatch(/^controller_runtime_reconcile_total\{.*controller="mcpserver".*\} [1-9]/m);
  for (const name of ['workqueue_depth', 'rest_client_requests_total', 'process_resident_memory_bytes']) expect(body).toMatch(new RegExp(`^${name}`, 'm'));
});

test('SIGTERM ends it with exit code 0, and starting it again costs no write', async () => {
  await sleep(1000);
  operator.signal('SIGTERM');
  operator.signal('SIGTERM');
  expect(await operator.exited).toEqual({ code: 0, signal: null });
  expect(operator.logTail(2)).toContain('stopped');
  expect(await writes('')).not.toEqual([]);
  const since = new Date().toISOString();
  operator = await startOperatorProcess(plane.kubeconfig);
  await untilReady();
  await sleep(3000);
  expect(await writes(since)).toEqual([]);
});

test.each(EXAMPLES)('what it applies for %s is what synth wrote, field by field', async (file) => {
  await plane.kubectl(['create', 'namespace', 'mcp-system']);
  expect(await plane.kubectl(['apply', '--validate=strict', '-f', join(ROOT, 'examples', file)])).toMatchObject({ code: 0 });
  const synthesized = parseAllDocuments(await readFile(join(ROOT, 'dist', file.replace('.yaml', '.k8s.yaml')), 'utf8')).map((each) => each.toJS() as Manifest);
  const manifests = synthesized.filter(({ metadata }) => metadata.labels?.[SERVER_LABEL] !== undefined);
  const { namespace = 'default', labels } = manifests[0]?.metadata ?? {};
  const [name = ''] = [labels?.[SERVER_LABEL]];
  const there = new Fleet(client, namespace);
  await eventually(async () => expect((await there.childNames(name)).length).toBe(manifests.length));
  for (const manifest of manifests) {
    const live = await there.find<KubernetesObject>(childType(manifest), manifest.metadata.name);
    expect(live).toMatchObject(manifest);
    expect(live === undefined ? undefined : ownedButNotRendered(live, manifest)).toEqual([]);
  }
});

test('an API server that is killed and comes back loses nothing and needs no restart of anything', async () => {
  const { pid } = operator;
  await fleet.create('before', UNVERIFIED);
  await fleet.edit('demo', { replicas: 3 });
  await plane.killApiServer();
  await sleep(2000);
  await plane.startApiServer();
  await fleet.edit('demo', { image: 'example.com/server:2' });
  await fleet.create('after', UNVERIFIED);
  for (const name of ['demo', 'before', 'after']) expect((await fleet.ready(name)).status?.phase).toBe('Ready');
  expect((await fleet.read('demo')).status).toMatchObject({ replicas: 3, readyReplicas: 3 });
  expect([operator.pid, operator.running()]).toEqual([pid, true]);
});

test('an operator that is started while the API server is away waits for it', async () => {
  await fleet.edit('before', { config: { A: '1' } });
  await plane.killApiServer();
  operator.signal('SIGKILL');
  await operator.exited;
  operator = await startOperatorProcess(plane.kubeconfig);
  await eventually(async () => expect((await get('health', '/readyz')).status).toBe(503));
  expect((await get('health', '/healthz')).status).toBe(200);
  await plane.startApiServer();
  await untilReady();
  expect((await fleet.ready('before')).status?.phase).toBe('Ready');
  expect(await fleet.childNames('before')).toContain('ConfigMap before-config');
});

test('an operator that is killed in the middle of its work and started again finishes it', async () => {
  const names = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'];
  await Promise.all(names.map((name) => fleet.create(name, { ...UNVERIFIED, config: { A: '1' } })));
  operator.signal('SIGKILL');
  await operator.exited;
  await fleet.edit('k1', { config: null });
  await fleet.remove('k2');
  operator = await startOperatorProcess(plane.kubeconfig);
  for (const name of names.filter((each) => each !== 'k2')) expect((await fleet.ready(name)).status?.phase).toBe('Ready');
  await eventually(async () => expect(await fleet.childNames('k1')).toEqual(['ServiceAccount k1', 'Service k1', 'Deployment k1']));
  await eventually(async () => expect(await fleet.childNames('k2')).toEqual([]), { timeoutMs: 75_000 });
});

test('an invalid MCPServer stored before its rule existed is reported, its children stay, and it heals when repaired', async ({ skip }) => {
  skip((await minorVersion(client)) < RATCHETS_STATUS, 'this Kubernetes lets nobody write the status of such an object');
  // The operator has just been started again: what it says of a server whose spec is invalid rests on what it said before.
  await fleet.until('demo', 'Available', ['True', 'Serving']);
  const before = await fleet.children('demo');
  await client.apply(CUSTOM_RESOURCE_DEFINITIONS, withoutRules(), { fieldManager: 'cluster-tests', force: true });
  await eventually(() => fleet.edit('demo', { drainSeconds: 30 }));
  await eventually(() => fleet.create('broken', { ...UNVERIFIED, config: { MCP_PORT: '1' } }));
  await ensureCrd(client);

  const server = await fleet.until('demo', 'ConfigurationValid', ['False', 'InvalidSpec']);
  expect(conditionOf(server, 'Stalled')).toMatchObject({ status: 'True', reason: 'InvalidSpec' });
  expect(conditionOf(server, 'Ready')?.message).toContain('spec.drainSeconds: drainSeconds must be smaller than terminationGracePeriodSeconds');
  expect(conditionOf(server, 'Available')?.status).toBe('True');
  await fleet.until('broken', 'Stalled', ['True', 'InvalidSpec']);
  expect(await fleet.childNames('broken')).toEqual([]);
  await plane.kubectl(['annotate', 'mcps/demo', 'look=again']);
  await fleet.create('sound', UNVERIFIED);
  expect((await fleet.ready('sound')).status?.phase).toBe('Ready');
  expect((await fleet.children('demo')).map(({ metadata }) => metadata.resourceVersion)).toEqual(
    before.map(({ metadata }) => metadata.resourceVersion),
  );

  await fleet.edit('demo', { drainSeconds: 5 });
  await fleet.edit('broken', { config: { MCP_PORT: null, A: '1' } });
  for (const name of ['demo', 'broken']) expect(conditionOf(await fleet.ready(name), 'Stalled')).toBeUndefined();
});

/** The CRD of a time before the rules between fields. */
function withoutRules(): KubernetesObject {
  const crd = JSON.stringify(customResourceDefinition(), (key, value: unknown) => (key === 'x-kubernetes-validations' ? undefined : value));
  return JSON.parse(crd) as KubernetesObject;
}

test('deleting all MCPServers leaves nothing', async () => {
  expect(await plane.kubectl(['delete', 'mcps', '--all', '--all-namespaces', '--wait=false'])).toMatchObject({ code: 0 });
  await eventually(async () => {
    const lists = await Promise.all(CHILD_TYPES.map((type) => client.list(type, { labelSelector: SERVER_LABEL })));
    expect(lists.flatMap(({ items }) => items).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  }, { timeoutMs: 75_000 });
});
