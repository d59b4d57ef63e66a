// The real bridge before servers that misbehave: it lives, others are served, and nothing is left running.
import { expect, onTestFinished, test } from 'vitest';
import type { RawAnswer } from '../server-process.ts';
import { call, fixture, INITIALIZE, messagesOf, openSession, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

const MIB = 1024 * 1024;

/** Starts it before an odd server; at the end of the test nothing of it may be left. */
async function bridgeOver(kind: string, ...flags: readonly string[]): Promise<BridgeProcess> {
  const bridge = await startBridge(fixture('odd', ...kind.split(' | ')), flags);
  onTestFinished(async () => {
    expect(await bridge.stop()).toBe(0);
  });
  return bridge;
}

/** Resident memory of the bridge. */
const memory = (bridge: BridgeProcess): Promise<number> => bridge.metric('process_resident_memory_bytes');

function errorOf(answer: RawAnswer): string {
  return messagesOf(answer).map(({ error }) => (error as Error | undefined)?.message).join();
}

test('a line without end ends its process, and nobody else', { timeout: 60_000 }, async () => {
  const bridge = await bridgeOver('a line without end', '--max-message-bytes', String(MIB));
  const [session, other] = [await openSession(bridge), await openSession(bridge)];
  const before = await memory(bridge);
  expect(errorOf(await post(bridge, call('x'), session))).toContain('it wrote a line without an end');
  expect((await post(bridge, { id: 2, method: 'ping' }, session)).status).toBe(404);
  expect((await post(bridge, { id: 2, method: 'ping' }, other)).status).toBe(200);
  expect((await memory(bridge)) - before).toBeLessThan(128 * MIB);
});

test('noise on standard output stays out of the protocol, is counted, and its first lines are told', async () => {
  const bridge = await bridgeOver('noise on stdout');
  const session = await openSession(bridge);
  const answer = await post(bridge, call('x'), session);
  expect(messagesOf(answer)).toMatchObject([{ id: 1, result: { content: [{ text: 'done' }] } }]);
  expect(await bridge.metric('mcp_bridge_noise_lines_total')).toBe(3000);
  const told = bridge.log().filter(({ msg }) => msg === 'the server wrote a line to standard output that is no message');
  expect(told.map(({ line }) => line)).toEqual(['log line 0', '{"json": "but no message"}', '[1]', 'log line 1', '{"json": "but no message"}']);
});

test.each(['a flood of noise on stdout', 'a flood of messages', 'a flood on stderr'])('%s keeps nobody else waiting, and fills no memory', async (kind) => {
  const bridge = await bridgeOver(kind, '--request-timeout', '5');
  const [session, other] = [await openSession(bridge), await openSession(bridge)];
  const before = await memory(bridge);
  const flooded = post(bridge, call('x'), { ...session, accept: 'application/json' });
  let most = 0;
  for (let time = 0; time < 15; time += 1) {
    expect((await post(bridge, { id: time, method: 'ping' }, other)).status).toBe(200);
    most = Math.max(most, await memory(bridge));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(most - before).toBeLessThan(128 * MIB);
  const written = bridge.log().filter(({ from }) => from === 'stderr').map(({ msg }) => String(msg)).join('');
  expect(written.length).toBeLessThan(4 * MIB);
  await flooded;
});

test('what a server started ends with it, also when it ignores signals, holds the output or has left the group', { timeout: 60_000 }, async () => {
  const bridge = await bridgeOver('children that stay', '--warm', '0');
  const session = await openSession(bridge);
  expect((await post(bridge, call('x'), session)).status).toBe(200);
  await until('it has started others', () => bridge.servers().length >= 5);
  const { port } = bridge;
  expect((await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'DELETE', headers: session })).status).toBe(200);
  await until('all have ended', () => bridge.servers().length === 0);
});

test('a server that is deaf to signals is killed in the end', { timeout: 60_000 }, async () => {
  const bridge = await bridgeOver('deaf to signals', '--warm', '0', '--max-sessions', '1');
  const session = await openSession(bridge);
  const { port } = bridge;
  await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'DELETE', headers: session });
  // The next session waits for its place meanwhile.
  await openSession(bridge);
  expect(bridge.log().filter(({ msg }) => msg === 'ignored SIGTERM')).not.toEqual([]);
});

