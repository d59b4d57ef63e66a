// spec.suspend, from before it is set until after it is taken away.
// The cases follow on each other: one MCPServer, held, from before its suspension until after it.
import { expect, test } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import type { DeploymentObject, MCPServerObject } from '../../../reconciler/kinds.ts';
import { eventually } from '../../support/cluster.ts';
import { argoHealth, conditionOf, kstatus } from '../../support/kstatus.ts';
import { useScene } from '../scene.ts';

const scene = useScene('suspend');

/** Identity and version of the children: the same again means that nobody wrote to them, status aside. */
async function generations(name: string): Promise<unknown[]> {
  return (await scene.fleet.children(name)).map(({ kind, metadata }) => [
    kind,
    metadata.uid,
    metadata.generation,
    metadata.annotations?.['mcp.example.com/applied-hash'],
  ]);
}

test('suspended, an MCPServer whose children equal its spec keeps its state and says that it is suspended', async () => {
  const { fleet } = scene;
  await fleet.create('held', { config: { A: '1' } });
  const before = await fleet.ready('held');
  const children = await generations('held');
  await fleet.edit('held', { suspend: true });
  const held = await fleet.until('held', 'Suspended', ['True']);
  expect([conditionOf(held, 'Ready')?.reason, kstatus(held), argoHealth(held)]).toEqual(['Verified', 'Current', 'Suspended']);
  expect(held.status).toMatchObject({ phase: 'Ready', endpoint: before.status?.endpoint });
  expect(await generations('held')).toEqual(children);
});

test('while suspended nothing is created, changed, repaired or deleted, and Ready says what waits', async () => {
  const { fleet } = scene;
  const [deployment] = [await fleet.find<DeploymentObject>(DEPLOYMENTS, 'held')];
  await fleet.edit('held', { image: 'example.com/server:2', config: null, replicas: 2 });
  await fleet.client.delete(SERVICES, fleet.ref('held'));
  const waiting = await eventually(async () => {
    const server = await fleet.until('held', 'Ready', ['False', 'Suspended']);
    expect(conditionOf(server, 'Ready')?.message).toContain('create Service held');
    return server;
  });
  expect(conditionOf(waiting, 'Ready')?.message).toBe(
    'While spec.suspend is true the operator does not create Service held, create PodDisruptionBudget held, change Deployment held, delete ConfigMap held-config.',
  );
  expect([waiting.status?.phase, kstatus(waiting), argoHealth(waiting), conditionOf(waiting, 'Reconciling')]).toEqual(['Pending', 'InProgress', 'Suspended', undefined]);
  expect(await fleet.childNames('held')).toEqual(['ServiceAccount held', 'ConfigMap held-config', 'Deployment held']);
  expect((await fleet.find<DeploymentObject>(DEPLOYMENTS, 'held'))?.metadata.generation).toBe(deployment?.metadata.generation);
});

test('its status goes on: pods that come and go are counted', async () => {
  const { fleet } = scene;
  await fleet.client.patch(DEPLOYMENTS, fleet.ref('held'), { spec: { replicas: 3 } });
  await eventually(async () => expect((await fleet.read('held')).status).toMatchObject({ replicas: 3, readyReplicas: 3 }));
});

test('resumed, it is brought to its spec at once', async () => {
  const { fleet } = scene;
  await fleet.edit('held', { suspend: false });
  const server = await fleet.ready('held');
  expect(conditionOf(server, 'Suspended')).toBeUndefined();
  expect(await fleet.childNames('held')).toEqual(['ServiceAccount held', 'Service held', 'PodDisruptionBudget held', 'Deployment held']);
  expect(
    (await fleet.find<DeploymentObject & { spec: { template: { spec: { containers: { image: string }[] } } } }>(DEPLOYMENTS, 'held'))?.spec,
  ).toMatchObject({ replicas: 2, template: { spec: { containers: [{ image: 'example.com/server:2' }] } } });
});

test('created suspended, an MCPServer has no children until it is resumed', async () => {
  const { fleet } = scene;
  await fleet.create('later', { suspend: true });
  await fleet.until('later', 'Ready', ['False', 'Suspended']);
  expect(await fleet.childNames('later')).toEqual([]);
  await fleet.edit('later', { suspend: null });
  await fleet.ready('later');
});

test("a suspended MCPServer names a foreign object in its way, and doesn't touch it", async () => {
  const { fleet } = scene;
  const foreign = await fleet.client.create<KubernetesObject>(CONFIG_MAPS, { metadata: fleet.ref('foreign-config') });
  await fleet.create('foreign', { suspend: true, config: { A: '1' } });
  const server: MCPServerObject = await fleet.until('foreign', 'Stalled', ['True', 'NameConflict']);
  expect(conditionOf(server, 'Ready')?.message).toContain('ConfigMap foreign-config');
  expect(await fleet.find(CONFIG_MAPS, 'foreign-config')).toEqual(foreign);
  expect(await fleet.childNames('foreign')).toEqual([]);
});
