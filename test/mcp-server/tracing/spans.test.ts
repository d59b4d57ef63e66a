// The spans of the real process, as a collector gets them: for real clients of both SDKs over both transports.
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { rpc, startServer } from '../server-process.ts';
import { startApiServer, type ApiServer } from './api-server.ts';
import { CLIENTS, tracedTo, using } from './clients.ts';
import { startCollector, type Collector, type ReadSpan } from './collector.ts';

let api: ApiServer;
let collector: Collector;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.close());
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const CONTEXT = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE' };
const named = (spans: readonly ReadSpan[], name: string): ReadSpan[] => spans.filter((span) => span.name === name);
const childrenOf = (spans: readonly ReadSpan[], span: ReadSpan | undefined): ReadSpan[] =>
  spans.filter(({ parentSpanId }) => parentSpanId === span?.spanId);

describe.each(CLIENTS)('of $name', (kind) => {
  const { version, isHttp } = kind;
  const network = isHttp
    ? { 'network.transport': 'tcp', 'network.protocol.name': 'http', 'network.protocol.version': '1.1' }
    : { 'network.transport': 'pipe' };

  test('each message has one, with what was called, how it ended, and the requests to the API server beneath it', async () => {
    await using(kind, { args: ['--kubeconfig', api.kubeconfig], env: tracedTo(collector.url) }, async (client) => {
      await client.request('tools/list', {});
      await client.request('tools/call', { name: 'get-pod-logs', arguments: { name: 'web', namespace: 'shop' }, _meta: CONTEXT });
      await client.request('tools/call', { name: 'delete-pod', arguments: { name: 'gone', namespace: 'shop' } });
      await client.request('resources/read', { uri: 'k8s://namespace/shop/pods' });
      await client.request('prompts/get', { name: 'troubleshoot-pod', arguments: { podName: 'web' } });
      await expect(client.request('prompts/get', { name: 'nothing' })).rejects.toThrow('nothing');
    });
    const spans = collector.spans();
    const [logs] = named(spans, 'tools/call get-pod-logs');
    expect(logs).toMatchObject({ kind: 'SPAN_KIND_SERVER', traceId: TRACE, parentSpanId: PARENT, traceState: CONTEXT.tracestate });
    expect(logs?.attributes).toEqual({
      'mcp.method.name': 'tools/call', 'mcp.protocol.version': version, 'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get-pod-logs', 'jsonrpc.request.id': expect.stringMatching(/^\d+$/) as string,
      'kubernetes_mcp_server.turn.wait': expect.any(Number) as number, ...network,
    });
    expect(logs?.status).toBeUndefined();
    const pod = '/api/v1/namespaces/{namespace}/pods/{name}';
    expect(childrenOf(spans, logs).map(({ name, kind, traceId, attributes }) => ({ name, kind, traceId, attributes }))).toEqual(
      [pod, `${pod}/log`].map((template) => ({
        name: `GET ${template}`, kind: 'SPAN_KIND_CLIENT', traceId: TRACE,
        attributes: { 'http.request.method': 'GET', 'url.template': template, 'http.response.status_code': 200 },
      })),
    );
    const [failed] = named(spans, 'tools/call delete-pod');
    expect(failed).toMatchObject({ parentSpanId: '', status: 'STATUS_CODE_ERROR', attributes: { 'error.type': 'tool_error' } });
    expect(childrenOf(spans, failed)).toMatchObject([{ status: 'STATUS_CODE_ERROR', attributes: { 'error.type': '404' } }]);
    expect(named(spans, 'resources/read')).toMatchObject([{ attributes: { 'mcp.resource.uri': 'k8s://namespace/{namespace}/pods' }, status: undefined }]);
    expect(named(spans, 'prompts/get troubleshoot-pod')).toMatchObject([{ attributes: { 'gen_ai.prompt.name': 'troubleshoot-pod' } }]);
    const [unknown] = named(spans, 'prompts/get');
    expect(unknown).toMatchObject({ status: 'STATUS_CODE_ERROR', attributes: { 'error.type': '-32602', 'rpc.response.status_code': '-32602' } });
    expect(named(spans, 'tools/list')).toHaveLength(1);
    expect(named(spans, 'initialize').map(({ attributes }) => attributes['mcp.method.name'])).toEqual(version === '2025-11-25' ? ['initialize'] : []);
    expect(named(spans, 'notifications/initialized')).toHaveLength(version === '2025-11-25' ? 1 : 0);
    expect(new Set(spans.map(({ kind }) => kind))).toEqual(new Set(['SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT']));
    expect(spans.every(({ nanoseconds, message }) => nanoseconds >= 0n && message === undefined)).toBe(true);
    expect(logs?.resource).toMatchObject({ 'service.name': 'kubernetes-mcp-server', 'service.version': packageJson.version, 'telemetry.sdk.language': 'nodejs' });
  });
});

