// Shared mode over the real bridge: one process for all, and nobody gets what is another's.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raw, type RawAnswer } from '../server-process.ts';
import { call, fixture, INITIALIZE, messagesOf, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

let bridge: BridgeProcess;
beforeAll(async () => {
  bridge = await startBridge(fixture('full'), ['--sessions', 'Shared']);
  await untilReady(bridge);
});
afterAll(() => bridge.stop());

const textOf = (result: unknown): string => (result as { content: [{ text: string }] }).content[0].text;
const sent = (body: string): Promise<RawAnswer> => raw(bridge.port, { method: 'POST', path: '/mcp', headers: { 'content-type': 'application/json' }, body });

test('twenty clients with the same ids and tokens each get what is theirs, from one process', async () => {
  const heard: number[][] = [];
  const clients = await Promise.all(Array.from({ length: 20 }, async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(bridge.url));
    return client;
  }));
  const answers = await Promise.all(clients.flatMap((client, index) => [
    client.callTool({ name: 'echo', arguments: { index } }).then((result) => expect(textOf(result)).toBe(`{"index":${index}}`)),
    client.callTool({ name: 'test_tool_with_progress', arguments: {} }, undefined, {
      onprogress: ({ progress }) => void (heard[index] = [...(heard[index] ?? []), progress]),
    }),
  ]));
  expect(answers).toHaveLength(40);
  expect(heard).toEqual(Array.from({ length: 20 }, () => [0, 50, 100]));
  expect(bridge.servers()).toHaveLength(1);
  for (const client of clients) await client.close();
});

test('there are no sessions: no id, no stream, nothing to delete', async () => {
  const answer = await post(bridge, INITIALIZE);
  expect(answer.headers['mcp-session-id']).toBeUndefined();
  expect(answer.json().result).toMatchObject({
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'full' },
    // What it would have to tell one of many unasked is not offered.
    capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
  });
  expect(answer.json().result?.['capabilities']).not.toHaveProperty('logging');
  for (const method of ['GET', 'DELETE']) {
    const refused = await raw(bridge.port, { method, path: '/mcp', headers: { accept: 'text/event-stream' } });
    expect([refused.status, refused.headers['allow']]).toEqual([405, 'POST']);
  }
});

test('an earlier revision is spoken with a client that knows no later one', async () => {
  const { params } = INITIALIZE;
  const older = await post(bridge, { ...INITIALIZE, params: { ...params, protocolVersion: '2025-03-26' } });
  expect(older.json().result).toMatchObject({ protocolVersion: '2025-03-26' });
  const unknown = await post(bridge, { ...INITIALIZE, params: { ...params, protocolVersion: '2020-01-01' } });
  expect(unknown.json().result).toMatchObject({ protocolVersion: '2025-11-25' });
});

test('ids and tokens come back as they were written, whatever they look like', async () => {
  for (const id of ['1.0', '"\\u0061"', '123456789012345678901', '-0', '"x\\"y"']) {
    const params = '{"name":"test_tool_with_progress","arguments":{"n":12345678901234567890},"_meta":{"a":[{"b":"}"}],"progressToken":ID}}';
    const { body } = await raw(bridge.port, {
      method: 'POST',
      path: '/mcp',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: `{"method":"tools/call","params":${params.replace('ID', id)},"id" : ${id} ,"jsonrpc":"2.0"}`,
    });
    expect(body.split(`"progressToken":${id}`).length - 1).toBe(3);
    expect(body).toContain(`"id":${id}`);
  }
});

test.each([
  ['an id twice', '{"jsonrpc":"2.0","id":1,"method":"ping2","id":2}'],
  ['an id in capitals', '{"jsonrpc":"2.0","id":1,"method":"ping2","ID":2}'],
  ['params twice', '{"jsonrpc":"2.0","id":1,"method":"ping2","params":{"_meta":{"progressToken":1}},"params":{}}'],
  ['a token twice', '{"jsonrpc":"2.0","id":1,"method":"ping2","params":{"_meta":{"progressToken":1,"progressToken":2}}}'],
  ['a token in capitals', '{"jsonrpc":"2.0","id":1,"method":"ping2","params":{"_meta":{"ProgressToken":2}}}'],
  ['an escaped id', '{"jsonrpc":"2.0","id":1,"method":"ping2","\\u0069d":2}'],
])('a message that two readers could take for two is refused: %s', async (_name, body) => {
  const answer = await sent(body);
  expect([answer.status, answer.json().error?.message]).toEqual([400, expect.stringContaining('can be read in more than one way')]);
});

test('what the server tells unasked, and asks, reaches nobody', async () => {
  const logging = messagesOf(await post(bridge, call('test_tool_with_logging')));
  expect(logging).toHaveLength(1);
  expect(textOf((await post(bridge, call('change'))).json().result)).toBe('changed');
  const sampling = await post(bridge, call('test_sampling', { prompt: 'x' }));
  expect(sampling.body).toContain('There is no one client to ask for sampling');
  expect((await post(bridge, { id: 1, method: 'logging/setLevel', params: { level: 'debug' } })).json().error?.code).toBe(-32_601);
});

test('a process that dies fails what it was asked, and another one takes its place', async () => {
  const waiting = post(bridge, call('wait', { milliseconds: 60_000 }, 'w'));
  await until('it is being answered', async () => bridge.servers().length === 1 && (await bridge.metric('mcp_bridge_children')) === 1);
  const died = await post(bridge, call('die'));
  expect(died.json().error?.message).toBe('The MCP server ended before it answered: exit code 7.');
  expect((await waiting).json()).toMatchObject({ id: 'w', error: { message: expect.stringContaining('exit code 7') as string } });
  let again = await post(bridge, { id: 2, method: 'tools/list' });
  await until('another one answers', async () => (again = await post(bridge, { id: 2, method: 'tools/list' })).status === 200);
  expect(again.json().result).toHaveProperty('tools');
});
