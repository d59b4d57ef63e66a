// Planted words: whatever clients send, pods print, kubeconfigs and the environment hold, none of it is in what a collector gets.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rpc, runServer, startServer } from '../server-process.ts';
import { onePod, startApiServer } from './api-server.ts';
import { tracedTo } from './clients.ts';
import { startCollector } from './collector.ts';

const WORD = 'canary';
/** Keys that a resource may have here. */
const RESOURCE = ['service.name', 'service.version', 'telemetry.sdk.language', 'telemetry.sdk.name', 'telemetry.sdk.version'];

/** Messages with the word wherever a client can put one but in its id and tracestate. */
function messages(): object[] {
  const said = { name: WORD, namespace: WORD, container: WORD, image: WORD, [WORD]: WORD };
  const meta = { baggage: `user=${WORD}`, progressToken: WORD, [WORD]: WORD, traceparent: WORD };
  const asked: [string, object][] = [
    ['initialize', { protocolVersion: WORD, capabilities: { experimental: { [WORD]: {} } }, clientInfo: { name: WORD, version: WORD } }],
    ['tools/call', { name: 'get-pod-logs', arguments: { name: 'web', namespace: WORD } }],
    ['tools/call', { name: 'create-pod', arguments: { name: WORD, namespace: WORD, image: WORD } }],
    ['tools/call', { name: 'delete-pod', arguments: said }],
    ['tools/call', { name: WORD, arguments: said }],
    ['resources/read', { uri: `k8s://namespace/${WORD}/pods` }],
    ['resources/read', { uri: `k8s://${WORD}/${WORD}?${WORD}#${WORD}` }],
    ['prompts/get', { name: 'troubleshoot-pod', arguments: { podName: WORD, namespace: WORD } }],
    ['prompts/get', { name: WORD, arguments: { [WORD]: WORD } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: WORD }, argument: { name: WORD, value: WORD } }],
    ['logging/setLevel', { level: WORD }],
    [WORD, said],
    [`tools/${WORD}`, said],
  ];
  const requests = asked.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }));
  const notified = [`notifications/${WORD}`, 'notifications/cancelled'].map((method) => ({ jsonrpc: '2.0', method, params: { reason: WORD, requestId: WORD } }));
  return [...requests, ...notified, { jsonrpc: '2.0', id: 99, method: 'tools/list', params: { cursor: [WORD] } }, { [WORD]: WORD }, [WORD]];
}

test('no planted word, and no address of the cluster, is in what a collector gets', async () => {
  const api = await startApiServer((request, response) => {
    response.setHeader('warning', WORD);
    if (request.url?.includes('/log') === true) response.end(`${WORD} ${WORD}\n`);
    else onePod(request, response);
  }, `${WORD}-token`);
  const collector = await startCollector();
  const folder = mkdtempSync(join(tmpdir(), `mcp-${WORD}-`));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await api.close();
    await collector.close();
  });
  const config = join(folder, `${WORD}.json`);
  writeFileSync(config, JSON.stringify({ MCP_SERVER_NAME: WORD, [WORD]: WORD }));
  const env = {
    ...tracedTo(collector.url.replace('//', `//${WORD}:${WORD}@`)), MCP_CONFIG_FILE: config, [`X_${WORD}`]: WORD, POD_NAME: WORD, HOSTNAME: WORD,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${WORD}`, MCP_ALLOWED_HOSTS: `${WORD}.example.com`, MCP_ALLOWED_ORIGINS: `https://${WORD}.example.com`,
  };
  const args = ['--kubeconfig', api.kubeconfig];
  const server = await startServer({ args, env });
  const headers = { authorization: `Bearer ${WORD}`, 'mcp-session-id': WORD, 'user-agent': WORD, cookie: WORD, baggage: WORD, origin: `https://${WORD}.example.com`, host: `${WORD}.example.com` };
  for (const message of messages()) {
    await rpc(server.port, message, headers);
    await rpc(server.port, message, { ...headers, 'mcp-protocol-version': '2026-07-28', 'mcp-method': WORD, 'mcp-name': WORD });
  }
  await server.stop();
  await runServer(args, { env, input: messages().map((message) => `${JSON.stringify(message)}\n`).join('') });
  const spans = collector.spans();
  const asked = new Set(spans.map(({ name }) => name));
  expect([...asked]).toEqual(expect.arrayContaining(['tools/call get-pod-logs', 'tools/call', 'resources/read', 'prompts/get', '_OTHER', 'tools/list']));
  const places = [WORD, api.address, api.address.split(':')[1] ?? '', folder, api.kubeconfig];
  for (const { body } of collector.received) expect(places.filter((each) => body.includes(each))).toEqual([]);
  expect(new Set(spans.flatMap(({ resource }) => Object.keys(resource)))).toEqual(new Set(RESOURCE));
  expect(new Set(spans.map(({ traceState, message }) => `${traceState}${message ?? ''}`))).toEqual(new Set(['']));
});
