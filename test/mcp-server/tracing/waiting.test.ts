// What spans say of calls that wait, that nobody waits for any more, and that find no API server.
import { request, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runServer, rpc, startServer, type ServerProcess } from '../server-process.ts';
import { startApiServer, type ApiServer } from './api-server.ts';
import { tracedTo } from './clients.ts';
import { eventually, startCollector, type Collector, type ReadSpan } from './collector.ts';

const WAIT = 'kubernetes_mcp_server.turn.wait';
const readNodes = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'k8s://cluster/nodes' } };

let waiting: ServerResponse[];
let api: ApiServer;
let collector: Collector;
let server: ServerProcess;
beforeEach(async () => {
  waiting = [];
  api = await startApiServer((_request, response) => void waiting.push(response));
  collector = await startCollector();
  server = await startServer({ args: ['--kubeconfig', api.kubeconfig], env: tracedTo(collector.url) });
});
afterEach(async () => {
  await api.close();
  await server.stop();
  await collector.close();
});

function answerAll(): void {
  for (const response of waiting) if (!response.writableEnded) response.setHeader('content-type', 'application/json').end('{"metadata":{},"items":[]}');
}

function named(spans: readonly ReadSpan[], name: string): ReadSpan[] {
  return spans.filter((span) => span.name === name);
}

test('a call that waits for its turn says for how long, and is told from those that do not', async () => {
  const calls = [1, 2, 3].map((id) => rpc(server.port, { ...readNodes, id }));
  // Of lists one client alone has two at a time.
  await eventually(() => waiting.length === 2);
  answerAll();
  await eventually(() => waiting.length === 3);
  answerAll();
  await Promise.all(calls);
  const spans = named(await collector.until(6), 'resources/read');
  const waits = spans.map(({ attributes }) => Number(attributes[WAIT])).toSorted((a, b) => a - b);
  expect(waits).toHaveLength(3);
  expect(waits[2]).toBeGreaterThan(waits[1] ?? 0);
});

test('a call whose client left is cancelled, and so is its request to the API server', async () => {
  const sent = request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/mcp', headers: { 'content-type': 'application/json' } });
  sent.on('error', () => undefined).end(JSON.stringify(readNodes));
  await eventually(() => waiting.length === 1);
  sent.destroy();
  const spans = await collector.until(2);
  for (const name of ['resources/read', 'GET /api/v1/nodes']) {
    expect(named(spans, name)).toMatchObject([{ status: 'STATUS_CODE_ERROR', attributes: { 'error.type': 'cancelled' } }]);
  }
});

test('over stdio a request that is cancelled is so, and what is left at the end too', async () => {
  const messages = [
    { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } },
    readNodes,
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
    { jsonrpc: '2.0', id: 2, method: 'ping' },
  ];
  const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  expect((await runServer(['--kubeconfig', api.kubeconfig], { env: tracedTo(collector.url), input })).code).toBe(0);
  const spans = collector.spans();
  expect(named(spans, 'resources/read')).toMatchObject([{ status: 'STATUS_CODE_ERROR', attributes: { 'error.type': 'cancelled', 'jsonrpc.request.id': '1' } }]);
  expect(named(spans, 'ping')).toMatchObject([{ status: undefined, attributes: { 'jsonrpc.request.id': '2' } }]);
});

test('a request to an API server that hangs up says that no answer came', async () => {
  const call = rpc(server.port, readNodes);
  await eventually(() => waiting.length === 1);
  waiting[0]?.destroy();
  expect((await call).json().error?.code).toBe(-32603);
  const spans = await collector.until(2);
  expect(named(spans, 'GET /api/v1/nodes')).toMatchObject([{ status: 'STATUS_CODE_ERROR', attributes: { 'error.type': 'Network' } }]);
  expect(named(spans, 'resources/read')).toMatchObject([{ status: 'STATUS_CODE_ERROR', attributes: { 'error.type': '-32603' } }]);
});
