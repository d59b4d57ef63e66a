// Another bridge of the installation reaches ten MCPServers at a time.
import { expect, test } from 'vitest';
import { DEPLOYMENTS } from '../../kubernetes/objects.ts';
import { BRIDGES_AT_A_TIME, bridgeIn } from '../../reconciler/children/bridge-turns.ts';
import type { DeploymentObject } from '../../reconciler/kinds.ts';
import { eventually } from '../support/cluster.ts';
import { useScene } from './scene.ts';

const [OLD, NEW] = ['registry.example.com/stdio-bridge:1', 'registry.example.com/stdio-bridge:2'];
const NAMES = Array.from({ length: BRIDGES_AT_A_TIME + 3 }, (_, index) => `stdio-${index}`);
const scene = useScene('bridges', { operator: { settings: { bridgeImage: OLD } } });

async function having(image: string): Promise<string[]> {
  const { items } = await scene.fleet.client.list<DeploymentObject>(DEPLOYMENTS, { namespace: scene.namespace });
  return items.filter((deployment) => bridgeIn(deployment)?.bridgeImage === image).map(({ metadata }) => metadata.name).toSorted();
}

test('while their pods start no others are replaced, an edit passes by, and in the end all have it', async () => {
  const { fleet, pods } = scene;
  for (const name of NAMES) await fleet.create(name, { transport: 'stdio', command: ['server'] });
  for (const name of NAMES) await fleet.ready(name);
  expect(await having(OLD)).toEqual(NAMES.toSorted());
  pods.paused = true;
  await scene.restart({ bridgeImage: NEW });
  await eventually(async () => expect(await having(NEW)).toHaveLength(BRIDGES_AT_A_TIME));
  // A new one shows that the operator went through all of them.
  await fleet.create('later', { transport: 'stdio', command: ['server'] });
  await eventually(async () => expect(await having(NEW)).toContain('later'));
  const [waiting = ''] = await having(OLD);
  expect(await having(OLD)).toHaveLength(3);
  await fleet.edit(waiting, { env: [{ name: 'A', value: '1' }] });
  await eventually(async () => expect(await having(NEW)).toContain(waiting));
  expect(await having(OLD)).toHaveLength(2);
  pods.paused = false;
  await eventually(async () => expect(await having(NEW)).toEqual([...NAMES, 'later'].toSorted()));
  for (const name of NAMES) await fleet.ready(name);
});
