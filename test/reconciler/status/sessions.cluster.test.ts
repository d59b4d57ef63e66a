// A server that was found to keep sessions: its clients stay at their pod, unless its user says otherwise.
// The cases follow on each other: one MCPServer, stateful, as its pods and its spec change.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { serveStateful, serveStateless, type RunningServer } from '../../support/mcp-servers.ts';
import { onLoopback, writesBy } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

interface Service extends KubernetesObject {
  readonly spec: {
    readonly sessionAffinity: string;
    readonly sessionAffinityConfig?: { readonly clientIP: { readonly timeoutSeconds: number } };
  };
}

const servers = new Map<string, RunningServer>();
const scene = useScene('sessions', { exchangeFor: onLoopback(({ name }) => servers.get(name.split('-')[0] ?? '')?.port ?? 0) });

beforeAll(async () => {
  servers.set('stateful', await serveStateful());
  servers.set('stateless', await serveStateless());
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.close())));

async function affinity(name = 'stateful'): Promise<unknown> {
  const { spec } = (await scene.fleet.find<Service>(SERVICES, name)) ?? { spec: undefined };
  return [spec?.sessionAffinity, spec?.sessionAffinityConfig?.clientIP.timeoutSeconds];
}

test('a server with sessions and several pods gets affinity by an overlay that survives every apply', async () => {
  const { fleet } = scene;
  await fleet.create('stateful', { replicas: 2 });
  await fleet.ready('stateful');
  await eventually(async () => expect(await affinity()).toEqual(['ClientIP', 10_800]));
  const service = await fleet.find<Service>(SERVICES, 'stateful');
  const managers = service?.metadata.managedFields as { manager: string; fieldsV1: { 'f:spec'?: Record<string, unknown> } }[];
  const owners = managers.filter(({ fieldsV1 }) => fieldsV1['f:spec']?.['f:sessionAffinity'] !== undefined).map(({ manager }) => manager);
  expect(owners).toEqual(['mcp-operator-runtime']);
  await fleet.edit('stateful', { service: { sessionAffinityTimeoutSeconds: 600, port: 80 } });
  await eventually(async () => expect(await affinity()).toEqual(['ClientIP', 600]));
  await scene.restart();
  await fleet.create('later');
  await eventually(async () => expect(await fleet.find(SERVICES, 'later')).toBeDefined());
  expect(
    (await writesBy(scene.operator.userAgent)).filter(({ objectRef }) => objectRef?.resource === 'services' && objectRef.name === 'stateful'),
  ).toEqual([]);
});

test('it goes when one pod is left, and comes back with the next', async () => {
  const { fleet } = scene;
  await fleet.edit('stateful', { replicas: 1 });
  await eventually(async () => expect(await affinity()).toEqual(['None', undefined]));
  await fleet.edit('stateful', { replicas: 3, service: null });
  await eventually(async () => expect(await affinity()).toEqual(['ClientIP', 10_800]));
});

test('who wants none despite sessions is told what that means', async () => {
  const { fleet } = scene;
  await fleet.edit('stateful', { service: { sessionAffinity: 'None' } });
  await fleet.until('stateful', 'SessionsAtRisk', ['True', 'NoAffinity']);
  await eventually(async () => expect(await affinity()).toEqual(['None', undefined]));
  await fleet.edit('stateful', { service: { sessionAffinity: 'ClientIP' } });
  await eventually(async () => expect(await affinity()).toEqual(['ClientIP', 10_800]));
  await fleet.ready('stateful');
  expect(conditionOf(await fleet.read('stateful'), 'SessionsAtRisk')).toBeUndefined();
});

test('a server without sessions gets none', async () => {
  const { fleet } = scene;
  await fleet.create('stateless', { replicas: 2 });
  expect((await fleet.ready('stateless')).status?.server?.sessions).toBe('Stateless');
  expect(await affinity('stateless')).toEqual(['None', undefined]);
});
