// The HTTP front door of the real process, spoken to as curl speaks: no Accept header, no initialize.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw, rpc, startServer, type ServerProcess } from '../server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const ping = (headers: Record<string, string>): ReturnType<typeof raw> => rpc(server.port, { jsonrpc: '2.0', id: 1, method: 'ping' }, headers);
const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): ReturnType<typeof raw> =>
  raw(server.port, { method: 'POST', path: '/mcp', headers, body });

describe('a plain JSON-RPC request without Accept header and handshake', () => {
  test.each([{}, { accept: '*/*' }])('lists the tools as plain JSON (headers %j)', async (headers) => {
    const answer = await rpc(server.port, { jsonrpc: '2.0', method: 'tools/list', params: {}, id: 1 }, headers);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    const tools = answer.json().result?.['tools'] as { name: string; description: string; annotations: object }[];
    expect(tools.map((tool) => tool.name)).toEqual(['create-pod', 'get-pod-logs', 'delete-pod']);
    for (const tool of tools) {
      expect(tool.description).toMatch(/^[A-Z].+\.$/s);
      expect(Object.keys(tool.annotations).toSorted()).toEqual(['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint']);
    }
  });

  test('lists the resources and the template', async () => {
    const resources = await rpc(server.port, { jsonrpc: '2.0', method: 'resources/list', params: {}, id: 2 });
    expect(resources.json().result?.['resources']).toMatchObject([{ uri: 'k8s://cluster/nodes' }, { uri: 'k8s://namespace/default/pods' }]);
    const templates = await rpc(server.port, { jsonrpc: '2.0', method: 'resources/templates/list', id: 3 });
    expect(templates.json().result?.['resourceTemplates']).toMatchObject([{ uriTemplate: 'k8s://namespace/{namespace}/pods' }]);
  });

  test('a tool call without cluster credentials is an isError result that says how to give some', async () => {
    const call = { name: 'create-pod', arguments: { name: 'test-pod', image: 'nginx:alpine' } };
    const answer = await rpc(server.port, { jsonrpc: '2.0', method: 'tools/call', params: call, id: 2 });
    expect(answer.status).toBe(200);
    expect(answer.json().result).toMatchObject({ isError: true, content: [{ type: 'text', text: expect.stringContaining('--kubeconfig') as string }] });
  });

  test('a resource without cluster credentials is a JSON-RPC error with the same sentence', async () => {
    const answer = await rpc(server.port, { jsonrpc: '2.0', method: 'resources/read', params: { uri: 'k8s://cluster/nodes' }, id: 2 });
    expect(answer.json().error).toMatchObject({ code: -32603, message: expect.stringContaining('KUBECONFIG') as string });
  });

  test('initialize names the server and claims no change notifications', async () => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '1' } };
    const answer = await rpc(server.port, { jsonrpc: '2.0', method: 'initialize', params, id: 1 });
    expect(answer.json().result).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'kubernetes-mcp-server' },
      capabilities: { tools: { listChanged: false }, resources: { listChanged: false }, prompts: { listChanged: false } },
    });
    expect(answer.headers['mcp-session-id']).toBeUndefined();
  });
});

test('a subscription of the newest era ends at once, because nothing it could announce ever changes', async () => {
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, 'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' } };
  const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
  const answer = await rpc(
    server.port,
    { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true }, _meta } },
    headers,
  );
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(answer.body).toContain('"resultType":"complete"');
});

describe('prompts', () => {
  test('both are listed with their arguments and give a text for the namespace asked for', async () => {
    const list = await rpc(server.port, { jsonrpc: '2.0', method: 'prompts/list', id: 1 });
    const prompts = list.json().result?.['prompts'] as { name: string; arguments: { name: string; required: boolean }[] }[];
    expect(prompts.map(({ name, arguments: args }) => [name, args.map((arg) => `${arg.name}:${arg.required}`)])).toEqual([
      ['troubleshoot-pod', ['podName:true', 'namespace:false']],
      ['optimize-resources', ['namespace:false']],
    ]);
    const params = { name: 'troubleshoot-pod', arguments: { podName: 'web-1', namespace: 'shop' } };
    const prompt = await rpc(server.port, { jsonrpc: '2.0', method: 'prompts/get', params, id: 2 });
    expect(prompt.body).toContain('k8s://namespace/shop/pods');
    expect(prompt.body).toContain('get-pod-logs');
    const other = await rpc(server.port, { jsonrpc: '2.0', method: 'prompts/get', params: { name: 'optimize-resources' }, id: 3 });
    expect(other.body).toContain('k8s://namespace/default/pods');
  });
});

