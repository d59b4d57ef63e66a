// A spec that was valid and is not any more, as after an upgrade that brings a rule: on a control plane of its own, whose CRD knows no
// rules. The cases go on where the one before ended.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { customResourceDefinition } from '../../../charts/api/crd.ts';
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, PODS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { serveStateless, type RunningServer } from '../../support/mcp-servers.ts';
import { onLoopback, startOperator, type TestOperator } from '../../support/operator.ts';
import { runPods, type PodRunner } from '../../support/pods.ts';
import { Fleet } from '../scene.ts';

const parts: { dir?: string; plane?: ControlPlane; client?: KubernetesClient; pods?: PodRunner; operator?: TestOperator } = {};
let server: RunningServer;
let fleet: Fleet;
let start: () => Promise<TestOperator>;

beforeAll(async () => {
  parts.dir = await mkdtemp(join(tmpdir(), 'mcp-invalid-'));
  const plane = (parts.plane = await startControlPlane({ dir: parts.dir }));
  const client = (parts.client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' }));
  const crd = JSON.stringify(customResourceDefinition(), (key, value: unknown) => (key === 'x-kubernetes-validations' ? undefined : value));
  await client.apply(CUSTOM_RESOURCE_DEFINITIONS, JSON.parse(crd) as KubernetesObject, { fieldManager: 'test' });
  parts.pods = await runPods(client, 'default');
  server = await serveStateless();
  fleet = new Fleet(client, 'default');
  start = () => startOperator({ namespace: 'default', exchangeFor: onLoopback(server.port), kubeconfig: plane.kubeconfig });
  parts.operator = await start();
  await eventually(() => fleet.create('demo', { replicas: 2, verification: { intervalSeconds: 10 } }));
  await fleet.ready('demo');
});
afterAll(async () => {
  await parts.operator?.stop();
  await parts.pods?.stop();
  await server?.close();
  parts.client?.close();
  await parts.plane?.stop();
  await rm(parts.dir ?? '', { recursive: true, force: true });
});

/** Nobody is asked for longer than an interval. */
async function untilAskedNoMore(): Promise<void> {
  const before = server.requests.length;
  await sleep(13_000);
  expect(server.requests.length).toBe(before);
}

/** What the status says of the pods that serve. */
async function told(): Promise<unknown> {
  const server = await fleet.read('demo');
  return [conditionOf(server, 'Verified'), conditionOf(server, 'Available'), server.status?.endpoint];
}

function podNames(): Promise<string[]> {
  return fleet.client.list(PODS, { namespace: 'default', labelSelector: `${SERVER_LABEL}=demo` }).then(({ items }) =>
    items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name));
}

test('while the spec is invalid nobody is asked, and the verdict stands as long as a pod that gave it serves', async () => {
  await fleet.edit('demo', { drainSeconds: 30, terminationGracePeriodSeconds: 10 });
  const invalid = await fleet.until('demo', 'Ready', ['False', 'InvalidSpec']);
  expect(conditionOf(invalid, 'Verified')).toMatchObject({ status: 'True', reason: 'Verified', message: conditionOf(await fleet.read('demo'), 'Verified')?.message });
  expect(conditionOf(invalid, 'Available')).toMatchObject({ status: 'True' });
  expect(invalid.status).toMatchObject({ phase: 'Failed', endpoint: expect.stringContaining('/mcp') });
  await untilAskedNoMore();
});

test('one of two pods that gave it is enough, and being without a ready endpoint for a moment changes nothing for later', async () => {
  const [first = ''] = await podNames();
  await fleet.client.delete(PODS, { namespace: 'default', name: first });
  await eventually(async () => {
    const names = await podNames();
    expect([names.length, names.includes(first)]).toEqual([2, false]);
  });
  const server = await fleet.until('demo', 'DeploymentReady', ['True']);
  expect(server.status?.readyReplicas).toBe(2);
  expect([conditionOf(server, 'Verified')?.status, conditionOf(server, 'Available')?.status]).toEqual(['True', 'True']);
});

test('an operator that is restarted takes the pods it finds for those that gave the verdict, and asks nobody', async () => {
  await parts.operator?.stop();
  parts.operator = await start();
  const before = await told();
  await untilAskedNoMore();
  expect(await told()).toEqual(before);
});

test('when none of them serves any more, nothing is known, though new pods serve', async () => {
  for (const name of await podNames()) await fleet.client.delete(PODS, { namespace: 'default', name });
  await fleet.until('demo', 'Verified', ['Unknown', 'NotYetProbed']);
  const server = await fleet.until('demo', 'Available', ['Unknown', 'NotVerified']);
  expect(server.status?.endpoint).toBeUndefined();
  await untilAskedNoMore();
});

test('a spec that is mended is verified again', async () => {
  await fleet.edit('demo', { drainSeconds: 5, terminationGracePeriodSeconds: 30 });
  expect((await fleet.ready('demo')).status?.endpoint).toContain('/mcp');
});
