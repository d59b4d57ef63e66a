// What a reconcile costs in which nothing has changed. That it visits no other MCPServer's objects is counted in view/view.test.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import { renderResolved } from '../../charts/render.ts';
import { PODS, SECRETS } from '../../kubernetes/objects.ts';
import { auditEvents, eventually } from '../support/cluster.ts';
import { useScene } from './scene.ts';

// The real functions, counted: the operator of this file runs in its process.
vi.mock(import('../../charts/render.ts'), async (original) => {
  const real = await original();
  return { ...real, renderResolved: vi.fn<typeof real.renderResolved>(real.renderResolved) };
});
vi.mock(import('../../charts/api/mcpserver.ts'), async (original) => {
  const real = await original();
  return { ...real, resolveSpec: vi.fn<typeof real.resolveSpec>(real.resolveSpec) };
});

const scene = useScene('no-change');

test('a reconcile without change sends no request, renders nothing and resolves no spec', async () => {
  const { fleet, namespace } = scene;
  const { client } = fleet;
  await client.create(SECRETS, { metadata: fleet.ref('keys') });
  const spec = { replicas: 2, config: { A: '1' }, envFrom: [{ secretRef: { name: 'keys' } }], securityProfile: 'None' } as const;
  await fleet.create('still', { ...spec, envFrom: [...spec.envFrom] });
  await fleet.create('neighbour');
  for (const name of ['still', 'neighbour']) await fleet.ready(name);
  await sleep(3000);
  const { userAgent, reconciles } = scene.operator;
  const requests = (): Promise<number> =>
    auditEvents((event) => event.userAgent === userAgent && event.verb !== 'watch').then(({ length }) => length);
  const counts = async (): Promise<number[]> => [
    await requests(),
    vi.mocked(renderResolved).mock.calls.length,
    vi.mocked(resolveSpec).mock.calls.length,
  ];
  const before = await counts();
  expect(before.every((count) => count > 0)).toBe(true);
  const reconciled = await reconciles();
  const { items: pods } = await client.list(PODS, { namespace, labelSelector: `${SERVER_LABEL}=still` });
  for (let times = 1; times <= 3; times += 1) {
    for (const { metadata } of pods) await client.patch(PODS, metadata, { metadata: { annotations: { looked: String(times) } } });
    await eventually(async () => expect((await reconciles()) - reconciled).toBeGreaterThanOrEqual(times));
  }
  await sleep(500);
  expect(await counts()).toEqual(before);
});
