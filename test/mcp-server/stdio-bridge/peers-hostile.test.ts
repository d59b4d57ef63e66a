// Hostile clients against sessions of another replica: each request costs one hop at most, and nobody is kept from being answered by others.
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { attack, post as bytesOf } from '../../support/hostile-clients.ts';
import { raw, type RawAnswer } from '../server-process.ts';
import { freePort } from '../../cluster/ports.ts';
import { call, fixture, openSession, post, startBridge, type BridgeProcess } from './bridge-process.ts';

const MIB = 1024 * 1024;
const [EDGE, OWNER] = ['127.0.0.1', '127.0.0.2'];
/** A client that means no harm. */
const OTHER = '127.0.0.9';
const PING = { id: 1, method: 'ping' };

let edge: BridgeProcess;
let owner: BridgeProcess;
beforeEach(async () => {
  const port = String(await freePort(OWNER));
  const start = (host: string, peers: string): Promise<BridgeProcess> =>
    startBridge(fixture('full'), ['--port', port, '--host', host, '--address', host, '--peers', peers, '--warm', '0']);
  [edge, owner] = await Promise.all([start(EDGE, OWNER), start(OWNER, EDGE)]);
});
afterEach(async () => {
  const codes = await Promise.all([edge.stop(), owner.stop()]);
  if (codes.some((code) => code !== 0)) throw new Error(`exit codes ${codes.join()}`);
});

/** What a client of another address is told, whose request is none of the smallest. */
function asked(bridge: BridgeProcess, session: Record<string, string>, id = 'p'): Promise<RawAnswer> {
  const headers = { 'content-type': 'application/json', ...session };
  const body = `${JSON.stringify({ jsonrpc: '2.0', ...PING, id })}${' '.repeat(MIB)}`;
  return raw(bridge.port, { host: bridge.host, from: OTHER, method: 'POST', path: '/mcp', headers, body });
}

/** Opens many connections from one address, each of which says what it is told to. Returns what closes them. */
function crowd(bridge: BridgeProcess, opening: (index: number) => string): () => void {
  const sockets: Socket[] = Array.from({ length: 100 }, (_, index) => {
    const socket = connect({ host: bridge.host, port: bridge.port, localAddress: '127.0.1.1' });
    socket.on('error', () => undefined).resume().write(opening(index));
    return socket;
  });
  const leave = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(leave);
  return leave;
}

/** A body that begins and does not end. */
const slow = (headers: string): string => `${bytesOf('', headers).replace('Length: 0', `Length: ${MIB}`)}${' '.repeat(MIB / 2)}`;
const headersOf = (session: Record<string, string>): string => `Mcp-Session-Id: ${session['mcp-session-id']}\r\nAccept: application/json, text/event-stream\r\n`;

test('an invented id costs one hop where it names a replica, and none otherwise', async () => {
  const id = (await openSession(owner))['mcp-session-id'];
  const [place = '', random = ''] = id.split('.');
  const forwarded = (): Promise<number> => edge.metric('mcp_bridge_forwarded_total');
  const misshapen = [`${place}.${random.replace(/^./, 'z')}`, `${place}x.${random}`, random, `${id} `.repeat(2), '.', 'x'.repeat(4000)];
  for (const invented of [...misshapen, `${place}.${'0'.repeat(32)}`]) {
    const answer = await post(edge, PING, { 'mcp-session-id': invented });
    expect([answer.status, answer.json().error?.message]).toEqual([404, 'There is no such session: begin a new one with initialize.']);
  }
  expect(await forwarded()).toBe(0);
  await owner.stop();
  owner = await startBridge(fixture('full'), ['--port', String(edge.port), '--host', OWNER, '--address', OWNER, '--peers', EDGE, '--warm', '0']);
  expect((await post(edge, PING, { 'mcp-session-id': id })).status).toBe(404);
  expect(await forwarded()).toBe(1);
  expect(await owner.metric('mcp_bridge_forwarded_total')).toBe(0);
});

test('the mark of a request that was passed on opens nothing: it is the end of the way', async () => {
  const [theirs, own] = [await openSession(owner), await openSession(edge)];
  const marked = await post(edge, PING, { ...theirs, 'mcp-bridge-hop': OTHER });
  expect([marked.status, await edge.metric('mcp_bridge_forwarded_total')]).toEqual([404, 0]);
  expect((await post(edge, PING, { ...own, 'mcp-bridge-hop': '' })).status).toBe(200);
  expect((await post(edge, PING, { ...own, 'mcp-bridge-hop': OTHER, host: 'evil.example.com' })).status).toBe(403);
});

test.each([
  { what: 'through another replica', at: () => edge, named: () => '' },
  { what: 'itself, in the name of many', at: () => owner, named: (index: number) => `mcp-bridge-hop: 10.0.0.${index}\r\n` },
])('a client that uploads slowly to a replica, $what, takes no more than its share from others', async ({ at, named }) => {
  const [theirs, own] = [await openSession(owner), await openSession(owner)];
  expect((await asked(edge, own)).status).toBe(200);
  const leave = crowd(at(), (index) => slow(`${headersOf(theirs)}${named(index)}`));
  const statuses: number[] = [];
  let held = 0;
  for (let time = 0; time < 20; time += 1) {
    statuses.push((await asked(edge, own, `e${time}`)).status, (await asked(owner, own, `o${time}`)).status);
    held = Math.max(held, await owner.metric('mcp_bridge_bodies_bytes'));
  }
  leave();
  expect(new Set(statuses)).toEqual(new Set([200]));
  // It was there, and it had its half.
  expect(held).toBeGreaterThan(14 * MIB);
  expect(held).toBeLessThanOrEqual(17 * MIB);
});

test.each([
  { name: 'never read the answers they ask for', connections: 2, reads: 'nothing' as const, message: call('large', { bytes: 3 * MIB }) },
  { name: 'read the answers they ask for byte by byte', connections: 2, reads: 'bytes' as const, message: call('large', { bytes: 3 * MIB }) },
  { name: 'flood with pings', connections: 5, reads: undefined, message: PING },
])('twenty clients that $name over the hop stop nobody, and nothing of it is kept on the way', async ({ name, connections, reads, message }) => {
  const [theirs, own] = [await openSession(owner), await openSession(owner)];
  const before = await edge.metric('process_resident_memory_bytes');
  const opening = bytesOf(JSON.stringify({ jsonrpc: '2.0', ...message }), headersOf(theirs));
  const begun = attack({ name, connections, opening, ...(reads !== undefined && { reads }) }, edge.port, EDGE);
  onTestFinished(() => begun.stop());
  const statuses: number[] = [];
  let memory = 0;
  for (let time = 0; time < 6; time += 1) {
    statuses.push((await asked(edge, own, `e${time}`)).status, (await asked(owner, own, `o${time}`)).status);
    memory = Math.max(memory, await edge.metric('process_resident_memory_bytes'));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  begun.stop();
  expect(new Set(statuses)).toEqual(new Set([200]));
  // The answers that they asked for have 120 MiB.
  expect(memory - before).toBeLessThan(60 * MIB);
  expect(await owner.metric('mcp_bridge_answers_bytes')).toBeLessThanOrEqual(32 * MIB);
});
