// What the operator knows of the objects of each MCPServer, on a real server that lists and watches as a test says.
import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import { ObjectStore } from '../../../kubernetes/object-store.ts';
import { CONFIG_MAPS, DEPLOYMENTS, ENDPOINT_SLICES, PODS, SERVICES, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { CHILD_TYPES, MCP_SERVERS, SERVICE_LABEL } from '../../../reconciler/kinds.ts';
import { View } from '../../../reconciler/view/view.ts';
import { sendEvent, sendList, until } from '../../kubernetes/scripted-informer.ts';
import { clientOf, refusesToStream, wireServer } from '../../kubernetes/wire-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const DEMO = { namespace: 'tools', name: 'demo' };

interface Shape {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly version?: string;
  readonly labels?: Record<string, string>;
  readonly more?: object;
}

/** An object of an MCPServer as the API server sends it; of `demo`, unless it says otherwise. */
function object(type: ResourceType, shape: Shape = {}): KubernetesObject {
  const { name = 'demo', namespace = 'tools', uid = `${namespace}-${name}`, version = '1', more } = shape;
  const labels = shape.labels ?? { [SERVER_LABEL]: name, ...(type === ENDPOINT_SLICES && { [SERVICE_LABEL]: name }) };
  return { kind: type.kind, metadata: { name, namespace, uid, resourceVersion: version, labels }, ...more };
}

const ready = { endpoints: [{ addresses: ['10.244.0.1'], conditions: { ready: true } }] };

interface Cluster {
  readonly view: View;
  /** Keys in the order in which the view said that something changed. */
  readonly concerned: string[];
  /** By which labels MCPServers were listed and watched. */
  readonly selectors: ReadonlySet<string | null>;
  readonly send: (type: ResourceType, event: string, changed: KubernetesObject) => void;
  /** Ends the watch of a type as expired, so that it is listed anew. */
  readonly relist: (type: ResourceType, items: KubernetesObject[]) => void;
}

/** A view of objects, filled; what is listed of other types is empty. */
async function viewOf(objects: ReadonlyMap<ResourceType, KubernetesObject[]>, labelSelector?: string): Promise<Cluster> {
  const lists = new Map([...objects].map(([type, items]) => [type.plural, items]));
  const watches = new Map<string, ServerResponse>();
  const selectors = new Set<string | null>();
  const server = await wireServer(({ url }, response) => {
    const plural = url.pathname.split('/').at(-1) ?? '';
    if (plural === MCP_SERVERS.plural) selectors.add(url.searchParams.get('labelSelector'));
    if (refusesToStream(url, response)) return;
    if (url.searchParams.get('watch') !== 'true') return sendList(response, '1', lists.get(plural) ?? []);
    watches.set(plural, response);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  });
  const view = new View({ client: clientOf(server), namespaces: [], labelSelector, clock: new FakeClock(), log: SILENT });
  const concerned: string[] = [];
  view.onChange((key) => concerned.push(key));
  const stop = new AbortController();
  const running = view.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  await view.synced();
  const send = (type: ResourceType, event: string, changed: object): void =>
    sendEvent(watches.get(type.plural) as ServerResponse, event, changed);
  await until(() => expect(watches.size).toBe(CHILD_TYPES.length + 3));
  concerned.length = 0;
  const relist = (type: ResourceType, items: KubernetesObject[]): void => {
    lists.set(type.plural, items);
    send(type, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });
  };
  return { view, concerned, selectors, send, relist };
}

const podNames = ({ view }: Cluster, name = 'demo'): string[] => view.podsOf({ ...DEMO, name }).map(({ metadata }) => metadata.name);

function pod(shape: Shape): KubernetesObject {
  return object(PODS, { labels: { [SERVER_LABEL]: 'demo' }, ...shape });
}

