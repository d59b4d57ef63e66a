import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { mcpProbeMessage } from '../../../charts/checks/mcp-probes.ts';

const told = (fields: Partial<MCPServerSpec>): string | undefined => mcpProbeMessage(resolveSpec('demo', { image: 'example.com/server:1', ...fields }));
const get = (path?: string, port: string | number = 'mcp', more: object = {}): NonNullable<MCPServerSpec['probes']>['readiness'] =>
  ({ httpGet: { ...(path !== undefined && { path }), port, ...more } });

describe('of probes that ask the MCP endpoint by GET is told', () => {
  it('which they are, why that fails, and what to do', () => {
    expect(told({ probes: { liveness: get('/mcp') } })).toBe(
      'probes.liveness asks for the MCP path by GET, which MCP servers answer with 400, 405 or 406, or with a stream that does not end, so that it may fail though the server works: leave it out, for by default the port is asked by TCP, or ask a path for health checks that the server has.',
    );
    expect(told({ probes: { startup: get('/mcp'), readiness: get('/mcp/'), liveness: get('/mcp') } })).toMatch(/^probes\.startup, probes\.readiness and probes\.liveness ask for the MCP path/);
  });

  it.each<[string, Partial<MCPServerSpec>]>([
    ['by the name of the port', { probes: { readiness: get('/mcp') } }],
    ['by its number', { probes: { readiness: get('/mcp', 8080) } }],
    ['with a slash at the end', { probes: { readiness: get('/mcp/') } }],
    ['without one', { path: '/mcp/', probes: { readiness: get('/mcp') } }],
    ['with a query', { probes: { readiness: get('/mcp?probe=1') } }],
    ['by the path that Kubernetes assumes', { path: '/', probes: { readiness: get() } }],
    ['of the bridge of a stdio server', { transport: 'stdio', command: ['server'], probes: { readiness: get('/mcp', 8080) } }],
    ['over TLS', { transport: 'http', port: 3000, tls: {}, probes: { readiness: get('/mcp', 3000, { scheme: 'HTTPS' }) } }],
  ])('%s', (_how, fields) => {
    expect(told(fields)).toMatch(/^probes\.readiness asks for the MCP path by GET/);
  });

  it.each<[string, Partial<MCPServerSpec>]>([
    ['there is none', {}],
    ['another path is asked', { probes: { readiness: get('/mcp/health'), liveness: get() } }],
    ['another port is asked', { extraPorts: [{ name: 'health', port: 9090 }], probes: { readiness: get('/mcp', 'health'), liveness: get('/mcp', 9090) } }],
    ['another host is asked', { probes: { readiness: get('/mcp', 'mcp', { host: 'example.com' }) } }],
    ['it is asked by TCP', { probes: { readiness: { tcpSocket: { port: 'mcp' } } } }],
  ])('nothing where %s', (_what, fields) => {
    expect(told(fields)).toBeUndefined();
  });
});