test('the line of a call leads to its span', async () => {
  const server = await startServer({ args: ['--kubeconfig', api.kubeconfig], env: tracedTo(collector.url) });
  try {
    await rpc(server.port, { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'k8s://cluster/nodes', _meta: CONTEXT } });
    const [span] = named(await collector.until(2), 'resources/read');
    expect(server.log().find(({ msg }) => msg === 'call finished')).toMatchObject({ trace_id: TRACE, span_id: span?.spanId });
    expect(server.log().find(({ msg }) => msg === 'sending traces')).toMatchObject({ level: 'info', collector: collector.url });
  } finally {
    await server.stop();
  }
});

function list(meta?: object): object {
  return { jsonrpc: '2.0', id: 'list-1', method: 'tools/list', params: meta === undefined ? {} : { _meta: meta } };
}

async function spanOf(message: object, headers: Record<string, string>, env: Record<string, string> = {}): Promise<ReadSpan | undefined> {
  const server = await startServer({ env: { ...tracedTo(collector.url), ...env } });
  try {
    expect((await rpc(server.port, message, headers)).status).toBe(200);
    return (await collector.until(1))[0];
  } finally {
    await server.stop();
  }
}

test('who sends them is named as asked for, and where, how and with what they are sent too', async () => {
  const span = await spanOf(list(), {}, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/tenant/traces?x=1`,
    OTEL_SERVICE_NAME: 'assistant-kubernetes', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=test%2Cone',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=abc%20d,x-tenant=shop', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=traces', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  });
  expect(span?.resource).toMatchObject({ 'service.name': 'assistant-kubernetes', 'deployment.environment.name': 'test,one' });
  expect(collector.received[0]).toMatchObject({
    path: '/tenant/traces?x=1',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip', 'api-key': 'abc d', 'x-tenant': 'traces' },
  });
});

describe('sampled are', () => {
  const notSampled = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` };
  const sampled = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  test.each<[string, Record<string, string>, number[]]>([
    ['those whose client samples, and all that have none', {}, [0, 1, 1]],
    ['none but those whose client samples', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, [0, 1, 0]],
    ['all, whatever clients say', { OTEL_TRACES_SAMPLER: 'always_on' }, [1, 1, 1]],
    ['none', { OTEL_TRACES_SAMPLER: 'always_off' }, [0, 0, 0]],
    ['a share, here none', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, [0, 0, 0]],
    ['a share of those whose client says nothing, here none', { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, [0, 1, 0]],
  ])('%s', async (_, env, expected) => {
    const server = await startServer({ env: { ...tracedTo(collector.url), ...env } });
    const methods = ['ping', 'tools/list', 'prompts/list'];
    try {
      for (const [index, meta] of [notSampled, sampled, {}].entries()) {
        await rpc(server.port, { jsonrpc: '2.0', id: 1, method: methods[index], params: { _meta: meta } });
      }
    } finally {
      await server.stop();
    }
    const names = collector.spans().map(({ name }) => name);
    expect(methods.map((method) => names.filter((name) => name === method).length)).toEqual(expected);
  });
});

describe('the parent over HTTP', () => {
  const header = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  test('is that of the message, and the one of its HTTP request is a link', async () => {
    const span = await spanOf(list(CONTEXT), { traceparent: header });
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }] });
    expect(span?.attributes['jsonrpc.request.id']).toBe('list-1');
  });

  test('is that of the HTTP request where the message has none', async () => {
    expect(await spanOf(list(), { traceparent: header })).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16), links: [] });
  });

  test('is nobody where what should name it is no trace context, and the request is answered all the same', async () => {
    const server = await startServer({ env: tracedTo(collector.url) });
    try {
      const odd = ['x', [CONTEXT.traceparent], 7, { a: 1 }, `00-${'1'.repeat(500_000)}`];
      for (const traceparent of odd) {
        expect((await rpc(server.port, list({ traceparent }), { traceparent: 'garbage' })).json().result).toHaveProperty('tools');
      }
      expect((await rpc(server.port, { jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: 'odd' } })).json().error?.code).toBe(-32602);
      const spans = await collector.until(odd.length + 1);
      expect(new Set(spans.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set(['']));
      expect(spans.at(-1)).toMatchObject({ name: 'ping', status: 'STATUS_CODE_ERROR', attributes: { 'error.type': '-32602' } });
    } finally {
      await server.stop();
    }
  });
});
