// What a person needs to connect to what runs: URLs, MCP client configurations ready to paste, and the kubeconfig.
import { join } from 'node:path';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import type { Stack } from './stack.ts';

const MCP_SERVER = join(import.meta.dirname, '../../../mcp-server/main.ts');

/** URL of an MCPServer's endpoint that works from this machine; undefined while its Service has no forwarder. */
export function loopbackUrl({ metadata, spec }: MCPServerObject, forwarders: Stack['forwarders']): string | undefined {
  const base = forwarders.url(`${metadata.namespace}/${metadata.name}`);
  return base === undefined ? undefined : `${base}${spec.path ?? '/mcp'}`;
}

/** The text shown once everything is Ready. */
export function howToConnect({ plane, forwarders, servers }: Stack): string {
  const reachable = servers.list().flatMap((server) => {
    const url = loopbackUrl(server, forwarders);
    const { namespace, name } = server.metadata;
    const headers = forwarders.headers(`${namespace}/${name}`);
    return url === undefined ? [] : [{ name: `${namespace}-${name}`, inCluster: server.status?.endpoint ?? '', url, headers }];
  });
  const http = Object.fromEntries(
    reachable.map(({ name, url, headers }) => [name, { type: 'http', url, ...(headers.Authorization !== undefined && { headers }) }]),
  );
  // Never through npm: what it prints before the server starts would break the protocol.
  const stdio = { kubernetes: { command: process.execPath, args: [MCP_SERVER], env: { KUBECONFIG: plane.kubeconfig } } };
  return [
    '',
    'Endpoints (inside the cluster, and from this machine):',
    ...reachable.map(({ inCluster, url, headers }) => `  ${inCluster}  ${url}${headers.Authorization === undefined ? '' : '  (with the token below)'}`),
    'Everybody on this machine can reach these ports. A server that holds credentials takes a token; the others can do nothing in the cluster.',
    'No network plugin enforces NetworkPolicies here: pods of this cluster reach every server, without a token.',
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
