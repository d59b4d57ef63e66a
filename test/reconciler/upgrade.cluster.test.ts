// An upgrade of the operator meets objects of an earlier version: earlier-manifests.json holds what version 0.1.0 rendered
// before most fields of the spec existed. Running servers must not notice.
import { expect, test } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '../../kubernetes/objects.ts';
import { FIELD_MANAGER } from '../../reconciler/ownership.ts';
import { childType } from '../../reconciler/kinds.ts';
import { withOwner } from '../../reconciler/ownership.ts';
import { eventually } from '../support/cluster.ts';
import earlier from '../support/earlier-manifests.json' with { type: 'json' };
import { writesBy } from '../support/operator.ts';
import { mcpServer } from '../support/rendered.ts';
import { useScene } from './scene.ts';

const scene = useScene('upgrade');
const EARLIER = earlier as unknown as { name: string; spec: MCPServerSpec; manifests: Manifest[] }[];

test.each(EARLIER)('what was rendered for $name is rendered still', ({ name, spec, manifests }) => {
  expect(render(mcpServer(spec, { name, namespace: undefined }))).toEqual(manifests);
});

test('no running server is touched', async () => {
  const { fleet, operator, namespace } = scene;
  await operator.stop();
  for (const { name, spec, manifests } of EARLIER) {
    // Where the server of this test answers; nothing is rendered from it.
    const server = await fleet.create(name, { ...spec, path: '/mcp' });
    for (const { apiVersion, kind, metadata, ...rest } of manifests) {
      const owned = withOwner({ apiVersion, kind, metadata: { ...metadata, namespace }, ...rest }, server);
      await fleet.client.apply(childType(owned), owned, { fieldManager: FIELD_MANAGER, force: true });
    }
  }
  const generations = (): Promise<(number | undefined)[]> => Promise.all(EARLIER.map(async ({ name }) => (await fleet.find(DEPLOYMENTS, name))?.metadata.generation));
  const before = await generations();
  await scene.restart();
  for (const { name, spec } of EARLIER) {
    await (spec.transport === 'stdio' ? fleet.until(name, 'Stalled', ['True', 'NoBridge']) : fleet.ready(name));
  }
  expect(await generations()).toEqual(before);
  const { items } = await fleet.client.list(REPLICA_SETS, { namespace });
  expect(items).toHaveLength(EARLIER.length);
  const written = await eventually(() => writesBy(scene.operator.userAgent));
  expect(written.filter(({ objectRef }) => objectRef?.subresource !== 'status' && objectRef?.resource !== 'events')).toEqual([]);
});
