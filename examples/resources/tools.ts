// Typed MCPServer resources instead of rendered objects, for clusters where the operator runs. The types know the fields; the
// validation plugin in cdk8s.yaml checks bounds and rules too while they are synthesized.
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { McpServer, McpServerSpecResourcesLimits, McpServerSpecTransport, type McpServerSpec } from 'mcp-server-operator/imports';

export class ToolsChart extends Chart {
  constructor(scope: Construct, id: string, { namespace }: { readonly namespace: string }) {
    super(scope, id, { namespace });
    const shared = {
      transport: McpServerSpecTransport.STREAMABLE_HYPHEN_HTTP,
      config: { LOG_LEVEL: 'info' },
      resources: { limits: { memory: McpServerSpecResourcesLimits.fromString('1Gi') } },
    } satisfies Partial<McpServerSpec>;

    new McpServer(this, 'weather', { metadata: { name: 'weather' }, spec: { ...shared, image: 'registry.example.com/weather-mcp:1.4.2', port: 3000 } });
    new McpServer(this, 'tickets', { metadata: { name: 'tickets' }, spec: { ...shared, image: 'registry.example.com/tickets-mcp:1.4.2', replicas: 2 } });
  }
}
