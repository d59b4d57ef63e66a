// An upgrade of the operator meets objects of an earlier version: earlier-manifests.json holds what version 0.1.0 rendered
// before most fields of the spec existed. Running servers must not notice.
import { expect, test } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { referencesOf, type Reference } from '../../charts/references.ts';
import { CONFIG_MAPS, DEPLOYMENTS, REPLICA_SETS, SECRETS, SERVICE_ACCOUNTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { childType } from '../../reconciler/kinds.ts';
import { FIELD_MANAGER, withOwner } from '../../reconciler/children/ownership.ts';
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
  await createAll(EARLIER.flatMap(({ name, spec }) => referencesOf({ name, spec: resolveSpec(name, spec) })));
  for (const { name, spec, manifests } of EARLIER) {
    // Where the server of this test answers; nothing is rendered from it.
    const server = await fleet.create(name, { ...spec, path: '/mcp' });
    for (const { apiVersion, kind, metadata, ...rest } of manifests) {
      const owned = withOwner({ apiVersion, kind, metadata: { ...metadata, namespace }, ...rest }, server);
      await fleet.client.apply(childType(owned), owned, { fieldManager: FIELD_MANAGER, force: true });
    }
  }
  const specs = (): Promise<unknown[]> => Promise.all(EARLIER.map(async ({ name }) => (await fleet.find<KubernetesObject & { spec: unknown }>(DEPLOYMENTS, name))?.spec));
  const before = await specs();
  await scene.restart();
  for (const { name, spec } of EARLIER) {
    await (spec.transport === 'stdio' ? fleet.until(name, 'Stalled', ['True', 'NoBridge']) : fleet.ready(name));
  }
  expect(await specs()).toEqual(before);
  const { items } = await fleet.client.list(REPLICA_SETS, { namespace });
  expect(items).toHaveLength(EARLIER.length);
  const written = await eventually(() => writesBy(scene.operator.userAgent));
  // A Deployment whose status moves just then is written at the next attempt.
  const onObjects = written.filter(({ objectRef, responseStatus }) => objectRef?.subresource !== 'status' && objectRef?.resource !== 'events' && responseStatus?.code !== 409);
  // What they refer to goes on record, once, beside the pod template.
  const referring = EARLIER.filter(({ name, spec }) => referencesOf({ name, spec: resolveSpec(name, spec) }).some(({ keys }) => keys.length > 0));
  expect(onObjects.map(({ objectRef, requestURI }) => `${objectRef?.resource} ${objectRef?.name} ${/fieldManager=([^&]*)/.exec(requestURI)?.[1]}`).toSorted()).toEqual(
    referring.map(({ name }) => `deployments ${name} mcp-operator-runtime`).toSorted(),
  );
});

/** Secrets and ConfigMaps with the keys that pods wait for, and ServiceAccounts. */
async function createAll(references: readonly Reference[]): Promise<void> {
  const types = { Secret: SECRETS, ConfigMap: CONFIG_MAPS, ServiceAccount: SERVICE_ACCOUNTS };
  for (const { kind, name, requiredKeys } of references) {
    const data = Object.fromEntries(requiredKeys.map((key) => [key, '']));
    const object = { metadata: scene.fleet.ref(name), ...(kind !== 'ServiceAccount' && { data }) };
    await scene.fleet.client.apply(types[kind], object, { fieldManager: 'owner' });
  }
}
