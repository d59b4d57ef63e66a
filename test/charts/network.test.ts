// Ports, Service and network policy as rendered, behaviour by behaviour.
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import { clientIpAffinity, endpointUrl } from '../../charts/service.ts';
import { MINIMAL, renderSpec } from '../support/rendered.ts';

describe('extra ports', () => {
  const extraPorts = [{ name: 'metrics', port: 9090 }, { name: 'health', port: 8081 }];

  it('are ports of the container and of the Service, which finds them by name, behind the MCP port and in one order', () => {
    const { container, find } = renderSpec({ extraPorts });
    expect(container['ports']).toEqual([
      { name: 'mcp', containerPort: 8080, protocol: 'TCP' },
      { name: 'health', containerPort: 8081, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
    ]);
    expect(find('Service')?.['spec']).toMatchObject({
      ports: [
        { name: 'mcp', port: 8080, targetPort: 'mcp', protocol: 'TCP' },
        { name: 'health', port: 8081, targetPort: 'health', protocol: 'TCP' },
        { name: 'metrics', port: 9090, targetPort: 'metrics', protocol: 'TCP' },
      ],
    });
    expect(renderSpec({ extraPorts: extraPorts.toReversed() }).manifests).toEqual(renderSpec({ extraPorts }).manifests);
  });
});

/** Spec of the rendered Service. */
function serviceOf(service: MCPServerSpec['service'], more: Partial<MCPServerSpec> = {}): Record<string, unknown> {
  return renderSpec({ ...more, service }).find('Service')?.['spec'] as Record<string, unknown>;
}

describe('the Service', () => {
  it('is the same without service as with an empty one', () => {
    expect(renderSpec({ service: {} }).manifests).toEqual(renderSpec().manifests);
  });

  it('has a port of its own in front of that of the pods, and so has the endpoint', () => {
    const { container, find } = renderSpec({ port: 9000, service: { port: 80, appProtocol: 'kgateway.dev/mcp' } });
    expect(container['ports']).toEqual([{ name: 'mcp', containerPort: 9000, protocol: 'TCP' }]);
    expect(find('Service')?.['spec']).toMatchObject({ ports: [{ name: 'mcp', port: 80, targetPort: 'mcp', appProtocol: 'kgateway.dev/mcp' }] });
    const spec = resolveSpec('demo', { ...MINIMAL, port: 9000, service: { port: 80 } });
    expect(endpointUrl({ name: 'demo', namespace: 'tools', spec })).toBe('http://demo.tools.svc:80/mcp');
  });

  it('says what is spoken on the MCP port, and nothing about the others', () => {
    const { ports } = serviceOf({ appProtocol: 'http' }, { extraPorts: [{ name: 'metrics', port: 9090 }] });
    expect(ports).toEqual([expect.objectContaining({ appProtocol: 'http' }), expect.not.objectContaining({ appProtocol: 'http' })]);
  });

  it('carries annotations that no other object gets', () => {
    const annotations = { 'example.com/scheme': 'internal' };
    for (const { kind, metadata } of renderSpec({ service: { annotations } }).manifests) {
      expect(metadata.annotations).toEqual(kind === 'Service' ? annotations : undefined);
    }
  });

  it('says nothing about affinity for Auto, because what was observed decides', () => {
    for (const service of [{}, { sessionAffinity: 'Auto' as const }, { sessionAffinityTimeoutSeconds: 60 }]) {
      expect(serviceOf(service)).not.toHaveProperty('sessionAffinity');
    }
    expect(serviceOf({ sessionAffinity: 'None' })).toMatchObject({ sessionAffinity: 'None' });
  });

  it.each([[undefined, 10_800], [60, 60]])('with ClientIP affinity and timeout %s keeps a client at its pod for %s s, exactly as the overlay for Auto would', (sessionAffinityTimeoutSeconds, timeoutSeconds) => {
    const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
    const timeout = sessionAffinityTimeoutSeconds && { sessionAffinityTimeoutSeconds };
    expect(serviceOf({ sessionAffinity: 'ClientIP', ...timeout })).toMatchObject(affinity);
    expect(clientIpAffinity(resolveSpec('demo', { ...MINIMAL, service: { sessionAffinityTimeoutSeconds } }))).toEqual(affinity);
  });
});
