// Edits of ports, Service and network policy on the real API server: each converges, leaves nothing behind, and rests.
// The last case needs the MCPServers of all others: at rest, nothing is written to them.
import { expect, test } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { render } from '../../../charts/render.ts';
import { SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { contains } from '../../../reconciler/compare/contains.ts';
import { eventually } from '../../support/cluster.ts';
import { FULL_SPEC } from '../../support/full-spec.ts';
import { onLoopback, writesAtRest, writesBy } from '../../support/operator.ts';
import { ownedButNotRendered } from './owned-fields.ts';
import { useScene } from '../scene.ts';

/** Ports at which pods were asked, by MCPServer. */
const asked = new Map<string, Set<number>>();
const scene = useScene('network', {
  exchangeFor: (pod) => {
    const name = pod.name.replace(/(-[a-z0-9]+){2}$/, '');
    asked.set(name, (asked.get(name) ?? new Set()).add(pod.port));
    return onLoopback(scene.server.port)(pod);
  },
});
type Edit = { [Field in keyof MCPServerSpec]?: MCPServerSpec[Field] | null | object };

/** In what the children differ from what is rendered: live fields, applied fields, objects. */
async function deviations(name: string): Promise<unknown[]> {
  await scene.fleet.ready(name);
  const manifests = render(await scene.fleet.read(name));
  const children = await scene.fleet.children(name);
  const leftovers = children.filter(
    ({ kind, metadata }) => !manifests.some((manifest) => manifest.kind === kind && manifest.metadata.name === metadata.name),
  );
  const differing = manifests.flatMap((manifest): unknown[] => {
    const live = children.find(({ kind, metadata }) => kind === manifest.kind && metadata.name === manifest.metadata.name);
    return live === undefined || !contains(live, manifest) ? [{ manifest, live }] : ownedButNotRendered(live, manifest);
  });
  return [...leftovers, ...differing];
}

const METRICS = { name: 'metrics', port: 9090 };
const PORT_EDITS: Edit[] = [
  { extraPorts: [METRICS, { name: 'health', port: 8081 }] },
  // The two change names, then the MCP port and one of them change numbers.
  { extraPorts: [{ ...METRICS, port: 8081 }, { name: 'health', port: 9090 }] },
  { port: 9090, extraPorts: [{ ...METRICS, port: 8080 }] },
  { extraPorts: [{ name: 'other', port: 8080 }] },
  { extraPorts: null, port: null },
];

test.concurrent('ports converge, whatever they change to', async () => {
  const { fleet } = scene;
  await fleet.create('ports');
  for (const edit of PORT_EDITS) {
    await fleet.edit('ports', edit);
    await eventually(async () => expect([edit, await deviations('ports')]).toEqual([edit, []]));
  }
});

const LOAD_BALANCER = { type: 'LoadBalancer' } as const;
/** A merge patch keeps what it does not name. */
const NOTHING_ELSE = Object.fromEntries(Object.keys(FULL_SPEC.service ?? {}).map((field) => [field, null]));
/** What one edit replaces by the next: together they take every step between two of them that differ in kind. */
const SERVICES_IN_TURN: (MCPServerSpec['service'] | null)[] = [
  LOAD_BALANCER,
  { type: 'NodePort' },
  null,
  { ...LOAD_BALANCER, externalTrafficPolicy: 'Local' },
  { type: 'NodePort', port: 80, externalTrafficPolicy: 'Local' },
  { type: 'NodePort', port: 80 },
  { ...LOAD_BALANCER, port: 80, appProtocol: 'http', annotations: { 'example.com/scheme': 'internal' } },
  // The API server never changes the class in place.
  { ...LOAD_BALANCER, loadBalancerClass: 'example.com/one' },
  { ...LOAD_BALANCER, loadBalancerClass: 'example.com/two', externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['192.0.2.0/24'] },
  { ...LOAD_BALANCER, loadBalancerClass: 'example.com/one', loadBalancerSourceRanges: ['192.0.2.0/24', '10.0.0.0/8'] },
  LOAD_BALANCER,
  { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: 60 },
  { sessionAffinity: 'ClientIP' },
  { sessionAffinity: 'None' },
  { sessionAffinity: 'ClientIP' },
  { internalTrafficPolicy: 'Local' },
  { appProtocol: 'http', annotations: { a: '1', b: '2' } },
  { annotations: { b: '3' } },
  null,
];

interface LiveService extends KubernetesObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly clusterIPs?: string[];
    readonly healthCheckNodePort?: number;
    readonly ports: { readonly nodePort?: number }[];
  };
}

