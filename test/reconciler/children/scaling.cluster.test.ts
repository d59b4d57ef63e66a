// Who decides the number of pods, and that nobody's decision is lost when another takes over.
import { describe, expect, test, type TestContext } from 'vitest';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, POD_DISRUPTION_BUDGETS, REPLICA_SETS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { eventually, kubectl } from '../../support/cluster.ts';
import { watching } from '../../support/watching.ts';
import { useScene } from '../scene.ts';

interface Deployment extends KubernetesObject {
  readonly spec: { readonly replicas: number };
}

const scene = useScene('scaling');
const CPU = { targetCPUUtilizationPercentage: 80 };

/** Every number of replicas the Deployment has from now on until the test ends, without repetitions. */
async function watchReplicas(name: string, { onTestFinished }: TestContext): Promise<number[]> {
  const seen: number[] = [];
  const informer = new Informer<Deployment>({ client: scene.fleet.client, type: DEPLOYMENTS, namespaces: [scene.namespace] });
  informer.onChange(({ object }) => {
    if (object.metadata.name === name && object.spec.replicas !== seen.at(-1)) seen.push(object.spec.replicas);
  });
  onTestFinished(await watching(informer));
  return seen;
}

function replicasOf(name: string): Promise<number | undefined> {
  return scene.fleet.find<Deployment>(DEPLOYMENTS, name).then((deployment) => deployment?.spec.replicas);
}

async function scale(what: string, replicas: number): Promise<void> {
  expect(await kubectl(['scale', what, `--replicas=${replicas}`, '-n', scene.namespace])).toMatchObject({ code: 0 });
}

/** Resolves when the operator has seen the present spec and brought the children to it. */
async function settled(name: string, replicas: number): Promise<void> {
  await scene.fleet.ready(name);
  await eventually(async () => expect(await replicasOf(name)).toBe(replicas), { message: `${replicas} replicas of ${name}` });
}

async function templates(name: string): Promise<number> {
  const { items } = await scene.fleet.client.list(REPLICA_SETS, { namespace: scene.namespace, labelSelector: `mcp.example.com/server=${name}` });
  return items.length;
}

describe('handing replicas to an autoscaler and back', () => {
  test('never resets a running Deployment, and changes no pod template', async (context) => {
    const { fleet } = scene;
    await fleet.create('handed', { replicas: 3 });
    await settled('handed', 3);
    const seen = await watchReplicas('handed', context);
    await fleet.edit('handed', { autoscaling: { ...CPU, maxReplicas: 6 } });
    await eventually(async () => expect(await fleet.find(HORIZONTAL_POD_AUTOSCALERS, 'handed')).toBeDefined());
    await settled('handed', 3);
    // Before the autoscaler's first write nobody but the operator's overlay holds the field.
    await fleet.edit('handed', { autoscaling: { maxReplicas: 5 } });
    await settled('handed', 3);
    await scale('deployment/handed', 4);
    await settled('handed', 4);
    await scene.restart();
    await fleet.edit('handed', { autoscaling: { maxReplicas: 6 } });
    await settled('handed', 4);
    await fleet.edit('handed', { autoscaling: null, replicas: 5 });
    await settled('handed', 5);
    expect(await fleet.find(HORIZONTAL_POD_AUTOSCALERS, 'handed')).toBeUndefined();
    await fleet.edit('handed', { autoscaling: { ...CPU, maxReplicas: 6 } });
    await eventually(async () => expect(await fleet.find(HORIZONTAL_POD_AUTOSCALERS, 'handed')).toBeDefined());
    await fleet.edit('handed', { autoscaling: null });
    await settled('handed', 5);
    expect(seen).toEqual([3, 4, 5]);
    expect(await templates('handed')).toBe(1);
  });

  test('leaves the number alone while something else scales the Deployment, from the beginning or later', async (context) => {
    const { fleet } = scene;
    await fleet.create('external', { scaling: 'External' });
    await settled('external', 1);
    await scale('deployment/external', 3);
    await settled('external', 3);
    const seen = await watchReplicas('external', context);
    await fleet.edit('external', { port: 9090 });
    await settled('external', 3);
    await fleet.edit('external', { scaling: 'Managed', replicas: 2 });
    await settled('external', 2);
    await fleet.edit('external', { scaling: 'External', replicas: 9 });
    await settled('external', 2);
    await scale('deployment/external', 0);
    await fleet.until('external', 'Ready', ['True', 'ScaledToZero']);
    expect(seen).toEqual([3, 2, 0]);
  });
});

