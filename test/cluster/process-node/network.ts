// The invented addresses of node and pods, the loopback address behind each (10.244.x.y is 127.<network>.x.y), and the API server's way
// to them: an HTTP CONNECT proxy on a unix socket.
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { joinTo } from '../service-forwarders.ts';

/** The node's own address; its log endpoint is on port 10250. */
export const NODE_ADDRESS = '10.244.255.254';

/** Where an invented address can really be reached on `network` (1 to 255). */
export function loopback(network: number, address: string): string {
  return address.replace(/^10\.244\./, `127.${network}.`);
}

/** The address of the n-th pod. */
export function podAddress(n: number): string {
  const host = 2 + (n % 65_000);
  return `10.244.${host >> 8}.${host & 255}`;
}

/** Lets the API server reach node and pods through `socket`, and nothing else; the caller closes it. */
export async function startEgressProxy(socket: string, network: number): Promise<Server> {
  const server = createServer().on('connect', ({ url = '' }, client: Duplex) => {
    const [, host = '', port = ''] = /^(10\.244\.[\d.]+):(\d+)$/.exec(url) ?? [];
    const answers = { connected: 'HTTP/1.1 200 OK\r\n\r\n', refused: (reason: string) => `HTTP/1.1 502 ${reason}\r\n\r\n` };
    if (host === '') client.end(answers.refused('not an address of this node'));
    else joinTo({ host: loopback(network, host), port: Number(port) }, client, answers);
  });
  await rm(socket, { force: true });
  await new Promise<void>((done, reject) => server.once('error', reject).listen(socket, done));
  return server;
}