test.each([
  ['an end at once', 'exit code 3', ['cannot read the configuration']],
  ['no protocol', 'no answer within 1 s, and what it writes to standard output is no protocol', undefined],
  ['never an answer', 'no answer within 1 s', undefined],
  ['a refusal', 'it refused initialize: not today', undefined],
])('%s is visible at once: not ready, with the reason and the last words', { timeout: 60_000 }, async (kind, why, lastWords) => {
  const bridge = await bridgeOver(kind, '--startup-timeout', '1');
  await until('the reason is told', async () => String((await bridge.ready())['reason']).includes(why));
  const state = await bridge.ready();
  expect(state).toMatchObject({ status: 503, ready: false, reason: `The server did not start: ${why}.`, ...(lastWords !== undefined && { lastWords }) });
  expect(bridge.log()).toContainEqual(expect.objectContaining({ level: 'error', msg: 'the server did not start', why }));
  const answer = await post(bridge, INITIALIZE);
  const expected = kind === 'a refusal' ? [200, 'not today'] : [502, `The MCP server did not start: ${why}.`];
  expect([answer.status, errorOf(answer)]).toEqual(expected);
  expect(answer.headers['mcp-session-id']).toBeUndefined();
});

test('a command that is not there is told as such', async () => {
  const bridge = await startBridge(['/no/such/server', '--flag']);
  onTestFinished(async () => void (await bridge.stop()));
  await until('the reason is told', async () => (await bridge.ready())['reason'] === 'The server did not start: command not found: /no/such/server.');
  const answer = await post(bridge, INITIALIZE);
  expect([answer.status, errorOf(answer)]).toEqual([502, 'The MCP server did not start: command not found: /no/such/server.']);
});

test.each(['an end over unknown methods', 'silence on unknown methods'])('%s is no reason not to be ready', { timeout: 60_000 }, async (kind) => {
  const bridge = await bridgeOver(kind);
  await untilReady(bridge);
  expect(await openSession(bridge)).toHaveProperty('mcp-session-id');
});

test('a server that does not read fills no memory: there is no room for more', async () => {
  const bridge = await bridgeOver('ears closed', '--max-message-bytes', String(MIB));
  const session = await openSession(bridge);
  expect((await post(bridge, call('x'), session)).status).toBe(200);
  const statuses = new Set<string>();
  for (let time = 0; time < 6; time += 1) {
    const notification = { method: 'notifications/x', params: { padding: 'x'.repeat(MIB - 200) } };
    const answer = await post(bridge, notification, session);
    statuses.add(`${answer.status} ${String(answer.headers['retry-after'])}`);
  }
  expect(statuses).toEqual(new Set(['202 undefined', '503 5']));
});

test('answers and progress of nobody reach nobody, and questions beyond a bound are answered by the bridge', async () => {
  const bridge = await bridgeOver('answers for others');
  const session = await openSession(bridge);
  const messages = messagesOf(await post(bridge, call('x'), session));
  expect(messages.filter(({ method }) => method === undefined)).toMatchObject([{ id: 1 }]);
  expect(messages.filter(({ method }) => method === 'roots/list')).toHaveLength(64);
  expect(messages.some(({ method }) => method === 'notifications/progress')).toBe(false);
});

test('an answer that is too long is an error in its place, and the session goes on', async () => {
  const bridge = await startBridge(fixture('full'), ['--max-message-bytes', String(64 * 1024)]);
  onTestFinished(async () => void (await bridge.stop()));
  const session = await openSession(bridge);
  const answer = await post(bridge, call('large', { bytes: 300_000 }), session);
  expect([answer.status, errorOf(answer)]).toEqual([200, expect.stringMatching(/^The server's answer of 300\d\d\d bytes is longer than the 65536 bytes/)]);
  expect((await post(bridge, call('large', { bytes: 50_000 }, 2), session)).body).toContain('xxx');
});
