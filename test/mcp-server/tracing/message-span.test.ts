// What the span of a message says, whatever the message holds.
import { describe, expect, it } from 'vitest';
import { createCatalog } from '../../../mcp-server/catalog.ts';
import { createLogger } from '../../../mcp-server/log.ts';
import { asking, endOf, startOf } from '../../../mcp-server/tracing/message-span.ts';
import type { SpanStart } from '../../../mcp-server/tracing/port.ts';
import { memoryCluster } from '../cluster/memory-cluster.ts';

const catalog = createCatalog({ cluster: memoryCluster(), log: createLogger('silent', { write: () => undefined }) });
const versions = ['2026-07-28', '2025-11-25'];
const HTTP = { 'network.transport': 'tcp', 'network.protocol.name': 'http', 'network.protocol.version': '1.1' };
const VERSION = 'io.modelcontextprotocol/protocolVersion';

function begun(message: object, arrival: { http?: string; protocolVersion?: string } = {}): SpanStart | undefined {
  const asked = asking({ jsonrpc: '2.0', id: 1, ...message });
  return asked === undefined ? undefined : startOf(asked, catalog, { versions, ...arrival });
}

describe('the name', () => {
  it.each<[string, string, object]>([
    ['tools/call create-pod', 'tools/call', { name: 'create-pod' }],
    ['tools/call', 'tools/call', { name: 'drop-table' }],
    ['tools/call', 'tools/call', { name: { toString: 'create-pod' } }],
    ['prompts/get troubleshoot-pod', 'prompts/get', { name: 'troubleshoot-pod' }],
    ['prompts/get', 'prompts/get', { name: 'hunter2' }],
    ['resources/read', 'resources/read', { uri: 'k8s://cluster/nodes' }],
    ['tools/list', 'tools/list', {}],
    ['notifications/cancelled', 'notifications/cancelled', { requestId: 1 }],
    ['_OTHER', 'tools/call\u0000', { name: 'create-pod' }],
    ['_OTHER', 'constructor', {}],
  ])('is %s for %s of %j', (name, method, params) => {
    expect(begun({ method, params })?.name).toBe(name);
  });
});

describe('the attributes', () => {
  it.each([
    ['k8s://cluster/nodes', 'k8s://cluster/nodes'],
    ['k8s://namespace/shop/pods', 'k8s://namespace/{namespace}/pods'],
    ['k8s://namespace//pods', undefined],
    ['k8s://namespace/shop/pods/more', undefined],
    ['https://example.com/hunter2', undefined],
    [7, undefined],
  ])('have of the resource %s the template %s', (uri, template) => {
    expect(begun({ method: 'resources/read', params: { uri } })?.attributes['mcp.resource.uri']).toBe(template);
  });

  it('have an id of 128 characters at most, and none where there is none', () => {
    expect(begun({ method: 'ping', id: 'x'.repeat(1_000) })?.attributes['jsonrpc.request.id']).toBe('x'.repeat(128));
    expect(begun({ method: 'ping', id: 0 })?.attributes['jsonrpc.request.id']).toBe('0');
    for (const id of [null, undefined, {}, [1]]) expect(begun({ method: 'ping', id })?.attributes).not.toHaveProperty(['jsonrpc.request.id']);
  });

  it.each([
    ['2026-07-28', { _meta: { [VERSION]: '2026-07-28' } }, '2025-11-25'],
    ['2025-11-25', { _meta: { [VERSION]: 'hunter2' } }, '2025-11-25'],
    [undefined, { _meta: 'odd' }, 'hunter2'],
    [undefined, undefined, undefined],
  ])('have the version %s of those there are', (version, params, protocolVersion) => {
    const arrival = protocolVersion === undefined ? {} : { protocolVersion };
    expect(begun({ method: 'ping', params }, arrival)?.attributes['mcp.protocol.version']).toBe(version);
  });

  it('say how a message came', () => {
    expect(begun({ method: 'ping' })?.attributes).toMatchObject({ 'network.transport': 'pipe' });
    expect(begun({ method: 'ping' }, { http: '1.1' })?.attributes).toMatchObject(HTTP);
  });

  it('are none of what is no request and no notification', () => {
    const others = [undefined, null, 7, 'tools/call', [], [{ method: 'ping' }], {}, { result: {} }, { method: 7 }];
    for (const message of others) expect(asking(message)).toBeUndefined();
  });
});

describe('the end', () => {
  it.each<[unknown, number, object]>([
    [{ result: { content: [] } }, 200, {}],
    [{ result: { isError: true, content: [{ text: 'hunter2' }] } }, 200, { 'error.type': 'tool_error' }],
    [{ error: { code: -32602, message: 'hunter2' } }, 200, { 'error.type': '-32602', 'rpc.response.status_code': '-32602' }],
    [{ error: { code: -32000, message: 'busy' } }, 503, { 'error.type': '-32000', 'rpc.response.status_code': '-32000' }],
    [{ error: { code: 'hunter2' } }, 500, { 'error.type': '500' }],
    [undefined, 202, {}],
    [undefined, 499, { 'error.type': '499' }],
  ])('of %j with %i', (answer, status, attributes) => {
    expect(endOf(answer, status)).toEqual({ attributes });
  });
});
