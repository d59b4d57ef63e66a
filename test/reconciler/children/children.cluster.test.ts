import { afterAll, beforeAll, expect, test } from 'vitest';
import { render } from '../../../charts/render.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { ApiError } from '../../../kubernetes/errors.ts';
import { CONFIG_MAPS, SERVICE_ACCOUNTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { converge, type Converged, type ConvergeOptions } from '../../../reconciler/children/converge.ts';
import { Plans } from '../../../reconciler/children/plan.ts';
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { systemClock } from '../../../reconciler/runtime/clock.ts';
import { WriteConflicts } from '../../../reconciler/children/write-conflicts.ts';
import { withOwner } from '../../../reconciler/children/ownership.ts';
import { Matching } from '../../../reconciler/children/matching.ts';
import { connect, useNamespace } from '../../support/cluster.ts';

// What the operator believes is out of date here: another object has taken the place of the one it saw, or of none.
const namespace = useNamespace('races');
let client: KubernetesClient;
beforeAll(async () => {
  client = await connect();
});
afterAll(() => client.close());

function serverObject(name: string): MCPServerObject {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { name, namespace, uid: '00000000-0000-4000-8000-000000000000', generation: 1 }, spec: { image: 'example.com/server:1' } };
}

function findNothing(): Promise<never> {
  return Promise.reject(new ApiError('NotFound', 'not there'));
}

/** Converges all that is rendered, or nothing, by what the operator believes to be there. */
function converging(server: MCPServerObject, view: Partial<ConvergeOptions['view']>, { nothing = false } = {}): Promise<Converged> {
  const options: ConvergeOptions = {
    client: {
      get: findNothing,
      apply: client.apply.bind(client),
      patch: client.patch.bind(client),
      delete: client.delete.bind(client),
    },
    isShared: false,
    events: { record: () => undefined },
    conflicts: new WriteConflicts(systemClock),
    view: { child: () => undefined, childrenOf: () => [], remember: () => undefined, ...view },
  };
  const { children, references } = new Plans().make(server);
  const wanted = { server, observed: {}, children: nothing ? [] : children, references, matching: new Matching(), names: { taken: false } };
  return converge(options, wanted, { signal: new AbortController().signal, log: { info: () => undefined }, purpose: 'test' });
}

async function foreignAccount(name: string): Promise<KubernetesObject> {
  return client.create<KubernetesObject>(SERVICE_ACCOUNTS, { metadata: { name, namespace, labels: { mine: 'yes' } } });
}

test('an object that took the name after the operator looked is not touched', async () => {
  const server = serverObject('appeared');
  const foreign = await foreignAccount('appeared');
  await expect(converging(server, {})).rejects.toMatchObject({ kind: 'Conflict' });
  expect(await client.get(SERVICE_ACCOUNTS, foreign.metadata)).toEqual(foreign);
});

test('an object that replaced a child after the operator looked is not touched', async () => {
  const server = serverObject('replaced');
  const foreign = await foreignAccount('replaced');
  const [manifest] = render(server);
  const seen = {
    ...withOwner(manifest ?? { apiVersion: '', kind: '', metadata: { name: '' } }, server),
    automountServiceAccountToken: true,
  } as KubernetesObject;
  seen.metadata.uid = '00000000-0000-4000-8000-000000000001';
  await expect(converging(server, { child: (type) => (type === SERVICE_ACCOUNTS ? seen : undefined) })).rejects.toMatchObject({
    kind: 'Invalid',
    message: expect.stringContaining('metadata.uid'),
  });
  expect(await client.get(SERVICE_ACCOUNTS, foreign.metadata)).toEqual(foreign);
});

test('a child that went after the operator looked is not created by an apply meant to change it', async () => {
  const server = serverObject('gone');
  const seen = { metadata: { name: 'gone', namespace, uid: '00000000-0000-4000-8000-000000000002', annotations: { 'mcp.example.com/adopt-by': 'gone' } } };
  await expect(converging(server, { child: (type) => (type === SERVICE_ACCOUNTS ? seen : undefined) })).rejects.toMatchObject({ kind: 'Conflict' });
  await expect(client.get(SERVICE_ACCOUNTS, seen.metadata)).rejects.toMatchObject({ kind: 'NotFound' });
});

test('an object that changed after it consented to be adopted is not adopted unseen', async () => {
  const server = serverObject('adopted');
  const annotations = { 'mcp.example.com/adopt-by': 'adopted' };
  const seen = await client.create<KubernetesObject>(SERVICE_ACCOUNTS, { metadata: { name: 'adopted', namespace, annotations } });
  const now = await client.patch<KubernetesObject>(SERVICE_ACCOUNTS, seen.metadata, { metadata: { annotations: null } });
  await expect(converging(server, { child: (type) => (type === SERVICE_ACCOUNTS ? seen : undefined) })).rejects.toMatchObject({ kind: 'Conflict' });
  expect(await client.get(SERVICE_ACCOUNTS, seen.metadata)).toEqual(now);
});

test('pruning spares an object that took the name of a child that is no longer wanted', async () => {
  const server = serverObject('pruned');
  const config = withOwner({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pruned-config', namespace } }, server) as KubernetesObject;
  const foreign = await client.create<KubernetesObject>(CONFIG_MAPS, { metadata: { name: 'pruned-config', namespace } });
  config.metadata.uid = '00000000-0000-4000-8000-000000000003';
  await converging(server, { childrenOf: () => [{ type: CONFIG_MAPS, object: config }] }, { nothing: true });
  expect(await client.get(CONFIG_MAPS, foreign.metadata)).toEqual(foreign);
});
