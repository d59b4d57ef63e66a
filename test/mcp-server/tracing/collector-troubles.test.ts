// What a collector does, or who else misbehaves, is nothing that a client of the server feels.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { rpc, startServer, type ServerProcess } from '../server-process.ts';
import { startApiServer, type ApiServer } from './api-server.ts';
import { tracedTo } from './clients.ts';
import { eventually, startCollector, type Collector } from './collector.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.close());

const readNodes = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'k8s://cluster/nodes' } };
const troubles = (server: ServerProcess): unknown[] => server.log().filter(({ msg }) => msg === 'spans were lost on the way to the collector');

async function serving(env: Record<string, string>, args: readonly string[] = []): Promise<ServerProcess> {
  const server = await startServer({ args: ['--kubeconfig', api.kubeconfig, ...args], env });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

async function collecting(...answer: Parameters<typeof startCollector>): Promise<Collector> {
  const collector = await startCollector(...answer);
  onTestFinished(() => collector.close());
  return collector;
}

describe('calls are answered, and the log says once why spans are lost, where the collector', () => {
  const cases: [string, Parameters<typeof startCollector>[0], RegExp][] = [
    ['answers 500', (_request, response) => void response.writeHead(500).end('hunter2'), /^the collector answers 500$/],
    ['answers 400', (_request, response) => void response.writeHead(400).end('hunter2'), /^the collector answers 400$/],
    ['leads elsewhere', (_request, response) => void response.writeHead(302, { location: '/hunter2' }).end(), /^the collector answers 302$/],
    ['has no room', (_request, response) => void response.writeHead(503, { 'retry-after': '60' }).end(), /^the collector has no room \(429, 502, 503 or 504\)$/],
    ['hangs', () => undefined, /^the collector did not answer in time$/],
    ['hangs up', (request) => void request.socket.destroy(), /^no connection to the collector \(ECONNRESET\)$/],
    // A partial success that refuses one span: https://opentelemetry.io/docs/specs/otlp/#partial-success
    ['takes some', (_request, response) => void response.end(Buffer.from([0x0a, 0x02, 0x08, 0x01])), /^the collector took only some of them$/],
  ];

  it.each(cases)('%s', async (_, answer, reason) => {
    const collector = await collecting(answer);
    const url = collector.url.replace('//', '//user:hunter2@');
    const exporter = { OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=hunter2' };
    const server = await serving({ ...tracedTo(`${url}/hunter2`), ...exporter });
    for (let call = 0; call < 3; call += 1) {
      expect((await rpc(server.port, readNodes)).json().result).toHaveProperty('contents');
      await eventually(() => collector.received.length > call);
    }
    await eventually(() => troubles(server).length > 0);
    const line = { level: 'warn', reason: expect.stringMatching(reason) as string, spans: expect.any(Number) as number };
    expect(troubles(server)).toMatchObject([line]);
    expect(collector.received[0]).toMatchObject({ path: '/hunter2/v1/traces', headers: { 'api-key': 'hunter2' } });
    expect((await server.stop()).stderr).not.toContain('hunter2');
  });

  it('is not there, or speaks no TLS', async () => {
    const plain = createServer((_request, response) => void response.end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void plain.close());
    const { port } = plain.address() as { port: number };
    for (const [url, reason] of [['http://127.0.0.1:1', 'ECONNREFUSED'], [`https://127.0.0.1:${port}`, 'ERR_SSL|EPROTO']] as const) {
      const server = await serving({ ...tracedTo(url), OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
      expect((await rpc(server.port, readNodes)).json().result).toHaveProperty('contents');
      await eventually(() => troubles(server).length > 0);
      expect(troubles(server)).toMatchObject([{ reason: expect.stringMatching(`no connection to the collector \\((?:${reason})`) as string }]);
      expect((await server.stop()).code).toBe(0);
    }
  });
});

describe('at the end of the process', () => {
  it('spans that wait are sent', async () => {
    const collector = await collecting();
    const server = await serving({ ...tracedTo(collector.url), OTEL_BSP_SCHEDULE_DELAY: '600000' });
    await rpc(server.port, readNodes);
    expect(collector.received).toEqual([]);
    expect((await server.stop()).code).toBe(0);
    expect(collector.spans().map(({ name }) => name).toSorted()).toEqual(['GET /api/v1/nodes', 'resources/read']);
  });

  it('a collector that hangs holds it up for a moment, and it ends as ever', async () => {
    const collector = await collecting(() => undefined);
    const server = await serving({ ...tracedTo(collector.url), OTEL_BSP_SCHEDULE_DELAY: '600000' });
    await rpc(server.port, readNodes);
    expect((await server.stop()).code).toBe(0);
    expect(collector.received).toHaveLength(1);
    expect(troubles(server)).toMatchObject([{ reason: 'the process ended before the collector took them', spans: 2 }]);
  });
});

test('spans beyond the queue are dropped, and the log says so', async () => {
  const collector = await collecting(() => undefined);
  const queue = { OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2', OTEL_EXPORTER_OTLP_TIMEOUT: '200' };
  const server = await serving({ ...tracedTo(collector.url), ...queue });
  for (let call = 0; call < 40; call += 1) expect((await rpc(server.port, readNodes)).status).toBe(200);
  await eventually(() => troubles(server).length > 0);
  expect(troubles(server)).toHaveLength(1);
});

test('of 1,000 calls at once each that is answered has its span, with its own requests beneath it', async () => {
  const collector = await collecting();
  const server = await serving({ ...tracedTo(collector.url), OTEL_BSP_MAX_QUEUE_SIZE: '5000' });
  const calls = Array.from({ length: 1_000 }, (_, id) => rpc(server.port, { ...readNodes, id }).catch(() => undefined));
  const answers = (await Promise.all(calls)).flatMap((answer) => (answer === undefined ? [] : [answer.json()]));
  const answered = answers.map(({ id }) => id).filter((id) => id !== null).map(String);
  expect(answered.length).toBeGreaterThan(10);
  expect((await server.stop()).code).toBe(0);
  const spans = collector.spans();
  const messages = spans.filter(({ name }) => name === 'resources/read');
  const ids = messages.map(({ attributes }) => String(attributes['jsonrpc.request.id']));
  expect(ids).toEqual(expect.arrayContaining(answered));
  expect(new Set(ids).size).toBe(messages.length);
  const parents = spans.filter(({ kind }) => kind === 'SPAN_KIND_CLIENT').map(({ parentSpanId }) => parentSpanId);
  const succeeded = new Set(messages.filter(({ status }) => status === undefined).map(({ spanId }) => spanId));
  const beneath = parents.filter((parent) => succeeded.has(parent));
  expect([beneath.length, new Set(beneath).size]).toEqual([succeeded.size, succeeded.size]);
});

async function loadedWith(env: Record<string, string>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-loaded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const LOADED = join(folder, 'loaded');
  const flags = ['--import', join(import.meta.dirname, 'loaded.mjs')];
  const server = await startServer({ args: ['--kubeconfig', api.kubeconfig], env: { ...env, LOADED }, flags });
  await rpc(server.port, readNodes);
  await server.stop();
  return readFileSync(LOADED, 'utf8').split('\n');
}

test('nothing of OpenTelemetry is loaded where no endpoint is set', async () => {
  const ofOpenTelemetry = /@opentelemetry|\/otlp\.ts$/;
  const loaded = await loadedWith({ OTEL_SERVICE_NAME: 'x' });
  expect(loaded.some((url) => url.endsWith('/mcp-server/transports/http.ts'))).toBe(true);
  expect(loaded.filter((url) => ofOpenTelemetry.test(url))).toEqual([]);
  expect((await loadedWith(tracedTo('http://127.0.0.1:1'))).some((url) => ofOpenTelemetry.test(url))).toBe(true);
});
