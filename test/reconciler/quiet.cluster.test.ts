// Over servers that do what others do not, asked again and again, and over MCPServers that are refused for good, the operator writes
// nothing but what it must try again: on a control plane of its own, where nobody else writes. MINUTES says for how long, with the
// whole table of odd servers; without it, two minutes with a sample.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { customResourceDefinition } from '../../charts/api/crd.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CUSTOM_RESOURCE_DEFINITIONS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../reconciler/kinds.ts';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import type { Refuser } from '../support/admission.ts';
import { eventually, type AuditEvent } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
import { serveStateless, type RunningServer } from '../support/mcp-servers.ts';
import { start, type OddServer } from '../support/odd-servers/odd-server.ts';
import { SAMPLE } from '../support/odd-servers/sample.ts';
import { ODD_SERVERS } from '../support/odd-servers/table.ts';
import { onLoopback, startOperator, writesBy, type TestOperator } from '../support/operator.ts';
import { runPods, type PodRunner } from '../support/pods.ts';
import { attemptsWithin, isQuestion, REFUSED, REQUEST_MS, retriedBy } from './refused-servers.ts';
import { Fleet } from './scene.ts';

const { MINUTES } = process.env;
const WINDOW_MS = Number(MINUTES ?? 2) * 60_000;
const SERVERS = MINUTES === undefined ? SAMPLE : ODD_SERVERS;
/** All of them have told what they are, and are told, within this time. */
const PATIENCE_MS = 10 * 60_000;
/** At rest is where nothing has been written for so long: two intervals. */
const REST_MS = 20_000;
/** What servers were asked is forgotten so often, or it would fill the memory. */
const LOOK_MS = 5000;
/** Of one attempt. */
const MOST_REQUESTS = 5;
const AT_ONCE = 10;
const USER = 'operator-of-the-test';

interface Parts {
  dir: string;
  plane: ControlPlane;
  client: KubernetesClient;
  pods: PodRunner;
  operator: TestOperator;
  readonly refusers: Refuser[];
  readonly running: RunningServer[];
}

const parts: Partial<Parts> & Pick<Parts, 'refusers' | 'running'> = { refusers: [], running: [] };
let fleet: Fleet;
/** Handshakes by the name of the MCPServer. */
const asked = new Map<string, number>();
const nameOf = (index: number): string => `odd-${index}`;

