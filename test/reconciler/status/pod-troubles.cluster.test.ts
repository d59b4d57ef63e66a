// What stands in the way of pods on the real API server, and that nothing does in the first seconds of a start that is well.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEPLOYMENTS, EVENTS, PODS, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import type { Condition } from '../../../charts/api/status.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import type { Fate, Pod } from '../../support/pods.ts';
import { useScene } from '../scene.ts';

const LIMIT_RANGES: ResourceType = { group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', namespaced: true };
const STARTS_SLOWLY = 'example.com/slow:1';

/** The pods of this image run for some seconds before their startup probe passes; the test says when it does. */
function fateOf({ spec }: Pod): Fate | undefined {
  return spec.containers[0]?.image === STARTS_SLOWLY ? { placed: true, status: {} } : undefined;
}

const scene = useScene('troubles', { fateOf });
const stop = new AbortController();
const seen: Condition[] = [];
let recording: Promise<void> | undefined;

beforeAll(async () => {
  const { fleet: { client }, namespace } = scene;
  const informer = new Informer<MCPServerObject>({ client, type: MCP_SERVERS, namespaces: [namespace] });
  informer.onChange(({ object }) => {
    if (object.metadata.name === 'slow') seen.push(...(object.status?.conditions ?? []));
  });
  recording = informer.run(stop.signal);
  await informer.synced;
});
afterAll(async () => {
  stop.abort();
  await recording;
});

interface EventObject extends KubernetesObject {
  readonly type: string;
  readonly reason: string;
  readonly regarding: { readonly kind: string; readonly name: string };
}

const STATES = [
  { started: false, ready: false, state: { waiting: { reason: 'ContainerCreating' } } },
  { started: false, ready: false, running: true },
  { started: true, ready: false, running: true },
  { started: true, ready: true, running: true },
];

test('a start that is well takes some seconds, and says nothing but Progressing and NotYetProbed until it is Ready', async () => {
  const { fleet, namespace } = scene;
  await fleet.create('slow', { image: STARTS_SLOWLY });
  const pod = await eventually(async () => {
    const { items } = await fleet.client.list<Pod>(PODS, { namespace, labelSelector: 'mcp.example.com/server=slow' });
    if (items[0]?.spec.nodeName === undefined) throw new Error('no pod is bound');
    return items[0];
  });
  // The node's clock is ahead, so that however slow this machine is the container has just started.
  const startedAt = new Date(Date.now() + 120_000).toISOString();
  for (const { running, ...container } of STATES) {
    const isReady = container.ready;
    const now = new Date().toISOString();
    const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => (
      { type, status: isReady || !type.endsWith('Ready') ? 'True' : 'False', lastTransitionTime: now }
    ));
    const state = running === true ? { running: { startedAt } } : container.state;
    const containerStatuses = [{ ...container, state, name: 'mcp-server', image: STARTS_SLOWLY, imageID: '', restartCount: 0 }];
    const address = isReady ? { podIP: '10.231.0.7', podIPs: [{ ip: '10.231.0.7' }] } : {};
    const status = { phase: running === true ? 'Running' : 'Pending', conditions, containerStatuses, ...address };
    await fleet.client.patch(PODS, pod.metadata, { status }, { subresource: 'status' });
    // The start has to last; what is said of it is recorded meanwhile.
    await sleep(1000);
  }
  const ready = await fleet.ready('slow');
  const said = [...seen, ...(ready.status?.conditions ?? [])];
  const readies = said.filter(({ type }) => type === 'Ready');
  const { items } = await fleet.client.list<EventObject>(EVENTS, { namespace });
  const events = items.filter(({ regarding }) => regarding.kind === 'MCPServer' && regarding.name === 'slow');
  expect(readies.filter(({ status }) => status === 'False').length).toBeGreaterThan(1);
  expect(readies.filter(({ status, reason }) => status !== 'True' && !['NotObserved', 'Progressing', 'NotYetProbed'].includes(reason))).toEqual([]);
  expect(said.filter(({ type, status, reason }) => type === 'Verified' && status !== 'True' && reason !== 'NotYetProbed')).toEqual([]);
  expect(said.filter(({ message }) => /probe has not passed|spec\.|MCP_PORT/.test(message))).toEqual([]);
  expect(events.filter(({ type }) => type === 'Warning')).toEqual([]);
}, 60_000);

test('a Deployment that somebody paused is told as that, and goes on when it is resumed', async () => {
  const { fleet } = scene;
  await fleet.create('held');
  await fleet.ready('held');
  await fleet.client.patch(DEPLOYMENTS, fleet.ref('held'), { spec: { paused: true } });
  await fleet.edit('held', { image: 'example.com/server:2' });
  const held = await fleet.until('held', 'Ready', ['False', 'Paused']);
  expect(conditionOf(held, 'Ready')?.message).toContain(`kubectl -n ${scene.namespace} rollout resume deployment held`);
  expect(conditionOf(held, 'Available')).toMatchObject({ status: 'True' });
  await fleet.client.patch(DEPLOYMENTS, fleet.ref('held'), { spec: { paused: null } });
  await fleet.ready('held');
});

test('a LimitRange that refuses the pods is told with the field that is to be changed, in both ways it refuses', async () => {
  const { fleet, namespace } = scene;
  const limits = [{ type: 'Container', max: { memory: '128Mi' }, default: { memory: '32Mi' }, defaultRequest: { memory: '32Mi' } }];
  await fleet.client.create(LIMIT_RANGES, { metadata: { name: 'small', namespace }, spec: { limits } } as KubernetesObject);
  await fleet.create('large', { resources: { requests: { memory: '64Mi' }, limits: { memory: '1Gi' } } });
  await fleet.create('changed', { resources: { requests: { memory: '64Mi' } } });
  for (const name of ['large', 'changed']) {
    const server = await fleet.until(name, 'Ready', ['False', 'FailedCreate']);
    expect(conditionOf(server, 'Ready')?.message).toMatch(/A LimitRange bounds what containers ask for, .* keep spec\.resources within it/);
  }
});