describe('the pods of an MCPServer', () => {
  test('are those in its namespace that carry its name', async () => {
    const others = [pod({ name: 'elsewhere', namespace: 'other' }), pod({ name: 'another', labels: { [SERVER_LABEL]: 'other' } }), pod({ name: 'nobodys', labels: {} })];
    expect(podNames(await viewOf(new Map([[PODS, [pod({ name: 'demo-1' }), ...others, pod({ name: 'demo-2' })]]])))).toEqual(['demo-1', 'demo-2']);
  });

  test('follow their labels, and a change concerns both MCPServers', async () => {
    const cluster = await viewOf(new Map([[PODS, [pod({ name: 'demo-1' }), pod({ name: 'demo-2' })]]]));
    cluster.send(PODS, 'MODIFIED', pod({ name: 'demo-1', version: '2', labels: { [SERVER_LABEL]: 'other' } }));
    await until(() => expect(cluster.concerned).toEqual(['tools/other', 'tools/demo']));
    expect([podNames(cluster), podNames(cluster, 'other')]).toEqual([['demo-2'], ['demo-1']]);
    cluster.send(PODS, 'MODIFIED', pod({ name: 'demo-1', version: '3', labels: {} }));
    cluster.send(PODS, 'DELETED', pod({ name: 'demo-2', version: '4' }));
    await until(() => expect(cluster.concerned.slice(2)).toEqual(['tools/other', 'tools/demo']));
    expect([podNames(cluster), podNames(cluster, 'other')]).toEqual([[], []]);
  });

  test('are those of the last list, and of what took the name of another', async () => {
    const cluster = await viewOf(new Map([[PODS, [pod({ name: 'demo-1' }), pod({ name: 'demo-2' })]]]));
    cluster.relist(PODS, [pod({ name: 'demo-2', uid: 'new', version: '9', labels: { [SERVER_LABEL]: 'other' } }), pod({ name: 'demo-3', version: '9' })]);
    await until(() => expect(podNames(cluster)).toEqual(['demo-3']));
    expect(podNames(cluster, 'other')).toEqual(['demo-2']);
    expect(new Set(cluster.concerned)).toEqual(new Set(['tools/demo', 'tools/other']));
  });
});

describe('of the MCPServers of other operators', () => {
  test('nothing is listed, and what belongs to them wakes nobody', async () => {
    const own = object(MCP_SERVERS, { labels: { shard: 'blue' } });
    const cluster = await viewOf(new Map([[MCP_SERVERS, [own]]]), 'shard=blue');
    expect([...cluster.selectors]).toEqual(['shard=blue']);
    cluster.send(PODS, 'ADDED', pod({ name: 'other-1', labels: { [SERVER_LABEL]: 'other' } }));
    cluster.send(PODS, 'ADDED', pod({ name: 'demo-1' }));
    await until(() => expect(cluster.concerned).toEqual(['tools/demo']));
    // What belongs to one that is handed over is known when it comes.
    cluster.send(MCP_SERVERS, 'ADDED', object(MCP_SERVERS, { name: 'other', version: '2', labels: { shard: 'blue' } }));
    await until(() => expect(cluster.concerned).toEqual(['tools/demo', 'tools/other']));
    expect(podNames(cluster, 'other')).toEqual(['other-1']);
  });
});

function slice(shape: Shape): KubernetesObject {
  return object(ENDPOINT_SLICES, { name: 'demo-abcde', labels: { [SERVER_LABEL]: 'demo', [SERVICE_LABEL]: 'demo' }, more: ready, ...shape });
}

describe('an MCPServer has a ready endpoint', () => {
  test.each<[string, boolean, Shape]>([
    ['where a slice of its Service says so', true, {}],
    ['also while a label of the slice says otherwise', true, { labels: { [SERVER_LABEL]: 'other', [SERVICE_LABEL]: 'demo' } }],
    ['not where the slice belongs to another Service with the same labels', false, { labels: { [SERVER_LABEL]: 'demo', [SERVICE_LABEL]: 'demo-debug' } }],
    ['not in another namespace', false, { namespace: 'other' }],
    ['not where no endpoint is ready', false, { more: { endpoints: [{ conditions: { ready: false, serving: true } }] } }],
    ['not where there is no endpoint', false, { more: { endpoints: null } }],
  ])('%s', async (_, expected, shape) => {
    const { view } = await viewOf(new Map([[ENDPOINT_SLICES, [slice(shape)]]]));
    expect(view.hasReadyEndpoint(DEMO)).toBe(expected);
  });

  test('no longer once the slice belongs to another Service, which concerns both', async () => {
    const { view, send, concerned } = await viewOf(new Map([[ENDPOINT_SLICES, [slice({})]]]));
    send(ENDPOINT_SLICES, 'MODIFIED', slice({ version: '2', labels: { [SERVER_LABEL]: 'demo', [SERVICE_LABEL]: 'other' } }));
    await until(() => expect(concerned).toEqual(['tools/other', 'tools/demo']));
    expect([view.hasReadyEndpoint(DEMO), view.hasReadyEndpoint({ ...DEMO, name: 'other' })]).toEqual([false, true]);
  });
});