/** An administrator but for autoscalers. */
async function kubeconfigOfUser({ client, plane }: Pick<Parts, 'client' | 'plane'>): Promise<string> {
  const groups = ['', 'apps', 'policy', 'networking.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'coordination.k8s.io', 'mcp.example.com'];
  const rules = [{ apiGroups: groups, resources: ['*'], verbs: ['*'] }, { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: USER };
  await client.create(CLUSTER_ROLES, { metadata: { name: USER }, rules } as KubernetesObject);
  const subjects = [{ kind: 'User', name: USER }];
  await client.create(CLUSTER_ROLE_BINDINGS, { metadata: { name: USER }, roleRef, subjects } as KubernetesObject);
  const kubeconfig = parse(await readFile(plane.kubeconfig, 'utf8')) as { users: { user: object }[] };
  for (const each of kubeconfig.users) each.user = { ...each.user, as: USER };
  const file = join(plane.dir, 'operator.kubeconfig');
  await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
  return file;
}

/** Stores an MCPServer before the rule that it breaks. */
async function storeOutdated(client: KubernetesClient): Promise<void> {
  const crd = JSON.stringify(customResourceDefinition());
  const lenient = JSON.stringify(customResourceDefinition(), (key, value: unknown) => (key === 'x-kubernetes-validations' ? undefined : value));
  const options = { fieldManager: 'test', force: true };
  await client.apply(CUSTOM_RESOURCE_DEFINITIONS, JSON.parse(lenient) as KubernetesObject, options);
  const spec = { drainSeconds: 30, terminationGracePeriodSeconds: 10 };
  await eventually(() => fleet.create('outdated', spec));
  await client.apply(CUSTOM_RESOURCE_DEFINITIONS, JSON.parse(crd) as KubernetesObject, options);
  await eventually(() => expect(fleet.create('late', spec)).rejects.toMatchObject({ kind: 'Invalid' }));
}

beforeAll(async () => {
  parts.dir = await mkdtemp(join(tmpdir(), 'mcp-quiet-'));
  const plane = (parts.plane = await startControlPlane({ dir: parts.dir }));
  const client = (parts.client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' }));
  fleet = new Fleet(client, 'default');
  await storeOutdated(client);
  parts.pods = await runPods(client, 'default');
  for (const server of SERVERS) parts.running.push(await start(server));
  const ports = new Map(parts.running.map(({ port }, index) => [nameOf(index), port]));
  const good = await serveStateless();
  parts.running.push(good);
  const reach = onLoopback(({ name }) => ports.get(serverOf(name)) ?? good.port);
  parts.operator = await startOperator({
    namespace: 'default',
    kubeconfig: await kubeconfigOfUser({ client, plane }),
    exchangeFor: (pod) => {
      const name = serverOf(pod.name);
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return reach(pod);
    },
  });
});
afterAll(async () => {
  await parts.operator?.stop();
  await Promise.all(parts.refusers.map((refuser) => refuser.remove()));
  await parts.pods?.stop();
  await Promise.all(parts.running.map((server) => server.close()));
  parts.client?.close();
  await parts.plane?.stop();
  await rm(parts.dir ?? '', { recursive: true, force: true });
});

/** The MCPServer of a pod. */
function serverOf(pod: string): string {
  return pod.split('-').slice(0, -2).join('-');
}

async function writes(): Promise<AuditEvent[]> {
  const all = await writesBy(parts.operator?.userAgent ?? '', parts.plane?.auditLogPath);
  return all.filter(({ objectRef }) => objectRef?.resource !== 'leases');
}

const line = ({ verb, requestURI, responseStatus, requestReceivedTimestamp }: AuditEvent): string =>
  `${requestReceivedTimestamp} ${verb} ${requestURI} ${responseStatus?.code}`;

async function retries(): Promise<AuditEvent[]> {
  return (await writes()).filter((event) => retriedBy(event) !== undefined);
}

/** What it wrote but new attempts, a line each. */
async function inEarnest(): Promise<string[]> {
  return (await writes()).filter((event) => retriedBy(event) === undefined).map(line);
}

/** Waits until nothing has been written for a while but what is tried again. */
async function untilAtRest(): Promise<string[]> {
  let before = await inEarnest();
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    await rest(REST_MS);
    const after = await inEarnest();
    if (after.length === before.length) return after;
    if (Date.now() > deadline) throw new Error(`no rest: ${after.slice(before.length).join('\n')}`);
    before = after;
  }
}

/** Sleeps, and forgets meanwhile what servers were asked. */
async function rest(ms: number, look: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    await sleep(Math.min(LOOK_MS, end - Date.now()));
    for (const { requests } of parts.running) requests.length = 0;
    await look();
  }
}

function create({ timeoutMs = 5000 }: OddServer, index: number): Promise<unknown> {
  return fleet.create(nameOf(index), { verification: { intervalSeconds: 10, timeoutSeconds: Math.ceil(timeoutMs / 1000) } });
}

async function createOdd(): Promise<void> {
  for (let first = 0; first < SERVERS.length; first += AT_ONCE) {
    await Promise.all(SERVERS.slice(first, first + AT_ONCE).map((server, offset) => create(server, first + offset)));
  }
}

async function driveRefused(): Promise<void> {
  for (const [name, { drive, reason, condition = 'Stalled' }] of Object.entries(REFUSED)) {
    const refuser = await drive(fleet, name);
    if (refuser !== undefined) parts.refusers.push(refuser);
    await fleet.until(name, condition, ['True', reason]);
  }
}

test('what is refused is told, and of odd servers what the table says', async () => {
  await fleet.until('outdated', 'Ready', ['False', 'InvalidSpec']);
  await driveRefused();
  await createOdd();
  await eventually(async () => {
    // It is a long list.
    await sleep(1000);
    const { items } = await fleet.client.list<MCPServerObject>(MCP_SERVERS, { namespace: 'default' });
    const told = new Map(items.map((server) => [server.metadata.name, conditionOf(server, 'Verified')?.reason]));
    expect(SERVERS.map(({ name }, index) => [name, told.get(nameOf(index))])).toEqual(SERVERS.map(({ name, says }) => [name, says]));
  }, { timeoutMs: PATIENCE_MS });
}, 2 * PATIENCE_MS);

test(`nothing is written over odd servers, and no status and no Event over refused ones, for ${WINDOW_MS / 60_000} minutes`, async () => {
  const before = await untilAtRest();
  const [askedBefore, sentBefore] = [new Map(asked), (await retries()).length];
  await rest(WINDOW_MS, async () => expect((await inEarnest()).slice(before.length)).toEqual([]));
  const handshakes = SERVERS.map((_server, index) => (asked.get(nameOf(index)) ?? 0) - (askedBefore.get(nameOf(index)) ?? 0));
  // One that has a single session to give is not asked again.
  expect(SERVERS.filter(({ says }, index) => (handshakes[index] ?? 0) < 2 && says !== 'OneSession').map(({ name }) => name)).toEqual([]);
  const sent = (await retries()).length - sentBefore;
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThanOrEqual(WINDOW_MS / REQUEST_MS + MOST_REQUESTS);
  expect(await beyondTable()).toEqual([]);
  const sum = handshakes.reduce((all, each) => all + each, 0);
  if (MINUTES !== undefined) process.stderr.write(`${SERVERS.length} servers, ${sum} handshakes, ${sent} retries, nothing else written\n`);
}, WINDOW_MS + 2 * PATIENCE_MS);

/** Of which more was sent than the pauses between attempts allow, or nothing though there is something to try: a line each. */
async function beyondTable(): Promise<string[]> {
  const byName = Map.groupBy((await retries()).filter((event) => !isQuestion(event)), retriedBy);
  return Object.entries(REFUSED).flatMap(([name, { sent }]) => {
    const events = byName.get(name) ?? [];
    const sinceMs = Date.now() - Date.parse(events[0]?.requestReceivedTimestamp ?? '');
    const most = sent === undefined ? 0 : attemptsWithin(sinceMs);
    const isFine = events.length <= most && (sent === undefined || events.length > 0);
    return isFine ? [] : [`${name}: ${events.length} of ${most}`, ...events.map(line)];
  });
}