// The horizontal pod autoscaler looks each 15 s only.
describe.concurrent('autoscaling', () => {
  test('raises a new server to its minimum, and status counts the pods there are', async () => {
    const { fleet } = scene;
    await fleet.create('minimum', { autoscaling: { ...CPU, minReplicas: 2, maxReplicas: 3 } });
    await eventually(async () => expect((await fleet.read('minimum')).status?.readyReplicas).toBe(2), { timeoutMs: 60_000 });
    await fleet.ready('minimum');
  });

  test('starts a server that was scaled to zero', async () => {
    const { fleet } = scene;
    await fleet.create('asleep', { replicas: 0 });
    await fleet.until('asleep', 'Ready', ['True', 'ScaledToZero']);
    await fleet.edit('asleep', { autoscaling: { ...CPU, minReplicas: 2, maxReplicas: 3 } });
    await eventually(async () => expect((await fleet.read('asleep')).status?.readyReplicas).toBe(2), { timeoutMs: 60_000 });
    await fleet.until('asleep', 'Ready', ['True', 'Verified']);
  });

  test('has a disruption budget while more than one pod can run', async () => {
    const { fleet } = scene;
    const budget = (): Promise<KubernetesObject | undefined> => fleet.find(POD_DISRUPTION_BUDGETS, 'budget');
    await fleet.create('budget', { replicas: 1 });
    await fleet.ready('budget');
    expect(await budget()).toBeUndefined();
    await fleet.edit('budget', { autoscaling: { ...CPU, maxReplicas: 2 } });
    await eventually(async () => expect(await budget()).toBeDefined());
    await fleet.edit('budget', { autoscaling: { maxReplicas: 1 } });
    await eventually(async () => expect(await budget()).toBeUndefined());
    await fleet.edit('budget', { autoscaling: null, replicas: 2 });
    await eventually(async () => expect(await budget()).toBeDefined());
    await scale('mcps/budget', 1);
    await eventually(async () => expect(await budget()).toBeUndefined());
    expect(await templates('budget')).toBe(1);
  });
});

describe.concurrent('the scale subresource of an MCPServer', () => {
  test("is what kubectl scale and a user's own autoscaler write", async () => {
    const { fleet, namespace } = scene;
    await fleet.create('scaled');
    await fleet.ready('scaled');
    await scale('mcps/scaled', 3);
    await settled('scaled', 3);
    await scale('mcps/scaled', 1);
    await settled('scaled', 1);
    const scaleTargetRef = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', name: 'scaled' };
    const autoscaler = { metadata: { name: 'users-own', namespace }, spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 4 } };
    await fleet.client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler);
    await eventually(async () => expect(await replicasOf('scaled')).toBe(2), { timeoutMs: 60_000 });
    expect((await fleet.ready('scaled')).spec.replicas).toBe(2);
  });

  test('is answered by an event while an autoscaler decides', async () => {
    const { fleet, namespace } = scene;
    await fleet.create('ignored', { autoscaling: { ...CPU, maxReplicas: 3 } });
    await fleet.ready('ignored');
    await scale('mcps/ignored', 2);
    await eventually(async () => {
      const { stdout } = await kubectl(['events', '--for', 'mcps/ignored', '-n', namespace]);
      expect(stdout).toMatch(/ScalingIgnored +MCPServer\/ignored +spec.replicas became 2, which changes nothing while spec.autoscaling is set/);
    });
    expect(await replicasOf('ignored')).toBe(1);
  });
});

describe.concurrent('the strategy', () => {
  test('changes back and forth without a rollout', async () => {
    const { fleet } = scene;
    const type = async (): Promise<unknown> =>
      (await fleet.find<Deployment & { spec: { strategy: object } }>(DEPLOYMENTS, 'strategy'))?.spec.strategy;
    await fleet.create('strategy');
    await fleet.ready('strategy');
    for (const round of [1, 2]) {
      await fleet.edit('strategy', { strategy: { type: 'Recreate' } });
      await eventually(async () => expect([round, await type()]).toEqual([round, { type: 'Recreate' }]));
      await fleet.edit('strategy', { strategy: null });
      await eventually(async () =>
        expect([round, await type()]).toMatchObject([round, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } }]),
      );
      await fleet.ready('strategy');
    }
    expect(await templates('strategy')).toBe(1);
  });
});
