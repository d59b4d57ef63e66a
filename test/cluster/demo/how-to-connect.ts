// What a person needs to connect to what runs: URLs, MCP client configurations ready to paste, and the kubeconfig.
import { join } from 'node:path';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import type { Stack } from './stack.ts';

const MCP_SERVER = join(import.meta.dirname, '../../../mcp-server/main.ts');

/** URL of an MCPServer's endpoint that works from this machine; undefined while its Service has no forwarder. */
export function loopbackUrl({ metadata, spec }: MCPServerObject, node: Stack['node']): string | undefined {
  const base = node.forwarders().get(`${metadata.namespace}/${metadata.name}`);
  return base === undefined ? undefined : `${base}${spec.path ?? '/mcp'}`;
}

/** The text shown once everything is Ready. */
export function howToConnect({ plane, node, servers }: Stack): string {
  const reachable = servers.list().flatMap((server) => {
    const url = loopbackUrl(server, node);
    return url === undefined
      ? []
      : [{ name: `${server.metadata.namespace}-${server.metadata.name}`, inCluster: server.status?.endpoint ?? '', url }];
  });
  const http = Object.fromEntries(reachable.map(({ name, url }) => [name, { type: 'http', url }]));
  // Never through npm: what it prints before the server starts would break the protocol.
  const stdio = { kubernetes: { command: process.execPath, args: [MCP_SERVER], env: { KUBECONFIG: plane.kubeconfig } } };
  return [
    '',
    'Endpoints (inside the cluster, and from this machine):',
    ...reachable.map(({ inCluster, url }) => `  ${inCluster}  ${url}`),
    '',
    'MCP client configuration, HTTP:',
    JSON.stringify({ mcpServers: http }, undefined, 2),
    '',
    'MCP client configuration, stdio, for desktop clients:',
    JSON.stringify({ mcpServers: stdio }, undefined, 2),
    '',
    'kubectl:',
    `  export KUBECONFIG=${plane.kubeconfig}`,
    `  ${plane.binaries.kubectl} get mcps -A`,
  ].join('\n');
}