test('what a write returned is remembered as the caches would keep it', async () => {
  const { view } = await viewOf(new Map());
  const noise = { managedFields: [{ manager: 'mcp-operator', operation: 'Apply' }], annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', keep: 'me' } };
  const written = { ...object(SERVICES, { more: { spec: { type: 'LoadBalancer' }, status: { loadBalancer: {} } } }) };
  view.remember(SERVICES, { ...written, metadata: { ...written.metadata, ...noise } });
  expect(view.child(SERVICES, DEMO)).toEqual({
    ...object(SERVICES, { more: { spec: { type: 'LoadBalancer' } } }),
    metadata: { ...written.metadata, annotations: { keep: 'me' } },
  });
  view.remember(MCP_SERVERS, {
    ...object(MCP_SERVERS, { more: { spec: {}, status: { phase: 'Ready' } } }),
    metadata: { ...object(MCP_SERVERS).metadata, ...noise },
  });
  expect(view.server(DEMO)).toEqual({
    ...object(MCP_SERVERS, { more: { spec: {}, status: { phase: 'Ready' } } }),
    metadata: { ...object(MCP_SERVERS).metadata, annotations: { keep: 'me' } },
  });
});

/** The MCPServers of which a stored object is read, from now on, whoever reads. */
function countVisits(): Set<string> {
  const visited = new Set<string>();
  // oxlint-disable-next-line typescript/unbound-method -- called with the store it is spied on
  const { put } = ObjectStore.prototype;
  const spy = vi.spyOn(ObjectStore.prototype, 'put');
  spy.mockImplementation(function counted(this: ObjectStore<KubernetesObject>, stored: KubernetesObject) {
    const { namespace, name } = stored.metadata;
    put.call(this, new Proxy(stored, { get: (target, field) => (visited.add(`${namespace}/${name}`), Reflect.get(target, field)) }));
  });
  onTestFinished(() => spy.mockRestore());
  return visited;
}

describe('among a thousand other MCPServers', () => {
  /** In 51 namespaces, of which `tools` has as many as all others, and with names that come again in each. */
  const keys = [DEMO, ...Array.from({ length: 1000 }, (_, index) => (
    index < 500 ? { namespace: 'tools', name: `server-${index}` } : { namespace: `team-${index % 50}`, name: index < 550 ? 'demo' : `server-${index}` }
  ))];
  const types = [MCP_SERVERS, PODS, ENDPOINT_SLICES, ...CHILD_TYPES];

  test('everything is told of one without a look at an object of another', async () => {
    const visited = countVisits();
    const { view, send, concerned } = await viewOf(new Map(types.map((type) => [type, keys.map((key) => object(type, key))])));
    expect([view.serverKeys().length, visited.size]).toEqual([1001, 1001]);
    visited.clear();
    expect(view.server(DEMO)?.metadata.uid).toBe('tools-demo');
    expect(CHILD_TYPES.map((type) => view.child(type, DEMO)?.metadata.uid)).toEqual(CHILD_TYPES.map(() => 'tools-demo'));
    expect(view.childrenOf(DEMO).map(({ type, object: { metadata } }) => [type, metadata.uid])).toEqual(
      CHILD_TYPES.map((type) => [type, 'tools-demo']),
    );
    expect(view.podsOf(DEMO).map(({ metadata }) => metadata.uid)).toEqual(['tools-demo']);
    expect(view.hasReadyEndpoint(DEMO)).toBe(false);
    expect([...visited]).toEqual(['tools/demo']);
    visited.clear();
    for (const type of [PODS, DEPLOYMENTS, CONFIG_MAPS, ENDPOINT_SLICES, MCP_SERVERS]) send(type, 'MODIFIED', object(type, { version: '2' }));
    await until(() => expect(concerned).toHaveLength(5));
    expect([...visited]).toEqual(['tools/demo']);
  });
});