describe('endpoints', () => {
  test('/health is healthy even without a cluster', async () => {
    const answer = await raw(server.port, { path: '/health' });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'healthy', serverInfo: { name: 'kubernetes-mcp-server' } });
  });

  test('/ready is 503 with a reason while no API server answers', async () => {
    const answer = await raw(server.port, { path: '/ready' });
    expect(answer.status).toBe(503);
    expect(answer.json()['reason']).toContain('--kubeconfig');
  });

  test('/capabilities names the protocol versions of both eras', async () => {
    const answer = await raw(server.port, { path: '/capabilities' });
    expect(answer.json()['protocolVersions']).toEqual(expect.arrayContaining(['2026-07-28', '2025-11-25']));
  });

  test('/metrics does not exist unless it was switched on', async () => {
    expect((await raw(server.port, { path: '/metrics' })).status).toBe(404);
  });

  test.each(['GET', 'DELETE', 'PUT'])('%s /mcp is 405 and allows POST', async (method) => {
    const answer = await raw(server.port, { method, path: '/mcp', headers: { accept: 'text/event-stream' } });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
    expect(answer.json().error?.message).toContain('POST');
  });

  test.each([
    ['POST', '/initialize'],
    ['GET', '/sessions'],
    ['DELETE', '/sessions/session_1'],
    ['POST', '/mcp/session_1'],
  ])('%s %s is 404 and says what took its place', async (method, path) => {
    const answer = await raw(server.port, { method, path });
    expect(answer.status).toBe(404);
    expect(answer.json().error?.message).toContain('POST /mcp');
  });
});

describe('bad requests get JSON-RPC errors, never HTML', () => {
  test.each([
    ['invalid JSON', '{bad', [400, -32700]],
    ['no body', '', [400, -32600]],
    ['a number', '5', [400, -32600]],
    ['an object that is no message', '{}', [400, -32600]],
    ['a body over 1 MiB', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { pad: 'x'.repeat(1024 * 1024) } }), [413, -32000]],
  ])('%s', async (_name, body, expected) => {
    const answer = await post(body);
    expect([answer.status, answer.json().error?.code]).toEqual(expected);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  test.each([101, 100_000])('a body nested %i levels deep is 400, without a word in the log', async (depth) => {
    const answer = await post(`{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect([answer.status, answer.json().error?.code]).toEqual([400, -32600]);
    expect(server.log().filter((line) => line['level'] === 'error')).toEqual([]);
  });

  test('another content type is 415', async () => {
    const answer = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { 'content-type': 'text/plain' });
    expect([answer.status, answer.json().error?.code]).toEqual([415, -32000]);
  });

  test('a client that cannot take JSON is told 406', async () => {
    const answer = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { 'content-type': 'application/json', accept: 'text/html' });
    expect(answer.status).toBe(406);
  });

  test('an unknown method, tool and resource are protocol errors with the id of the request', async () => {
    const method = await rpc(server.port, { jsonrpc: '2.0', id: 7, method: 'no/such' });
    expect(method.json()).toMatchObject({ id: 7, error: { code: -32601 } });
    const tool = await rpc(server.port, { jsonrpc: '2.0', id: 8, method: 'tools/call', params: { name: 'no-such', arguments: {} } });
    expect(tool.json()).toMatchObject({ id: 8, result: { isError: true } });
    const resource = await rpc(server.port, { jsonrpc: '2.0', id: 9, method: 'resources/read', params: { uri: 'k8s://nowhere' } });
    expect(resource.json()).toMatchObject({ id: 9, error: { code: -32602 } });
  });

  test.each([
    ['name', { name: 'Not_A_Name', image: 'nginx' }],
    ['name', { name: '../../secrets', image: 'nginx' }],
    ['image', { name: 'ok', image: 'a b' }],
    ['namespace', { name: 'ok', image: 'nginx', namespace: 'UPPER' }],
  ])('an argument that cannot be right (%s) is an error that names it', async (field, args) => {
    const answer = await rpc(server.port, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'create-pod', arguments: args } });
    expect(answer.json().result).toMatchObject({ isError: true });
    expect(answer.body).toContain(field);
  });

  test('a namespace that is no name is refused before the cluster is asked', async () => {
    const answer = await rpc(server.port, { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'k8s://namespace/UPPER/pods' } });
    expect(answer.json().error).toMatchObject({ code: -32602, message: expect.stringContaining('"UPPER" is not a namespace name') as string });
  });

  test('bytes that are not HTTP close the connection without hurting the server', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('\u0016\u0003\u0001 not http\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect((await raw(server.port, { path: '/health' })).status).toBe(200);
  });
});

describe('Host and Origin', () => {
  test.each(['localhost', 'kubernetes-mcp-server', '10.244.0.7:8080', '[::1]:3001', 'x.ns.svc', 'x.ns.svc.cluster.local:3001'])('Host %s is served', async (host) => {
    expect((await ping({ host })).status).toBe(200);
  });

  test.each(['evil.example.com', 'x.y.svc.evil.example.com', 'x.svc'])('Host %s is 403 with a hint, on every route', async (host) => {
    const answer = await ping({ host });
    expect(answer.status).toBe(403);
    expect(answer.json().error?.message).toContain('MCP_ALLOWED_HOSTS');
    for (const path of ['/health', '/ready', '/capabilities', '/metrics', '/']) {
      expect((await raw(server.port, { path, headers: { host } })).status).toBe(403);
    }
  });

  test('a foreign Origin is 403, also in a preflight, and gets no CORS header', async () => {
    const answer = await ping({ origin: 'https://evil.example.com' });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    const preflight = await raw(server.port, { method: 'OPTIONS', path: '/mcp', headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' } });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  test('a page of another local port is foreign too', async () => {
    expect((await ping({ origin: 'http://127.0.0.1:1' })).status).toBe(403);
  });
});
