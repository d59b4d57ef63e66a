import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { auditEvents, eventually } from '../support/cluster.ts';
import { writesBy } from '../support/operator.ts';
import { useScene } from './scene.ts';

const scene = useScene('steady');
const NAMES = ['one', 'two', 'idle', 'unverified', 'stdio', 'refused'];
/** MCPServers whose pods are asked; one of them has two pods. */
const VERIFIED = 2;

/** Handshakes a pod was asked for so far: each begins with the modern era's question. */
function asked(): number {
  return scene.server.requests.filter((request) => request.headers['mcp-method'] === 'server/discover').length;
}

test('sixty seconds without a change, handshakes going on, cost no write', async () => {
  const { fleet } = scene;
  await fleet.create('one', { replicas: 2, config: { A: '1' }, verification: { intervalSeconds: 10 } });
  await fleet.create('two', { transport: 'http', port: 3001, env: [{ name: 'X', value: '1' }], verification: { intervalSeconds: 10 } });
  await fleet.create('idle', { replicas: 0 });
  await fleet.create('unverified', { verification: { mode: 'Off' } });
  await fleet.create('stdio', { transport: 'stdio' });
  await fleet.client.create(SERVICES, { metadata: fleet.ref('refused'), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.create('refused');
  for (const name of NAMES.slice(0, 4)) await fleet.ready(name);
  for (const name of NAMES.slice(4)) await fleet.until(name, 'Stalled', ['True']);
  // The Deployment controller has its last words a moment after the pods are ready.
  await sleep(2000);
  const [before, askedBefore] = [await writesBy(scene.operator.userAgent), asked()];
  await sleep(60_000);
  expect(before.length).toBeGreaterThan(NAMES.length);
  expect(await writesBy(scene.operator.userAgent)).toEqual(before);
  expect(asked() - askedBefore).toBeGreaterThan(VERIFIED);
});

test('a restart of the operator costs no write', async () => {
  const askedBefore = asked();
  const statuses = (): Promise<unknown[]> => Promise.all(NAMES.map(async (name) => (await scene.fleet.read(name)).status));
  const before = await statuses();
  await scene.restart();
  const { userAgent } = scene.operator;
  await eventually(() => expect(asked() - askedBefore).toBeGreaterThanOrEqual(VERIFIED + 1));
  // The refused one is looked up by GET in every reconcile: having seen that, every MCPServer had its turn.
  await eventually(async () => expect((await auditEvents((event) => event.userAgent === userAgent && event.verb === 'get')).length).toBeGreaterThan(0));
  await sleep(3000);
  expect(await writesBy(userAgent)).toEqual([]);
  expect(await statuses()).toEqual(before);
  expect(scene.operator.errors).toEqual([]);
});
