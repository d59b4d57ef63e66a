// Twenty hostile clients of each kind against the real bridge: it lives, it answers others, and it holds no more than it may.
import { expect, onTestFinished, test } from 'vitest';
import { attack, HOSTILE_CLIENTS, post as bytesOf, type HostileClient } from '../../support/hostile-clients.ts';
import { raw } from '../server-process.ts';
import { call, fixture, INITIALIZE, openSession, post, startBridge, until, type BridgeProcess } from './bridge-process.ts';

const MIB = 1024 * 1024;
/** What docs/security.md says of each. */
const BOUNDS = {
  mcp_bridge_connections: 512,
  mcp_bridge_bodies_bytes: 32 * MIB,
  mcp_bridge_answers_bytes: 32 * MIB,
  // Those of four sessions, one that waits, and one that is tried.
  mcp_bridge_children: 6,
};
/** How often others ask meanwhile. */
const ASKED = 6;

const rpc = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });

/** Those of the Kubernetes MCP server that mean something here. */
const SHARED = HOSTILE_CLIENTS.filter(({ name }) => !name.includes('logs'));

/** Those that need a session, made for one. */
function ofSession(session: string): HostileClient[] {
  const header = `Mcp-Session-Id: ${session}\r\nAccept: application/json, text/event-stream\r\n`;
  const large = bytesOf(rpc(call('large', { bytes: 3 * MIB })), header);
  return [
    { name: 'never read the answers they ask for', connections: 2, opening: large, reads: 'nothing' },
    { name: 'read the answers they ask for byte by byte', connections: 2, opening: large, reads: 'bytes' },
    { name: 'open event streams', connections: 10, opening: `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`, reads: 'nothing' },
    { name: 'cancel what others asked', connections: 5, opening: bytesOf(rpc({ method: 'notifications/cancelled', params: { requestId: 9 } }), header), drip: '' },
  ];
}

async function start(): Promise<BridgeProcess> {
  const bridge = await startBridge(fixture('full'), ['--max-sessions', '4']);
  onTestFinished(async () => {
    expect(await bridge.stop()).toBe(0);
  });
  return bridge;
}

/** What goes wrong during an attack, for the bridge and for a client that has a session. */
async function harmBy(client: HostileClient, bridge: BridgeProcess, session: Record<string, string>): Promise<string[]> {
  const begun = attack(client, bridge.port);
  const most = Object.fromEntries(Object.keys(BOUNDS).map((name) => [name, 0]));
  let memory = 0;
  const answered: number[] = [];
  try {
    for (let time = 0; time < ASKED; time += 1) {
      const health = await raw(bridge.healthPort, { path: '/healthz' });
      const ping = await post(bridge, { id: `p${time}`, method: 'ping' }, session);
      answered.push(health.status, ping.status);
      for (const name of Object.keys(BOUNDS)) most[name] = Math.max(most[name] ?? 0, await bridge.metric(name));
      memory = Math.max(memory, await bridge.metric('process_resident_memory_bytes'));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    begun.stop();
  }
  return [
    ...answered.filter((status) => status !== 200).map((status) => `answered ${status}`),
    ...Object.entries(BOUNDS).filter(([name, bound]) => (most[name] ?? 0) > bound).map(([name]) => `${name} is ${most[name]}`),
    ...(memory > 400 * MIB ? [`memory is ${memory}`] : []),
    ...(bridge.process.exitCode === null ? [] : ['the bridge has ended']),
  ];
}

test.each(SHARED)('twenty clients that $name stop nobody', async (client) => {
  const bridge = await start();
  expect(await harmBy(client, bridge, await openSession(bridge))).toEqual([]);
});

test.each(ofSession('').map(({ name }, index) => ({ name, index })))('twenty clients that $name stop nobody', async ({ index }) => {
  const bridge = await start();
  const [own, theirs] = [await openSession(bridge), await openSession(bridge)];
  const [client] = ofSession(theirs['mcp-session-id']).slice(index);
  expect(await harmBy(client as HostileClient, bridge, own)).toEqual([]);
});

test('two thousand sessions that are opened and left take the places there are, and give them back to whoever comes later', { timeout: 60_000 }, async () => {
  const bridge = await start();
  const kept = await openSession(bridge);
  const outcomes: number[] = [];
  const open = async (): Promise<void> => {
    for (let time = 0; time < 100; time += 1) {
      const { status, headers } = await post(bridge, INITIALIZE);
      outcomes.push(status === 503 && headers['retry-after'] === '5' ? 503 : status);
      if (time % 20 === 0) outcomes.push((await post(bridge, { id: `${time} ${outcomes.length}`, method: 'ping' }, kept)).status);
    }
  };
  await Promise.all(Array.from({ length: 20 }, open));
  expect(new Set(outcomes)).toEqual(new Set([200, 503]));
  expect(outcomes).toHaveLength(20 * 105);
  expect(await bridge.metric('mcp_bridge_children')).toBeLessThanOrEqual(BOUNDS.mcp_bridge_children);
  expect(await bridge.metric('process_resident_memory_bytes')).toBeLessThan(400 * MIB);
  // Those that got a place said nothing more: after ten seconds it is free for others.
  await until('there is a place', async () => (await post(bridge, INITIALIZE)).status === 200);
  expect((await post(bridge, { id: 1, method: 'ping' }, kept)).status).toBe(200);
});
