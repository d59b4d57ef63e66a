// The Events of an MCPServer, as kubectl shows them.
// Later cases use the MCPServer and the Events of the first.
import { expect, test } from 'vitest';
import { EVENTS, SERVICE_ACCOUNTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { systemClock } from '../../../reconciler/runtime/clock.ts';
import { EventRecorder, type EventResult } from '../../../reconciler/runtime/events.ts';
import { eventually, kubectl } from '../../support/cluster.ts';
import { useScene } from '../scene.ts';

interface EventObject extends KubernetesObject {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly series?: { readonly count: number };
}

const scene = useScene('events');

async function eventsOf(name: string): Promise<EventObject[]> {
  const { items } = await scene.fleet.client.list<EventObject>(EVENTS, { namespace: scene.namespace });
  const own = items.filter(({ regarding }) => regarding.kind === 'MCPServer' && regarding.name === name);
  return own.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
}

function times({ type, reason, series }: EventObject): string {
  return `${type} ${reason} ${series?.count ?? 1}`;
}

test('kubectl describe and kubectl events tell what happened to an MCPServer, in words of its conditions', async () => {
  const { fleet, namespace } = scene;
  const taken = await fleet.client.create<KubernetesObject>(SERVICE_ACCOUNTS, { metadata: fleet.ref('told') });
  await fleet.create('told', { config: { A: '1' } });
  await fleet.until('told', 'Stalled', ['True', 'NameConflict']);
  await fleet.client.patch(SERVICE_ACCOUNTS, taken.metadata, { metadata: { annotations: { 'mcp.example.com/adopt-by': 'told' } } });
  await fleet.ready('told');
  await fleet.edit('told', { config: null });
  await fleet.ready('told');
  await eventually(async () => expect((await eventsOf('told')).map(times)).toEqual(['Warning NameConflict 1', 'Normal Adopted 1', 'Normal Pruned 1', 'Normal Verified 2']));
  const described = (await kubectl(['describe', '-n', namespace, 'mcps/told'])).stdout;
  expect(described).toMatch(/Warning +NameConflict +\S.* mcp-operator +Not managed by this MCPServer, and left alone: ServiceAccount told/);
  expect(described).toMatch(/Normal +Verified +\S.* mcp-operator +legacy 1\.0\.0 speaks MCP/);
  const listed = (await kubectl(['events', '-n', namespace, '--for', 'mcps/told'])).stdout;
  expect(listed).toMatch(/Normal +Pruned +MCPServer\/told +ConfigMap told-config was deleted, because the spec no longer leads to it\./);
});

test('a restarted operator has nothing to tell of MCPServers that did not change', async () => {
  const { fleet } = scene;
  const before = await eventsOf('told');
  await scene.restart();
  await fleet.create('after-restart');
  await fleet.ready('after-restart');
  await eventually(async () => expect((await eventsOf('after-restart')).map(({ reason }) => reason)).toEqual(['Verified']));
  expect(await eventsOf('told')).toEqual(before);
});

test('the API server takes a series, counted up, and notes of any length', async () => {
  const { fleet } = scene;
  const regarding = await fleet.read('told');
  const results: EventResult[] = [];
  const recorder = new EventRecorder({
    client: fleet.client, reportingController: 'tester', reportingInstance: 'tester-1', clock: systemClock,
    log: { debug: () => undefined }, onResult: (result) => results.push(result),
  });
  const note = 'repeated '.repeat(300);
  for (let times = 1; times <= 3; times += 1) {
    recorder.record(regarding, { type: 'Normal', reason: 'Repeated', action: 'Test', note });
    await expect.poll(() => results.length).toBe(times);
  }
  await recorder.stop();
  expect(results).toEqual(['sent', 'sent', 'sent']);
  const repeated = (await eventsOf('told')).filter(({ reason }) => reason === 'Repeated');
  expect(repeated).toMatchObject([{ series: { count: 3 }, note: expect.stringMatching(/…$/) }]);
});
