// How the API server reaches invented addresses: an HTTP CONNECT proxy on a unix socket.
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Addresses } from './addresses.ts';

/** Listens on `socket`; the caller closes it. */
export async function startEgressProxy(socket: string, addresses: Addresses): Promise<Server> {
  const open = new Set<Duplex>();
  const server = createServer().on('connect', (request, client: Duplex, head: Buffer) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? [];
    const target = addresses.loopback(host);
    if (target === undefined) client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else tunnel(client, { target, port: Number(port), head });
    open.add(client);
    client.once('close', () => open.delete(client));
  });
  server.on('close', () => open.forEach((client) => client.destroy()));
  await rm(socket, { force: true });
  await new Promise<void>((done, reject) => server.once('error', reject).listen(socket, done));
  return server;
}

function tunnel(client: Duplex, to: { target: string; port: number; head: Buffer }): void {
  const pod = connect(to.port, to.target, () => {
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    pod.write(to.head);
    pod.pipe(client).pipe(pod);
  });
  pod.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')).on('close', () => client.destroy());
  client.on('error', () => pod.destroy()).on('close', () => pod.destroy());
}
