// A real operator outside the cluster's network, real servers as processes, and an API server that loses its way to all of them.
// The cases follow on one another: what one of them breaks it mends.
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { EVENTS } from '../../../kubernetes/objects.ts';
import { conditionOf } from '../../../reconciler/status/conditions.ts';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { startProcessNode, type ProcessNode } from '../../cluster/process-node/process-node.ts';
import { eventually } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../../support/operator.ts';
import { Fleet } from '../scene.ts';

/** Answers `initialize` by a stream that stays open; its version is its process id. */
const PROGRAM = `
require('node:http').createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  response.setHeader('connection', 'close');
  const { id, method } = request.method === 'POST' ? JSON.parse(body) : {};
  if (method !== 'initialize') return response.writeHead(method === 'notifications/initialized' ? 202 : 400).end();
  const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'open', version: String(process.pid) } };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': hello\\n\\ndata: ' + JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n\\n');
}).listen(Number(process.env.MCP_PORT), process.env.MCP_HOST);
process.on('SIGTERM', () => process.exit(0));
`;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
// On a busy machine a server may well take a second to answer.
const verification = { intervalSeconds: 10, timeoutSeconds: 3 };

let dir: string;
let plane: ControlPlane;
let node: ProcessNode;
let client: KubernetesClient;
let fleet: Fleet;
let operator: OperatorProcess;
let blackHole: Server | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lost-'));
  plane = await startControlPlane({ dir: join(dir, 'plane'), egress: true });
  node = await startProcessNode({ controlPlane: plane, dir: join(dir, 'pods'), images: { 'open:1': [process.execPath, '-e', PROGRAM] } });
  client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' });
  await ensureCrd(client);
  fleet = new Fleet(client, 'default');
  operator = await startOperatorProcess(plane.kubeconfig, ['--pod-access', 'api-server']);
});
afterAll(async () => {
  blackHole?.close();
  await operator?.stop();
  await node?.stop();
  client?.close();
  await plane?.stop();
  await rm(dir, { recursive: true, force: true });
});

const egress = (): string => plane.egressSocket ?? '';

/** Takes the way to pods away: nothing answers there, or nothing is there. */
async function loseRoute({ silently }: { silently: boolean }): Promise<void> {
  await rename(egress(), `${egress()}.away`);
  if (!silently) return;
  blackHole = createServer((socket) => socket.on('error', () => socket.destroy()));
  await new Promise<void>((done) => { blackHole?.listen(egress(), done); });
}

async function restoreRoute(): Promise<void> {
  blackHole?.close();
  blackHole = undefined;
  await rename(`${egress()}.away`, egress());
}

async function held(): Promise<number> {
  const text = await (await fetch(operator.url('metrics', '/metrics'))).text();
  return Number(/^mcp_operator_held_verdicts (\d+)$/m.exec(text)?.[1]);
}

/** Waits until so many verdicts are held: each server is asked within eleven seconds. */
function untilHeld(count: number): Promise<void> {
  return eventually(async () => expect(await held()).toBe(count), { timeoutMs: 60_000, message: `${count} held verdicts` });
}

async function versions(): Promise<(string | undefined)[]> {
  return Promise.all(NAMES.map(async (name) => (await fleet.read(name)).metadata.resourceVersion));
}

/** The versions of all, Ready, once none of them has changed for a while. */
async function settled(): Promise<(string | undefined)[]> {
  for (const name of NAMES) await fleet.ready(name);
  return eventually(async () => {
    const before = await versions();
    await sleep(3000);
    expect(await versions()).toEqual(before);
    return before;
  });
}

test('servers that answer by streams which stay open are Ready through the API server', async () => {
  for (const name of NAMES) await fleet.create(name, { image: 'open:1', verification });
  for (const name of NAMES) expect((await fleet.until(name, 'Ready', ['True', 'Verified'])).status?.server?.name).toBe('open');
});

test('one server that hangs while others answer is found to hang, and heals', async () => {
  const pid = Number((await fleet.read('a')).status?.server?.version);
  process.kill(pid, 'SIGSTOP');
  try {
    const { status } = await fleet.until('a', 'Verified', ['False', 'Hang']);
    expect(status?.phase).toBe('Failed');
    expect(await held()).toBe(0);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await fleet.ready('a');
});

test.each([true, false])('a lost way to all of them is the operator\'s own: no status changes, before or after it is back; silently: %s', async (silently) => {
  const before = await settled();
  await loseRoute({ silently });
  try {
    await untilHeld(NAMES.length);
    expect(await versions()).toEqual(before);
  } finally {
    await restoreRoute();
  }
  await untilHeld(0);
  expect(await versions()).toEqual(before);
  const { items } = await client.list(EVENTS, { namespace: 'default' });
  const told = (items as { reason?: string; regarding?: { name?: string } }[]).filter(({ reason }) => reason === 'VerificationHeld');
  expect(new Set(told.map(({ regarding }) => regarding?.name))).toEqual(new Set(NAMES));
});

test('nothing is held of servers whose pods are gone', async () => {
  await loseRoute({ silently: true });
  try {
    await untilHeld(NAMES.length);
    for (const name of NAMES) await fleet.edit(name, { replicas: 0 });
    for (const name of NAMES) await fleet.until(name, 'Ready', ['True', 'ScaledToZero']);
    expect(await held()).toBe(0);
    expect(conditionOf((await fleet.read('a')).status, 'Verified')).toMatchObject({ status: 'Unknown', reason: 'ScaledToZero' });
    expect(await (await fetch(operator.url('metrics', '/metrics'))).text()).not.toContain('mcp_operator_server_last_passed_handshake_timestamp_seconds{');
  } finally {
    await restoreRoute();
  }
});
