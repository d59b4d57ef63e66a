// Stateless requests over the real bridge: to a server that speaks both eras as they are, to one of sessions translated.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawAnswer } from '../server-process.ts';
import { fixture, messagesOf, openSession, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

const INFO = { name: 'test', version: '1' };
const VERSION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': INFO,
};

interface Asked {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: object;
}

/** One stateless request by hand, with the headers that belong to it and others. */
function ask(bridge: BridgeProcess, message: Asked, headers: Record<string, string | undefined> = {}): Promise<RawAnswer> {
  const { params = {}, ...rest } = message;
  const { _meta = {}, ...others } = params as { _meta?: object; name?: string; uri?: string };
  const named = others.name ?? others.uri;
  const own = { 'mcp-protocol-version': VERSION, 'mcp-method': message.method, ...(named !== undefined && { 'mcp-name': named }) };
  const all = { ...own, ...(headers as Record<string, string>) };
  return post(bridge, { id: 1, ...rest, params: { ...others, _meta: { ...META, ..._meta } } }, all);
}

async function connect(bridge: BridgeProcess, pin = false): Promise<Client> {
  const client = new Client(INFO, { versionNegotiation: { mode: pin ? { pin: VERSION } : 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(bridge.url));
  return client;
}

const textOf = (result: unknown): string => (result as { content: [{ text: string }] }).content[0].text;
const resultOf = (answer: RawAnswer): Record<string, unknown> => messagesOf(answer).at(-1)?.['result'] as Record<string, unknown>;

describe('a server of both eras', () => {
  let bridge: BridgeProcess;
  beforeAll(async () => {
    bridge = await startBridge(fixture('dual'));
    await untilReady(bridge);
  });
  afterAll(() => bridge.stop());

  test('gets stateless requests of all clients in one process, and sessions in one each', async () => {
    const clients = [await connect(bridge), await connect(bridge, true)];
    const said = await Promise.all(clients.map(async (client) => textOf(await client.callTool({ name: 'echo', arguments: { text: 'a' } }))));
    expect(clients.map((client) => client.getNegotiatedProtocolVersion())).toEqual([VERSION, VERSION]);
    expect(new Set(said).size).toBe(1);
    const session = await openSession(bridge);
    const other = await post(bridge, { id: 1, method: 'tools/call', params: { name: 'echo', arguments: { text: 'a' } } }, session);
    expect(textOf(resultOf(other))).not.toBe(said[0]);
    for (const client of clients) await client.close();
  });

  test('progress reaches whoever asked with the token of their own', async () => {
    const tokens = [1, '1', 'a', 1];
    const answers = await Promise.all(tokens.map((token) =>
      ask(bridge, { id: token, method: 'tools/call', params: { name: 'steps', arguments: {}, _meta: { progressToken: token } } })));
    for (const [index, token] of tokens.entries()) {
      const messages = messagesOf(answers[index] as RawAnswer);
      const heard = messages.slice(0, -1).map(({ params }) => (params as { progressToken: unknown }).progressToken);
      expect([heard, messages.at(-1)?.['id']]).toEqual([[token, token, token], token]);
    }
  });

  test('a subscription is a stream that lasts, and its notifications carry the id it was asked with', async () => {
    const leaving = new AbortController();
    const params = { notifications: { toolsListChanged: true }, _meta: META };
    const stream = await fetch(bridge.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': VERSION, 'mcp-method': 'subscriptions/listen' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 'mine', method: 'subscriptions/listen', params }),
      signal: leaving.signal,
    });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    let heard = '';
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) heard += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await until('it is acknowledged', () => heard.includes('notifications/subscriptions/acknowledged'));
    await ask(bridge, { method: 'tools/call', params: { name: 'change', arguments: {} } });
    await until('the change is heard', () => heard.includes('notifications/tools/list_changed'));
    expect([...heard.matchAll(/"io.modelcontextprotocol\/subscriptionId":"mine"/g)].length).toBeGreaterThanOrEqual(2);
    leaving.abort();
    await reading;
  });

  test('a process that dies is started again by the next request', async () => {
    const before = resultOf(await ask(bridge, { method: 'tools/call', params: { name: 'echo', arguments: { text: 'a' } } }));
    const pid = Number(/\d+$/.exec(textOf(before))?.[0]);
    process.kill(pid, 'SIGKILL');
    await until('it is told', () => bridge.log().some(({ msg }) => msg === 'the shared process of the server ended'));
    let answer = await ask(bridge, { method: 'tools/list' });
    await until('it answers again', async () => (answer = await ask(bridge, { method: 'tools/list' })).status === 200);
    expect(resultOf(answer)).toMatchObject({ resultType: 'complete', tools: expect.any(Array) as unknown[] });
  });
});

