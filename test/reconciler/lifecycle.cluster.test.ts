// An MCPServer from its creation to its deletion.
// The first cases follow one MCPServer, demo, from its creation on; the others stand alone.
import { describe, expect, test } from 'vitest';
import { DEPLOYMENTS, PODS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { MCP_SERVERS, type DeploymentObject, type MCPServerObject } from '../../reconciler/kinds.ts';
import { eventually, kubectl } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
import { writesAtRest, writesBy } from '../support/operator.ts';
import { useScene } from './scene.ts';

const scene = useScene('lifecycle');

test('an MCPServer becomes Ready, and the tools people use see it', async () => {
  const { fleet, namespace } = scene;
  await fleet.create('demo', { replicas: 2, config: { LOG_LEVEL: 'info' } });
  const waited = await kubectl(['wait', '--for=condition=Ready', '--timeout=30s', '-n', namespace, 'mcps/demo']);
  expect(waited).toMatchObject({ code: 0, stdout: 'mcpserver.mcp.example.com/demo condition met\n' });
  expect(await fleet.childNames('demo')).toEqual(['ServiceAccount demo', 'ConfigMap demo-config', 'Service demo', 'PodDisruptionBudget demo', 'Deployment demo']);
  const { status } = await fleet.read('demo');
  expect(status).toMatchObject({
    observedGeneration: 1, phase: 'Ready', replicas: 2, readyReplicas: 2,
    endpoint: `http://demo.${namespace}.svc:8080/mcp`,
    server: { name: 'legacy', version: '1.0.0', sessions: 'Stateless' },
  });
  const table = (await kubectl(['get', 'mcps', '-n', namespace, '-o', 'wide'])).stdout.split('\n').map((line) => line.split(/ {2,}/));
  expect(table[0]?.map((cell) => cell.trim())).toEqual(['NAME', 'PHASE', 'REASON', 'READY', 'REPLICAS', 'TRANSPORT', 'ENDPOINT', 'AGE', 'SERVER', 'PROTOCOL']);
  const [age, revision] = [expect.stringMatching(/^\d+s$/) as string, expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string];
  const endpoint = `http://demo.${namespace}.svc:8080/mcp`;
  const row = ['demo', 'Ready', 'Verified', '2', '2', 'streamable-http', endpoint, age, 'legacy', revision];
  expect(table[1]?.map((cell) => cell.trim())).toEqual(row);
});

test('kubectl scale reaches the Deployment and back, down to zero and up again', async () => {
  const { fleet, namespace } = scene;
  const scale = async (replicas: number): Promise<MCPServerObject> => {
    expect(await kubectl(['scale', '-n', namespace, 'mcps/demo', `--replicas=${replicas}`])).toMatchObject({ code: 0 });
    return fleet.ready('demo');
  };
  expect((await scale(3)).status).toMatchObject({ replicas: 3, readyReplicas: 3 });
  expect((await fleet.find<DeploymentObject>(DEPLOYMENTS, 'demo'))?.spec.replicas).toBe(3);
  const resting = await scale(0);
  expect(conditionOf(resting, 'Ready')?.reason).toBe('ScaledToZero');
  expect(resting.status).toMatchObject({ phase: 'Ready', replicas: 0, readyReplicas: 0 });
  expect(resting.status?.endpoint).toBeUndefined();
  expect((await scale(1)).status).toMatchObject({ replicas: 1, endpoint: expect.stringContaining('http://demo.') });
});

describe('the status', () => {
  const NAME = 'observed';
  interface Foreign { readonly metadata: KubernetesObject['metadata']; readonly status: { readonly conditions: readonly object[] } }

  test('changed by hand becomes true again', async () => {
    const { fleet } = scene;
    await fleet.create(NAME);
    const { status } = await fleet.ready(NAME);
    await fleet.client.patch(MCP_SERVERS, fleet.ref(NAME), { status: { phase: 'Failed', endpoint: 'http://elsewhere', readyReplicas: 7 } }, { subresource: 'status' });
    await eventually(async () => expect((await fleet.read(NAME)).status).toEqual(status));
  });

  test('keeps the condition of another controller, at no cost of writes', async () => {
    const { fleet, operator } = scene;
    const foreign = { type: 'AuditedByUs', status: 'True', reason: 'Checked', message: 'fine', lastTransitionTime: '2030-01-01T00:00:00Z' };
    const object: Foreign = { metadata: fleet.ref(NAME), status: { conditions: [foreign] } };
    await fleet.client.apply(MCP_SERVERS, object, { fieldManager: 'auditor', subresource: 'status' });
    const before = await writesAtRest(operator.userAgent);
    for (const round of ['1', '2', '3']) await fleet.client.patch(MCP_SERVERS, fleet.ref(NAME), { metadata: { annotations: { round } } });
    await fleet.create('after-observed');
    await fleet.ready('after-observed');
    expect(conditionOf(await fleet.read(NAME), 'AuditedByUs')).toEqual(foreign);
    const since = (await writesBy(operator.userAgent)).slice(before.length);
    expect(since.filter(({ objectRef }) => objectRef?.name === NAME)).toEqual([]);
  });
});

test('an MCPServer the operator must refuse does not hold up another', async () => {
  const { fleet } = scene;
  await fleet.client.create(DEPLOYMENTS, foreignDeployment('refused', scene.namespace));
  await Promise.all([fleet.create('refused'), fleet.create('accepted')]);
  expect((await fleet.ready('accepted')).status?.phase).toBe('Ready');
  expect((await fleet.until('refused', 'Stalled', ['True', 'NameConflict'])).status?.phase).toBe('Failed');
});

test('a name deleted and created again at once becomes Ready, with children of the new one', async () => {
  const { fleet } = scene;
  await fleet.create('again');
  const first = await fleet.ready('again');
  await fleet.remove('again');
  const second = await fleet.create('again', { image: 'example.com/server:2' });
  expect(second.metadata.uid).not.toBe(first.metadata.uid);
  await fleet.ready('again');
  const owners = (await fleet.children('again')).map(({ kind, metadata }) => [kind, metadata.ownerReferences?.map(({ uid }) => uid)]);
  expect(owners).toEqual(['ServiceAccount', 'Service', 'Deployment'].map((kind) => [kind, [second.metadata.uid]]));
});

test('deleting an MCPServer in the foreground removes its children first, and none comes back', async () => {
  const { fleet, namespace } = scene;
  await fleet.create('first', { config: { A: '1' } });
  await fleet.ready('first');
  expect(await kubectl(['delete', 'mcps/first', '-n', namespace, '--cascade=foreground', '--timeout=75s'], { timeoutMs: 80_000 })).toMatchObject({ code: 0 });
  expect(await fleet.find(MCP_SERVERS, 'first')).toBeUndefined();
  await eventually(async () => expect(await fleet.childNames('first')).toEqual([]));
});

test.each(['while the operator runs', 'while the operator is down'])('deleting an MCPServer removes everything, %s', async (when) => {
  const { fleet, namespace } = scene;
  await fleet.create('gone', { replicas: 2, config: { A: '1' } });
  await fleet.ready('gone');
  if (when.endsWith('down')) await scene.operator.stop();
  await fleet.remove('gone');
  await eventually(async () => {
    expect(await fleet.childNames('gone')).toEqual([]);
    const pods = await fleet.client.list(PODS, { namespace, labelSelector: 'mcp.example.com/server=gone' });
    expect(pods.items).toEqual([]);
  }, { timeoutMs: 90_000, message: 'the end of all children' });
  expect(await fleet.find(MCP_SERVERS, 'gone')).toBeUndefined();
  if (when.endsWith('down')) await scene.restart();
});

function foreignDeployment(name: string, namespace: string): DeploymentObject & { spec: object } {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/other:1' }] } };
  return { metadata: { name, namespace }, spec: { replicas: 0, selector: { matchLabels: labels }, template } as DeploymentObject['spec'] };
}
