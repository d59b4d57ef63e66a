// Requests whose params have the wrong shape: -32602 and one sentence, in both eras over HTTP, and over stdio, where each gets an answer.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rpc, runServer, startServer, type ServerProcess } from '../server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

interface Answer {
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The answers to one request of both eras over HTTP. */
async function answersOf(method: string, params: unknown): Promise<Answer[]> {
  const message = { jsonrpc: '2.0', id: 7, method, params };
  const modern = isObject(params) ? { ...message, params: { _meta, ...params } } : message;
  const { name, uri } = isObject(params) ? params : {};
  const named = [name, uri].find((each): each is string => typeof each === 'string' && /^[!-~]+$/.test(each));
  const headers = {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(named === undefined ? {} : { 'mcp-name': named }),
  };
  const answers = [await rpc(server.port, message), await rpc(server.port, modern, headers)];
  return answers.map((answer) => answer.json() as unknown as Answer);
}

/** The answers to lines on standard input, by the ids of their requests. */
async function overStdio(lines: readonly string[]): Promise<Map<unknown, Answer>> {
  const { code, stdout } = await runServer([], { input: `${lines.join('\n')}\n` });
  expect(code).toBe(0);
  return new Map(stdout.trim().split('\n').map((line) => JSON.parse(line) as Answer).map((answer) => [answer.id, answer]));
}

const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const tool = { name: 'delete-pod', arguments: { name: 'web' } };

const WRONG: readonly (readonly [method: string, params: unknown, sentence: string])[] = [
  ['initialize', undefined, 'params must be an object'],
  ['initialize', null, 'params must be an object'],
  ['initialize', [], 'params must be an object'],
  ['initialize', 'hello', 'params must be an object'],
  ['initialize', {}, 'params.protocolVersion must be a string'],
  ['initialize', { ...hello, protocolVersion: 20251125 }, 'params.protocolVersion must be a string'],
  ['initialize', { ...hello, capabilities: [] }, 'params.capabilities must be an object'],
  ['initialize', { ...hello, capabilities: null }, 'params.capabilities must be an object'],
  ['initialize', { ...hello, capabilities: { roots: true } }, 'params.capabilities.roots must be an object'],
  ['initialize', { ...hello, clientInfo: 'curl' }, 'params.clientInfo must be an object'],
  ['initialize', { ...hello, clientInfo: { name: 'curl' } }, 'params.clientInfo.version must be a string'],
  ['initialize', { ...hello, clientInfo: { ...hello.clientInfo, icons: {} } }, 'params.clientInfo.icons must be an array'],
  ['initialize', { ...hello, _meta: 1 }, 'params._meta must be an object'],
  ['ping', null, 'params must be an object'],
  ['ping', [], 'params must be an object'],
  ['ping', { _meta: { progressToken: {} } }, 'params._meta.progressToken is not what the protocol allows there'],
  ['tools/list', 5, 'params must be an object'],
  ['tools/list', { cursor: 5 }, 'params.cursor must be a string'],
  ['resources/list', { cursor: {} }, 'params.cursor must be a string'],
  ['resources/templates/list', { cursor: null }, 'params.cursor must be a string'],
  ['prompts/list', { cursor: true }, 'params.cursor must be a string'],
  ['tools/call', undefined, 'params must be an object'],
  ['tools/call', [tool], 'params must be an object'],
  ['tools/call', {}, 'params.name must be a string'],
  ['tools/call', { ...tool, arguments: 'web' }, 'params.arguments must be an object'],
  ['tools/call', { ...tool, arguments: null }, 'params.arguments must be an object'],
  ['tools/call', { ...tool, _meta: 'x' }, 'params._meta must be an object'],
  ['tools/call', { ...tool, task: 5 }, 'params.task must be an object'],
  ['resources/read', {}, 'params.uri must be a string'],
  ['resources/read', { uri: 'nodes' }, 'params.uri must be a URI'],
  ['prompts/get', { name: 'troubleshoot-pod', arguments: { podName: 5 } }, 'params.arguments.podName must be a string'],
  ['completion/complete', null, 'params must be an object'],
  ['logging/setLevel', [], 'params must be an object'],
  ['server/discover', 'x', 'params must be an object'],
  ['no/such', null, 'params must be an object'],
];

test.each(WRONG)('%s with params %j is -32602 in one sentence, in both eras', async (method, params, sentence) => {
  const expected = { jsonrpc: '2.0', id: 7, error: { code: -32602, message: `Invalid params of ${method}: ${sentence}.` } };
  expect(await answersOf(method, params)).toEqual([expected, expected]);
});

test('over stdio each is answered the same way, and so is what comes after', async () => {
  const lines = WRONG.map(([method, params], id) => JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  const answers = await overStdio([...lines, JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'ping' })]);
  expect(WRONG.map((_, id) => answers.get(id)?.error)).toEqual(
    WRONG.map(([method, , sentence]) => ({ code: -32602, message: `Invalid params of ${method}: ${sentence}.` })),
  );
  expect(answers.get('last')).toMatchObject({ result: {} });
});

const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

test.each([
  ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":5}', ['1 -32600']],
  ['no version', '{"id":1,"method":"ping"}', ['1 -32600']],
  ['no id to answer to', '{"jsonrpc":"2.0","id":null,"method":"ping"}', ['null -32600']],
  ['an empty object', '{}', ['null -32600']],
  ['a number', '7', ['null -32600']],
  ['broken JSON', '{"jsonrpc":', ['null -32700']],
  ['values in values', `{"jsonrpc":"2.0","id":1,"method":"ping","params":${DEEP}}`, ['null -32600']],
  ['no JSON at all', 'starting the wrapper', []],
  ['a notification that is malformed', '{"jsonrpc":"2.0","method":"notifications/initialized","params":null}', []],
  ['a response that is malformed', '{"jsonrpc":"2.0","id":1,"result":5}', []],
] as const)('over stdio a line with %s is answered if it may be a request, and so is what comes after', async (_what, line, expected) => {
  const answers = await overStdio([line, JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'ping' })]);
  expect([...answers.values()].map(({ id, error }) => `${String(id)} ${error?.code}`).toSorted()).toEqual([...expected, 'last undefined'].toSorted());
});

test('a method that does not exist, or is not offered, is -32601 whatever its params hold', async () => {
  for (const method of ['no/such', 'completion/complete', 'logging/setLevel', 'toString', '__proto__']) {
    const answers = await answersOf(method, { cursor: 5 });
    expect(answers.map(({ error }) => error?.code), method).toEqual([-32601, -32601]);
  }
});

test('whatever the params are, no answer dumps a schema', async () => {
  const methods = fc.constantFrom('initialize', 'ping', 'tools/list', 'tools/call', 'resources/read', 'prompts/get', 'subscriptions/listen');
  const keys = fc.constantFrom('name', 'arguments', 'uri', 'cursor', '_meta', 'task', 'protocolVersion', 'capabilities', 'clientInfo');
  const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('get-pod-logs', 'troubleshoot-pod', 'k8s://cluster/nodes', hello.clientInfo));
  const params = fc.oneof({ weight: 5, arbitrary: fc.dictionary(keys, values, { noNullPrototype: true }) }, fc.jsonValue({ maxDepth: 1 }));
  await fc.assert(fc.asyncProperty(methods, params, async (method, given) => {
    for (const answer of await answersOf(method, given)) {
      expect(answer.error?.message ?? '').not.toMatch(/^\[|"path"|\n/);
    }
  }), { numRuns: 100 });
});
