// Three replicas behind a balancer that knows no sessions, and real clients of both SDKs: whichever replica is asked, the one that has the session answers.
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, LoggingMessageNotificationSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call, fixture, messagesOf, openSession, post, until, type BridgeProcess } from './bridge-process.ts';
import { raw } from '../server-process.ts';
import { balance, EACH_ON_ITS_OWN, replicasAt, type Balancer, type Replicas } from './replicas.ts';

const INFO = { name: 'test', version: '1' };
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

let replicas: Replicas;
let bridges: BridgeProcess[];
let balancer: Balancer;
beforeAll(async () => {
  replicas = await replicasAt(ADDRESSES, fixture('full'), { flags: ['--max-sessions', '10'] });
  bridges = await Promise.all(ADDRESSES.map((address) => replicas.start(address)));
  balancer = await balance(replicas);
});
afterAll(async () => {
  balancer.stop();
  await Promise.all(bridges.map((bridge) => bridge.stop()));
});

const textOf = (result: unknown): string => (result as { content: [{ text: string }] }).content[0].text;
async function sum(metric: string): Promise<number> {
  const values = await Promise.all(bridges.map((bridge) => bridge.metric(metric)));
  return values.reduce((one, other) => one + other, 0);
}
const at = (index: number): BridgeProcess => bridges[index] as BridgeProcess;

describe('a client of SDK v1, each of whose requests goes to the next replica', () => {
  let client: Client;
  let transport: StreamableHTTPClientTransport;
  beforeEach(async () => {
    client = new Client(INFO, { capabilities: { sampling: {}, elicitation: {} } });
    transport = new StreamableHTTPClientTransport(balancer.url, EACH_ON_ITS_OWN);
    await client.connect(transport);
    return () => client.close();
  });

  test('has one process all the time, and each replica passes on what is not its own', async () => {
    const before = await Promise.all(bridges.map((bridge) => bridge.metric('mcp_bridge_forwarded_total')));
    const pids = [];
    for (let time = 0; time < 9; time += 1) pids.push(textOf(await client.callTool({ name: 'pid', arguments: {} })));
    expect(new Set(pids).size).toBe(1);
    const after = await Promise.all(bridges.map((bridge) => bridge.metric('mcp_bridge_forwarded_total')));
    expect(after.filter((count, index) => count - (before[index] ?? 0) >= 3)).toHaveLength(2);
  });

  test('is asked back: sampling and elicitation', async () => {
    client.setRequestHandler(CreateMessageRequestSchema, () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } }));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { username: 'u', email: 'e@example.com' } }));
    for (let time = 0; time < 3; time += 1) {
      expect(textOf(await client.callTool({ name: 'test_sampling', arguments: { prompt: 'p' } }))).toContain('sampled');
      expect(textOf(await client.callTool({ name: 'test_elicitation', arguments: {} }))).toContain('e@example.com');
    }
  });

  test('hears of progress, logging and changes', async () => {
    const heard: string[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(`log ${String(params.data)}`));
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('tools changed'));
    await client.callTool({ name: 'test_tool_with_logging', arguments: {} });
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, undefined, { onprogress: ({ progress }) => void heard.push(`progress ${progress}`) });
    await client.callTool({ name: 'change', arguments: {} });
    const expected = ['log started', 'log working', 'log done', 'progress 0', 'progress 50', 'progress 100', 'tools changed'];
    await until('all is heard', () => heard.length === expected.length);
    expect(heard.toSorted()).toEqual(expected.toSorted());
  });

  test('cancels, and ends its session', async () => {
    const abort = new AbortController();
    const waiting = client.callTool({ name: 'wait', arguments: { milliseconds: 60_000 } }, undefined, { signal: abort.signal });
    await until('it is being answered', async () => (await sum('mcp_bridge_requests_open')) === 1);
    abort.abort('enough');
    await expect(waiting).rejects.toThrow('enough');
    await until('the server heard of it', () => bridges.some((bridge) => bridge.log().some(({ msg }) => msg === 'cancelled')));
    const sessions = await sum('mcp_bridge_sessions');
    await transport.terminateSession();
    expect(await sum('mcp_bridge_sessions')).toBe(sessions - 1);
  });
});

