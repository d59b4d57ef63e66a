// The rows of the truth table on the real API server.
// The rows side by side come first; 27, 29 and the rows without an operator change what these left, and the last case reads it all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIG_MAPS, NAMESPACES, NODES, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import type { PodAddress } from '../../../reconciler/verification/pod-access.ts';
import { fixture, startBridge, type BridgeProcess } from '../../mcp-server/stdio-bridge/bridge-process.ts';
import { eventually, kubectl } from '../../support/cluster.ts';
import { useJudges } from '../../support/judges.ts';
import { argoHealth, conditionOf, kstatus, meetsReady } from '../../support/kstatus.ts';
import { serveAnswer, serveStateless, serveTcp, type RunningServer } from '../../support/mcp-servers.ts';
import { onLoopback } from '../../support/operator.ts';
import { useScene } from '../scene.ts';
import { CROWDED, DRIVES, refusers, serverOf, writers } from './truth-drives.ts';
import { ELSEWHERE, fateOf, UNSTARTED_IP } from './truth-fates.ts';
import { expectedPart, statusPart, TRUTH, type Line, type LineName } from './truth-table.ts';

const PRIORITY_CLASSES: ResourceType = { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', namespaced: false };
const RESOURCE_QUOTAS: ResourceType = { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', namespaced: true };
const NOTHING_LISTENS = 1;

const servers: Partial<Record<'good' | 'page' | 'locked' | 'silent', RunningServer>> = {};
const answers: Partial<Record<string, keyof typeof servers | 'nothing'>> = {
  [serverOf('22 alien')]: 'page', [serverOf('23')]: 'nothing', [serverOf('24')]: 'nothing', [serverOf('25')]: 'nothing', [serverOf('26')]: 'locked', [serverOf('3 unasked')]: 'silent',
};
let goodPod: string | undefined;
/** The real one, before a program that ends at once. */
let bridge: BridgeProcess;

function portOf({ name, ip }: Pick<PodAddress, 'name' | 'ip'>): number {
  if (ip === UNSTARTED_IP) return bridge.port;
  const server = name.split('-').slice(0, -2).join('-');
  const isBad = server === serverOf('28') && name !== (goodPod ??= name);
  const answer = isBad ? 'page' : (answers[server] ?? 'good');
  return answer === 'nothing' ? NOTHING_LISTENS : (servers[answer]?.port ?? NOTHING_LISTENS);
}

const scene = useScene('truth', { exchangeFor: (pod) => onLoopback(portOf)(pod), fateOf });
const judges = useJudges();
const seen = new Map<LineName, MCPServerObject>();
const driven = new Map<LineName, Promise<unknown>>();
const online = (Object.keys(DRIVES) as LineName[]).filter((line) => typeof DRIVES[line] === 'function');

beforeAll(async () => {
  bridge = await startBridge(fixture('odd', 'an end at once'));
  servers.good = await serveStateless();
  servers.page = await serveAnswer({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>hello</html>' });
  servers.locked = await serveAnswer({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  servers.silent = await serveTcp(() => undefined);
  const { fleet: { client }, namespace } = scene;
  await client.patch(NAMESPACES, { name: namespace }, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });
  await client.apply(PRIORITY_CLASSES, { metadata: { name: CROWDED }, value: 1 } as KubernetesObject, { fieldManager: 'cluster-tests' });
  await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: ELSEWHERE } });
  const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [CROWDED] }] };
  await client.create(RESOURCE_QUOTAS, {
    metadata: { name: 'crowded', namespace },
    spec: { hard: { pods: '0' }, scopeSelector },
  } as KubernetesObject);
  // The quota counts from the moment its controller has seen it.
  await eventually(async () => {
    const { status } = await client.get<KubernetesObject & { status?: { hard?: object } }>(RESOURCE_QUOTAS, { namespace, name: 'crowded' });
    if (status?.hard === undefined) throw new Error('no hard limits yet');
  });
});
afterAll(async () => {
  for (const stop of writers.values()) stop.abort();
  await bridge.stop();
  for (const refuser of refusers) await refuser.remove();
  const { fleet } = scene;
  await fleet.client.patch(CONFIG_MAPS, fleet.ref(`${serverOf('21 leaving')}-config`), { metadata: { finalizers: null } });
  await fleet.client.patch(MCP_SERVERS, fleet.ref(serverOf('17')), { metadata: { finalizers: null } });
  await fleet.client.delete(NODES, { name: ELSEWHERE });
  await fleet.client.delete(PRIORITY_CLASSES, { name: CROWDED });
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

interface Reading {
  readonly kstatus: string;
  readonly argo: string;
  /** Whether the real `kubectl wait` was met. */
  readonly wait: boolean;
  /** Phase, endpoint and reason as `kubectl get` shows them. */
  readonly columns: readonly [string, boolean, string];
}

/** Waits until the status is that of the line, and tells how it reads. */
async function reading(name: LineName): Promise<Reading> {
  const line: Line = TRUTH[name];
  const server = serverOf(name);
  const object = await eventually(async () => {
    const found = await scene.fleet.read(server);
    expect(statusPart(found, line)).toEqual(expectedPart(line));
    expect(meetsReady(found)).toBe(line.wait);
    return found;
  }, { timeoutMs: 90_000, message: `row ${name}` });
  seen.set(name, object);
  const { code } = await kubectl(['wait', '--for=condition=Ready', `--timeout=${line.wait ? 10 : 1}s`, '-n', scene.namespace, `mcps/${server}`]);
  const [header = '', row = ''] = (await kubectl(['get', '-n', scene.namespace, `mcps/${server}`, '-o', 'wide'])).stdout.split('\n');
  const cell = (column: string): string => row.slice(header.indexOf(column)).split(/ {2,}/)[0]?.trim() ?? '';
  return { kstatus: kstatus(object), argo: argoHealth(object), wait: code === 0, columns: [cell('PHASE'), cell('ENDPOINT') !== '', cell('REASON')] };
}

function expectedReading(name: LineName): Reading {
  const { kstatus: status, argo, wait, phase, endpoint, ready }: Line = TRUTH[name];
  return { kstatus: status, argo, wait, columns: [phase, endpoint, /\((\w+)\)/.exec(ready)?.[1] ?? ''] };
}

describe('on the real API server, row', () => {
  beforeAll(() => {
    for (const line of online) {
      const drive = DRIVES[line];
      if (typeof drive !== 'function') continue;
      const running = drive(scene.fleet, serverOf(line));
      // Awaited by the test of the line; a failure before that is not unhandled.
      running.catch(() => undefined);
      driven.set(line, running);
    }
  });

  const unasked: LineName = '3 unasked';
  test.concurrent.each(
    [unasked, ...online.filter((line) => line !== '27' && line !== unasked)].map((line): [LineName, string] => [
      line,
      TRUTH[line].situation,
    ]),
  )('%s: %s', async (line) => {
    await driven.get(line);
    expect(await reading(line)).toEqual(expectedReading(line));
  }, 180_000);

  test('27: the server hangs after having been verified', async () => {
    await driven.get('27');
    await scene.fleet.ready(serverOf('27'));
    answers[serverOf('27')] = 'silent';
    expect(await reading('27')).toEqual(expectedReading('27'));
  }, 180_000);

  test('29 is over at once when the other writer has stopped and the child has something new to hold', async () => {
    const { fleet } = scene;
    expect(conditionOf(await fleet.read(serverOf('29')), 'Ready')?.message).toContain('Fields of it belong to other-controller.');
    writers.get(serverOf('29'))?.abort();
    await fleet.edit(serverOf('29'), { transport: 'http' });
    expect(conditionOf(await fleet.ready(serverOf('29')), 'Stalled')).toBeUndefined();
  });
});

describe('while the operator is away, row', () => {
  beforeAll(async () => {
    const { fleet } = scene;
    for (const line of ['2', '30'] as const) await fleet.create(serverOf(line));
    for (const line of ['2', '30'] as const) await fleet.ready(serverOf(line));
    await scene.operator.stop();
    await fleet.create(serverOf('1'));
    await fleet.edit(serverOf('2'), { image: 'example.com/server:2' });
  });

  test.each((['1', '2', '30'] as const).map((line): [LineName, string] => [line, TRUTH[line].situation]))('%s: %s', async (line) => {
    expect(await reading(line)).toEqual(expectedReading(line));
  });
});

test('the kstatus library, and the Lua of Argo CD, read every one of them as the table says', async () => {
  const judgements = await judges([...seen.values()]);
  const read = [...seen.keys()].map((line, index) => [line, judgements[index]?.kstatus, judgements[index]?.argo]);
  expect(read).toEqual([...seen.keys()].map((line) => [line, TRUTH[line].kstatus, TRUTH[line].argo]));
  expect(seen.size).toBe(Object.keys(TRUTH).length - 5);
});