describe('what the headers of a stateless request say must agree with its body', () => {
  let bridge: BridgeProcess;
  beforeAll(async () => {
    bridge = await startBridge(fixture('full'), ['--sessions', 'Shared']);
    await untilReady(bridge);
  });
  afterAll(() => bridge.stop());

  test.each([
    ['another method', { method: 'tools/list' }, { 'mcp-method': 'ping' }, -32_020],
    ['another revision', { method: 'tools/list' }, { 'mcp-protocol-version': '2025-11-25' }, -32_020],
    ['another name', { method: 'tools/call', params: { name: 'echo' } }, { 'mcp-name': 'pid' }, -32_020],
    ['another URI', { method: 'resources/read', params: { uri: 'test://static-text' } }, { 'mcp-name': 'test://x' }, -32_020],
    ['no capabilities', { method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/clientCapabilities': 1 } } }, {}, -32_602],
    ['a revision that nobody knows', { method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } } }, { 'mcp-protocol-version': '2031-01-01' }, -32_022],
  ])('%s: 400 with the code of the protocol', async (...[, message, headers, code]) => {
    const answer = await ask(bridge, message, headers);
    expect([answer.status, answer.json()]).toMatchObject([400, { id: 1, error: { code } }]);
  });

  test('a name that a header cannot hold comes encoded', async () => {
    const encoded = `=?base64?${Buffer.from('echo').toString('base64')}?=`;
    const answer = await ask(bridge, { method: 'tools/call', params: { name: 'echo', arguments: {} } }, { 'mcp-name': encoded });
    expect(answer.status).toBe(200);
  });

  test('initialize with the header of the stateless era is refused, and so are stateless requests in a batch', async () => {
    const initialize = await post(bridge, { id: 1, method: 'initialize', params: {} }, { 'mcp-protocol-version': VERSION });
    expect([initialize.status, initialize.json().error?.code]).toEqual([400, -32_020]);
  });
});

describe('a server of sessions that is shared', () => {
  let bridge: BridgeProcess;
  beforeAll(async () => {
    bridge = await startBridge(fixture('full'), ['--sessions', 'Shared']);
    await untilReady(bridge);
  });
  afterAll(() => bridge.stop());

  test.each([['may choose', false], ['knows no other era', true]])('is used by a client that %s', async (_name, pin) => {
    const client = await connect(bridge, pin);
    expect(client.getNegotiatedProtocolVersion()).toBe(VERSION);
    expect(client.getServerVersion()).toMatchObject({ name: 'full' });
    expect(client.getServerCapabilities()).toEqual({ tools: {}, resources: {}, prompts: {}, completions: {} });
    expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    expect((await client.listPrompts()).prompts).toHaveLength(4);
    expect((await client.readResource({ uri: 'test://static-text' })).contents).toHaveLength(1);
    const heard: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress });
    expect(heard).toEqual([0, 50, 100]);
    await client.close();
  });

  test('keeps what its results hold, and is asked without what only this era knows', async () => {
    const tools = resultOf(await ask(bridge, { method: 'tools/list' }));
    expect(tools).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
    const args = { meta: 'kept', nested: { n: 1 } };
    const answer = await ask(bridge, { id: 'x', method: 'tools/call', params: { name: 'echo', arguments: args } });
    expect(answer.json()).toMatchObject({ id: 'x', result: { resultType: 'complete', content: [{ text: JSON.stringify(args) }] } });
  });

  test.each(['ping', 'logging/setLevel', 'resources/subscribe', 'subscriptions/listen', 'initialize'])('%s does not exist: 404', async (method) => {
    const answer = await ask(bridge, { method, params: { uri: 'test://static-text' } }, { 'mcp-name': 'test://static-text' });
    expect([answer.status, answer.json().error?.code]).toEqual([404, -32_601]);
  });

  test('a method that the server does not know is 404, too', async () => {
    const answer = await ask(bridge, { method: 'no/such' });
    expect([answer.status, answer.json().error?.code]).toEqual([404, -32_601]);
  });

  test('a client that leaves cancels what it asked', async () => {
    const leaving = new AbortController();
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'wait', arguments: { milliseconds: 60_000 }, _meta: META } });
    const headers = { 'content-type': 'application/json', 'mcp-protocol-version': VERSION, 'mcp-method': 'tools/call', 'mcp-name': 'wait' };
    const asked = fetch(bridge.url, { method: 'POST', headers, body, signal: leaving.signal }).catch(() => 'left');
    setTimeout(() => leaving.abort(), 300);
    expect(await asked).toBe('left');
    await until('the server heard of it', () => bridge.log().some(({ msg }) => msg === 'cancelled'));
  });
});

describe('a server with a process for each session', () => {
  let bridge: BridgeProcess;
  beforeAll(async () => {
    bridge = await startBridge(fixture('full'), ['--max-sessions', '2']);
    await untilReady(bridge);
  });
  afterAll(() => bridge.stop());

  test('has clients that may choose open a session, and tells others which revisions there are', async () => {
    const client = await connect(bridge);
    expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25');
    await client.close();
    const answer = await ask(bridge, { method: 'server/discover' });
    const supported = expect.arrayContaining(['2025-11-25']) as string[];
    expect([answer.status, answer.json().error]).toMatchObject([400, { code: -32_022, data: { supported, requested: VERSION } }]);
  });

  test('gives a stateless request that comes all the same a process of its own, which ends with it', async () => {
    const asked = { method: 'tools/call', params: { name: 'pid', arguments: {} } };
    const pids = [textOf(resultOf(await ask(bridge, asked))), textOf(resultOf(await ask(bridge, asked)))];
    expect(new Set(pids).size).toBe(2);
    await until('both have ended', () => bridge.servers().every((pid) => !pids.includes(String(pid))));
  });
});