test('a client of SDK v2 works as well', async () => {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
  const transport = new ModernTransport(balancer.url, EACH_ON_ITS_OWN);
  await client.connect(transport);
  for (let time = 0; time < 6; time += 1) expect(textOf(await client.callTool({ name: 'echo', arguments: { time } }))).toBe(`{"time":${time}}`);
  await transport.terminateSession();
  await client.close();
});

describe('over the hop', () => {
  test('bodies and answers of any size arrive as they were sent', async () => {
    const session = await openSession(at(0));
    const text = 'ä'.repeat(1024 * 1024);
    const answer = await post(at(1), call('echo', { text }), session);
    expect(answer.body.slice(0, 200)).toContain('result');
    expect(textOf(messagesOf(answer)[0]?.['result']) === JSON.stringify({ text })).toBe(true);
    // Said, and not sent: whoever is refused while he writes may not hear it.
    const tooLarge = await post(at(1), call('echo', { text: 'x' }), { ...session, 'content-length': String(5 * 1024 * 1024) });
    expect([tooLarge.status, tooLarge.json().error?.message]).toEqual([413, expect.stringContaining('must not exceed')]);
    expect((await post(at(1), { id: 2, method: 'ping' }, session)).status).toBe(200);
  });

  test('what the replica refuses is refused in its words', async () => {
    const session = await openSession(at(0));
    const died = await post(at(1), call('die'), session);
    expect([died.status, died.json().error?.message]).toEqual([502, 'The MCP server ended before it answered: exit code 7.']);
    const later = await post(at(2), { id: 2, method: 'ping' }, session);
    expect([later.status, later.json().error?.message]).toEqual([404, expect.stringContaining('The session has ended (its server ended: exit code 7)')]);
  });

  test('a web page of the own machine is judged by the first replica alone', async () => {
    const session = await openSession(at(0));
    const page = { origin: 'http://localhost:9', host: 'localhost:9' };
    const answer = await post(at(1), { id: 2, method: 'ping' }, { ...session, ...page });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, page.origin]);
    expect((await post(at(1), { id: 2, method: 'ping' }, { ...session, origin: 'http://evil.example.com' })).status).toBe(403);
  });

  test('an event stream begins at once, there is one, and when its client leaves it is over at both ends', async () => {
    const session = await openSession(at(0));
    const leaving = new AbortController();
    const headers = { accept: 'text/event-stream', ...session };
    const listen = (bridge: BridgeProcess, signal: AbortSignal | null = null): Promise<Response> => fetch(bridge.url, { headers, signal });
    expect((await listen(at(1), leaving.signal)).status).toBe(200);
    expect((await listen(at(2))).status).toBe(409);
    expect(await at(1).metric('mcp_bridge_forwards_open')).toBe(1);
    leaving.abort();
    await until('it is over here', async () => (await at(1).metric('mcp_bridge_forwards_open')) === 0);
    await until('it is over there', async () => {
      const again = new AbortController();
      const { status } = await listen(at(2), again.signal);
      again.abort();
      return status === 200;
    });
    await raw(replicas.port, { host: at(2).host, method: 'DELETE', path: '/mcp', headers: session });
    expect((await post(at(0), { id: 1, method: 'ping' }, session)).status).toBe(404);
  });

  test('a request whose client leaves is over at both ends', async () => {
    const session = await openSession(at(0));
    const leaving = new AbortController();
    const body = JSON.stringify({ jsonrpc: '2.0', ...call('wait', { milliseconds: 60_000 }) });
    const asked = fetch(at(1).url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...session }, signal: leaving.signal });
    await until('it is being answered', async () => (await at(0).metric('mcp_bridge_requests_open')) === 1);
    const connections = await at(0).metric('mcp_bridge_connections');
    leaving.abort();
    await expect(asked).rejects.toThrow('aborted');
    await until('it is over', async () => (await at(1).metric('mcp_bridge_forwards_open')) === 0 && (await at(0).metric('mcp_bridge_connections')) < connections);
  });
});