/** A Service without what the API server allocates, except that it did. */
async function essence(name: string): Promise<unknown> {
  const live = await scene.fleet.find<LiveService>(SERVICES, name);
  const { clusterIP, clusterIPs, healthCheckNodePort, ports, ...spec } = live?.spec ?? { ports: [] };
  return JSON.parse(JSON.stringify({
    spec, has: [clusterIP, clusterIPs, healthCheckNodePort].map((value) => value !== undefined),
    ports: ports.map(({ nodePort, ...port }) => ({ ...port, hasNodePort: nodePort !== undefined })),
  }).replaceAll(name, 'NAME')) as unknown;
}

test.concurrent.each([['the MCP port alone', undefined], ['an extra port', [METRICS]]])('every type and option of the Service follows every other, and leaves no trace: with %s', async (title, extraPorts) => {
  const { fleet } = scene;
  const name = title.startsWith('an') ? 'extra' : 'alone';
  await fleet.create(name, extraPorts && { extraPorts });
  await fleet.ready(name);
  const uid = (await fleet.find(SERVICES, name))?.metadata.uid;
  for (const [index, service] of SERVICES_IN_TURN.entries()) {
    await fleet.edit(name, { service: service && { ...NOTHING_ELSE, ...service } });
    await eventually(async () => expect([service, await deviations(name)]).toEqual([service, []]));
    const fresh = `${name}-${index}`;
    await fleet.create(fresh, { ...(extraPorts && { extraPorts }), ...(service && { service }) });
    await eventually(async () => expect([service, await essence(name)]).toEqual([service, await essence(fresh)]));
    await fleet.remove(fresh);
  }
  expect((await fleet.find(SERVICES, name))?.metadata.uid).toBe(uid);
});

test.concurrent('the endpoint is that of the Service, and the pods are still asked on their own port', async () => {
  const { fleet } = scene;
  await fleet.create('fronted', { port: 9000, service: { port: 80 } });
  expect((await fleet.ready('fronted')).status?.endpoint).toBe(`http://fronted.${fleet.namespace}.svc:80/mcp`);
  expect(asked.get('fronted')).toEqual(new Set([9000]));
});

const PEER = { namespaceSelector: { matchLabels: { team: 'edge' } }, podSelector: { matchLabels: { app: 'gateway' } } };
const POLICIES_IN_TURN: Edit[] = [
  { ingressFrom: [] },
  { ingressFrom: [PEER, { podSelector: {} }] },
  { egressTo: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] },
  { ingressFrom: null },
  { ingressFrom: [PEER], egressTo: [] },
].map((networkPolicy) => ({ networkPolicy }));

test.concurrent('a network policy converges, whatever it changes to, and goes with its field', async () => {
  const { fleet } = scene;
  await fleet.create('closed');
  for (const edit of [...POLICIES_IN_TURN, { extraPorts: [METRICS] }, { networkPolicy: null }, { networkPolicy: { egressTo: [] } }]) {
    await fleet.edit('closed', edit);
    await eventually(async () => expect([edit, await deviations('closed')]).toEqual([edit, []]));
  }
  // The one mistake that only the API server sees.
  await fleet.edit('closed', { networkPolicy: { egressTo: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['192.0.2.0/24'] } }] } });
  const { status } = await fleet.until('closed', 'Stalled', ['True', 'InvalidSpec']);
  expect(JSON.stringify(status)).toContain('except[0]');
  await fleet.edit('closed', { networkPolicy: null });
  await eventually(async () => expect(await deviations('closed')).toEqual([]));
});

test('afterwards nothing is written', async () => {
  const before = await writesAtRest(scene.operator.userAgent);
  await scene.fleet.create('later');
  await scene.fleet.ready('later');
  const since = (await writesBy(scene.operator.userAgent)).slice(before.length);
  expect(since.filter(({ objectRef }) => objectRef?.resource !== 'events' && objectRef?.name !== 'later')).toEqual([]);
});
