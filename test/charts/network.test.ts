// Ports, Service and network policy as rendered, behaviour by behaviour.
import { describe, expect, it } from 'vitest';
import { renderSpec } from '../support/rendered.ts';

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
