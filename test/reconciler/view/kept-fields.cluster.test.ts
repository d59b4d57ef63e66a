// What the caches keep of objects as a real API server and its controllers fill them is enough for those who judge them.
import { expect, test } from 'vitest';
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import { render } from '../../../charts/render.ts';
import { DEPLOYMENTS, ENDPOINT_SLICES, PODS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { contains } from '../../../reconciler/compare/contains.ts';
import { keptChild, keptDeployment, keptEndpointSlice, keptPod } from '../../../reconciler/view/kept-fields.ts';
import { childType, type DeploymentObject, type EndpointSliceObject, type PodObject } from '../../../reconciler/kinds.ts';
import { missingOverlay } from '../../../reconciler/children/overlay.ts';
import { ownership, withOwner } from '../../../reconciler/children/ownership.ts';
import { eventually } from '../../support/cluster.ts';
import { judgementsOf } from './pod-judgements.ts';
import { useScene } from '../scene.ts';

const CRASHES = {
  placed: true,
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: '2030-01-01T00:00:00Z' }],
    containerStatuses: [{
      name: 'mcp-server', image: 'i', imageID: 'i', ready: false, started: false, restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: { terminated: { exitCode: 137, reason: 'Error', message: 'listening on http://0.0.0.0:3000' } },
    }],
  },
};
const scene = useScene('kept', { fateOf: ({ metadata }) => (metadata.labels?.[SERVER_LABEL] === 'crashing' ? CRASHES : undefined) });

async function podsOf(name: string): Promise<PodObject[]> {
  const { items } = await scene.fleet.client.list<PodObject>(PODS, { namespace: scene.namespace, labelSelector: `${SERVER_LABEL}=${name}` });
  return items;
}

test('pods are judged alike whole and as they are kept: one that serves, and one that listens elsewhere', async () => {
  const { fleet } = scene;
  await Promise.all([fleet.create('serving', { config: { a: '1' } }), fleet.create('crashing')]);
  await Promise.all([fleet.ready('serving'), eventually(async () => expect((await podsOf('crashing'))[0]?.status?.containerStatuses).toHaveLength(1))]);
  for (const [name, said] of [['serving', '"ip"'], ['crashing', 'WrongPort']] as const) {
    const [deployment, pods] = [await fleet.find<DeploymentObject>(DEPLOYMENTS, name), await podsOf(name)];
    if (deployment === undefined) throw new Error(`${name} has no Deployment`);
    const whole = judgementsOf(pods, deployment);
    expect(JSON.stringify(whole)).toContain(said);
    expect(judgementsOf(pods.map(keptPod), keptDeployment(deployment) as DeploymentObject)).toEqual(whole);
    for (const { spec, status } of pods.map(keptPod)) {
      expect(Object.keys(spec ?? {})).toContain('containers');
      expect(['containers', 'terminationGracePeriodSeconds', 'nodeName', 'volumes']).toEqual(expect.arrayContaining(Object.keys(spec ?? {})));
      const types = status?.conditions?.map(({ type }) => type) ?? [];
      expect(types).toContain('Ready');
      expect(['PodScheduled', 'Ready']).toEqual(expect.arrayContaining(types));
    }
  }
});

test('children differ from what is rendered as much as whole ones do, and are as much the MCPServer\'s', async () => {
  const { fleet } = scene;
  await fleet.create('full', { config: { a: '1' }, replicas: 2, networkPolicy: { ingressFrom: [{ podSelector: {} }] } });
  const server = await fleet.ready('full');
  const children = await fleet.children('full');
  const manifests = render(server).map((manifest) => withOwner(manifest, server));
  expect(children.length).toBe(manifests.length);
  for (const live of children) {
    const kept = live.kind === 'Deployment' ? keptDeployment(live) : keptChild(live);
    const desired = manifests.find(({ kind, metadata }) => kind === live.kind && metadata.name === live.metadata.name);
    if (desired === undefined) throw new Error(`${live.kind} ${live.metadata.name} is not rendered`);
    expect(childType(desired).kind).toBe(live.kind);
    expect([contains(live, desired), contains(kept, desired)]).toEqual([true, true]);
    expect(contains(kept, { ...desired, spec: { changed: true } })).toBe(false);
    expect(ownership(kept, server)).toEqual(ownership(live, server));
    expect(missingOverlay(desired, kept, {})).toEqual(missingOverlay(desired, live, {}));
  }
});

test('a slice is kept with its Service and whether it is ready', async () => {
  const labelSelector = `${SERVER_LABEL}=serving`;
  const { items } = await scene.fleet.client.list<EndpointSliceObject & KubernetesObject>(ENDPOINT_SLICES, {
    namespace: scene.namespace,
    labelSelector,
  });
  expect(items.map((slice) => keptEndpointSlice(slice))).toMatchObject([
    { metadata: { labels: { 'kubernetes.io/service-name': 'serving' } }, endpoints: [{ conditions: { ready: true } }] },
  ]);
  expect(Object.keys(keptEndpointSlice(items[0] as EndpointSliceObject).endpoints?.[0] ?? {})).toEqual(['conditions']);
});
