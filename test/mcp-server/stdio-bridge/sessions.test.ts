// Real clients of both SDKs over the real bridge, each session with a real stdio server of its own: all that MCP has passes through.
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../server-process.ts';
import { call, fixture, KUBERNETES, messagesOf, openSession, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

const INFO = { name: 'test', version: '1' };

let bridge: BridgeProcess;
beforeAll(async () => {
  bridge = await startBridge(fixture('full'), ['--max-sessions', '20']);
  await untilReady(bridge);
});
afterAll(() => bridge.stop());

async function connected(target = bridge): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> {
  const client = new Client(INFO, { capabilities: { sampling: {}, elicitation: {}, roots: {} } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [] }));
  const transport = new StreamableHTTPClientTransport(target.url);
  await client.connect(transport);
  return { client, transport };
}

/** How often servers said that a request of theirs was cancelled. */
const cancelled = (): number => bridge.log().filter(({ msg, from }) => msg === 'cancelled' && from === 'stderr').length;

const textOf = (result: unknown): string => (result as { content: [{ text: string }] }).content[0].text;

describe('a client of SDK v1', () => {
  test('asks, and is asked: sampling and elicitation', async () => {
    const { client } = await connected();
    client.setRequestHandler(CreateMessageRequestSchema, () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } }));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { username: 'u', email: 'e@example.com' } }));
    expect(textOf(await client.callTool({ name: 'test_sampling', arguments: { prompt: 'p' } }))).toContain('sampled');
    expect(textOf(await client.callTool({ name: 'test_elicitation', arguments: {} }))).toContain('e@example.com');
    await client.close();
  });

  test('hears of progress, logging, changes and subscriptions', async () => {
    const { client } = await connected();
    const heard: string[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(`log ${String(params.data)}`));
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('tools changed'));
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(`updated ${params.uri}`));
    await client.setLoggingLevel('info');
    await client.subscribeResource({ uri: 'test://watched-resource' });
    await client.callTool({ name: 'test_tool_with_logging', arguments: {} });
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, undefined, { onprogress: ({ progress }) => void heard.push(`progress ${progress}`) });
    await client.callTool({ name: 'change', arguments: {} });
    await until('all is heard', () => heard.length === 8);
    const expected = ['log started', 'log working', 'log done', 'progress 0', 'progress 50', 'progress 100', 'tools changed', 'updated test://watched-resource'];
    expect(heard.toSorted()).toEqual(expected.toSorted());
    await client.close();
  });

  test('cancels, and the server hears of it', async () => {
    const { client } = await connected();
    const before = cancelled();
    const abort = new AbortController();
    const waiting = client.callTool({ name: 'wait', arguments: { milliseconds: 60_000 } }, undefined, { signal: abort.signal });
    setTimeout(() => abort.abort('enough'), 100);
    await expect(waiting).rejects.toThrow('enough');
    await until('the server heard of it', () => cancelled() > before);
    expect(textOf(await client.callTool({ name: 'echo', arguments: { still: 'here' } }))).toContain('here');
    await client.close();
  });

  test('ends its session and with it its process; each session has one of its own', async () => {
    const [first, second] = [await connected(), await connected()];
    const pidOf = async ({ client }: typeof first): Promise<number> => Number(textOf(await client.callTool({ name: 'pid', arguments: {} })));
    const pids = [await pidOf(first), await pidOf(second)];
    expect(new Set(pids).size).toBe(2);
    expect(bridge.servers()).toEqual(expect.arrayContaining(pids));
    await first.transport.terminateSession();
    await until('its process has ended', () => !bridge.servers().includes(pids[0] ?? 0));
    expect(bridge.servers()).toContain(pids[1]);
    await Promise.all([first.client.close(), second.client.close()]);
  });
});

test('a client of SDK v2 that may choose opens a session, and works', async () => {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport(bridge.url));
  expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25');
  expect(textOf(await client.callTool({ name: 'echo', arguments: { said: 'so' } }))).toBe('{"said":"so"}');
  await client.close();
});

test('what is said arrives as it was written: numbers, escapes, order', async () => {
  const session = await openSession(bridge);
  const args = '{ "n": 12345678901234567890, "e": 1.0e+2, "u": "\\u0041\\ud83d\\ude00\u2028", "b": 1, "a": 2 }';
  const body = `{\r\n "jsonrpc": "2.0",\n\t"id": "a\\u0062", "method": "tools/call", "params": {"name": "echo", "arguments": ${args}}\n}`;
  const headers = { 'content-type': 'application/json', ...session };
  const answer = await raw(bridge.port, { method: 'POST', path: '/mcp', headers, body });
  const [reply] = messagesOf(answer);
  expect(reply).toMatchObject({ id: 'ab', result: { content: [{ text: '{"n":12345678901234567000,"e":100,"u":"A😀\u2028","b":1,"a":2}' }] } });
});

