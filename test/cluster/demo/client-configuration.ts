// The configuration of MCP clients for what runs: as most of them read it, by URL, and as those read it that start programs. Pure.
import type { MCPServerObject } from '../../../reconciler/kinds.ts';

/** A server, as a client on this machine reaches it. */
export interface ClientEntry {
  /** Its name, with the namespace where another has the same. */
  readonly name: string;
  readonly server: MCPServerObject;
  readonly url: string;
  /** What it must be shown. */
  readonly token: string | undefined;
}

/** Names that are unique among the servers: alone where they are, else behind the namespace. */
export function clientNames(servers: readonly Pick<MCPServerObject, 'metadata'>[]): string[] {
  return servers.map(({ metadata: { namespace, name } }) => {
    const isUnique = servers.filter(({ metadata }) => metadata.name === name).length === 1;
    return isUnique ? name : `${namespace}-${name}`;
  });
}

/** For clients that connect with URLs. */
export function httpConfiguration(entries: readonly ClientEntry[]): string {
  const servers = entries.map(({ name, url, token }) => {
    const headers = token === undefined ? {} : { headers: { Authorization: token } };
    return [name, { type: 'http', url, ...headers }] as const;
  });
  return asText(Object.fromEntries(servers));
}

/** For clients that start programs: the Kubernetes MCP server on this machine, of the sources. Never through npm: what it prints first would break the protocol. */
export function stdioConfiguration(program: { readonly node: string; readonly main: string; readonly kubeconfig: string }): string {
  return asText({ kubernetes: { command: program.node, args: [program.main], env: { KUBECONFIG: program.kubeconfig } } });
}

function asText(mcpServers: object): string {
  return `${JSON.stringify({ mcpServers }, undefined, 2)}\n`;
}
