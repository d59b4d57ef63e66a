// The invented addresses of node and pods, and the unix socket behind each port of one: no pod listens on a port of this machine.
import { join } from 'node:path';

/** The node's own address; its log endpoint is on port 10250. */
export const NODE_ADDRESS = '10.244.255.254';

/** The address of the n-th pod. */
export function podAddress(n: number): string {
  const host = 2 + (n % 65_000);
  return `10.244.${host >> 8}.${host & 255}`;
}

/** Where a port of an address can really be reached, by their folder; undefined for an address that none of the node's can be. */
export function socketOf(sockets: string, { host, port }: { host: string; port: number }): { path: string } | undefined {
  return host.startsWith('10.244.') ? { path: join(sockets, host, String(port)) } : undefined;
}