describe('over HTTP', () => {
  test('an answer without anything before it is JSON, and an event stream otherwise', async () => {
    const session = await openSession(bridge);
    expect((await post(bridge, { id: 1, method: 'ping' }, session)).headers['content-type']).toBe('application/json');
    const token = { _meta: { progressToken: 'p' } };
    const answer = await post(bridge, { id: 2, method: 'tools/call', params: { name: 'test_tool_with_progress', arguments: {}, ...token } }, session);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'mcp-session-id': session['mcp-session-id'] });
    expect(messagesOf(answer).map(({ method, id }) => method ?? id)).toEqual([...Array.from({ length: 3 }, () => 'notifications/progress'), 2]);
    // A client that takes JSON alone gets the answer alone.
    const only = await post(bridge, { id: 3, method: 'tools/call', params: { name: 'test_tool_with_progress', arguments: {}, ...token } }, { ...session, accept: 'application/json' });
    expect(messagesOf(only).map(({ id }) => id)).toEqual([3]);
  });

  test('a batch of the revision that has them is answered whole', async () => {
    const session = await openSession(bridge);
    const batch = [{ jsonrpc: '2.0', id: 1, method: 'ping' }, { jsonrpc: '2.0', method: 'notifications/x' }, { jsonrpc: '2.0', id: 2, method: 'tools/list' }];
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...session };
    const answer = await raw(bridge.port, { method: 'POST', path: '/mcp', headers, body: JSON.stringify(batch) });
    expect(new Set(messagesOf(answer).map(({ id }) => id))).toEqual(new Set([1, 2]));
  });

  test.each([
    { what: 'no session', headers: {}, status: 400, words: 'Mcp-Session-Id is missing' },
    { what: 'a session that is not there', headers: { 'mcp-session-id': 'x' }, status: 404, words: 'There is no such session' },
    { what: 'no JSON-RPC', message: { jsonrpc: '1.0' }, status: 400, words: 'must be a JSON-RPC 2.0 message' },
    { what: 'an id that is none', message: { id: {} }, status: 400, words: 'must be a JSON-RPC 2.0 message' },
    { what: 'another host', headers: { host: 'evil.example.com' }, status: 403, words: 'Host "evil.example.com" is not served here' },
    { what: 'a foreign web page', headers: { origin: 'http://evil.example.com' }, status: 403, words: 'may not call this server' },
    { what: 'an Accept header that takes nothing', headers: { accept: 'text/html' }, status: 406, words: 'Accept' },
    { what: 'a body that is no JSON', headers: { 'content-type': 'text/plain' }, status: 415, words: 'must be JSON' },
  ])('$what is refused with a sentence', async ({ message = {}, headers = {}, status, words }) => {
    const answer = await post(bridge, { id: 1, method: 'ping', ...message }, headers);
    expect([answer.status, answer.json().error?.message]).toEqual([status, expect.stringContaining(words)]);
  });

  test('an id that is in use, a revision of another session and a second stream are refused', async () => {
    const session = await openSession(bridge);
    const slow = post(bridge, call('wait', { milliseconds: 2000 }), session);
    await until('it is being answered', async () => (await bridge.metric('mcp_bridge_requests_open')) > 0);
    expect((await post(bridge, { id: 1, method: 'ping' }, session)).json().error?.message).toContain('id of its own');
    expect((await slow).status).toBe(200);
    expect((await post(bridge, { id: 2, method: 'ping' }, { ...session, 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
    const streams = [new AbortController(), new AbortController()];
    const [first, second] = [await listen(session, streams[0]), await listen(session, streams[1])];
    expect([first.status, second.status]).toEqual([200, 409]);
    for (const stream of streams) stream.abort();
  });
});

function listen(session: Record<string, string>, stream: AbortController | undefined): Promise<Response> {
  return fetch(bridge.url, { headers: { accept: 'text/event-stream', ...session }, signal: stream?.signal ?? null });
}

test('a server that dies ends its session: what is asked fails with its exit code, then 404, and the log tells', async () => {
  const session = await openSession(bridge);
  const answer = await post(bridge, call('die'), session);
  expect([answer.status, answer.json().error?.message]).toEqual([502, 'The MCP server ended before it answered: exit code 7.']);
  const later = await post(bridge, { id: 2, method: 'ping' }, session);
  expect([later.status, later.json().error]).toEqual([404, { code: -32_001, message: 'The session has ended (its server ended: exit code 7): begin a new one with initialize.' }]);
  const told = bridge.log().find(({ msg, how }) => msg === 'session ended with its server' && how === 'exit code 7');
  expect(told).toMatchObject({ level: 'warn', session: expect.stringMatching(/^[0-9a-f]{8}$/) as string, lastWords: ['full server started'] });
  expect(JSON.stringify(bridge.log())).not.toContain(session['mcp-session-id']);
});

test('the Kubernetes MCP server over stdio serves three clients through the bridge', async () => {
  const kubernetes = await startBridge(KUBERNETES);
  try {
    await untilReady(kubernetes);
    const older = new Client(INFO);
    await older.connect(new StreamableHTTPClientTransport(kubernetes.url));
    const newer = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
    await newer.connect(new ModernTransport(kubernetes.url));
    // It speaks both eras over stdio, and so through the bridge.
    expect(newer.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const pinned = new ModernClient(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await pinned.connect(new ModernTransport(kubernetes.url));
    for (const client of [older, newer, pinned]) {
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['create-pod', 'get-pod-logs', 'delete-pod']);
      expect(textOf(await client.callTool({ name: 'get-pod-logs', arguments: { name: 'web' } }))).toContain('no Kubernetes credentials');
      await client.close();
    }
  } finally {
    expect(await kubernetes.stop()).toBe(0);
  }
});
