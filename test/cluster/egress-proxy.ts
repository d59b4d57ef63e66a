// The API server's way to nodes and pods: an HTTP CONNECT proxy on a unix socket.
import { rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { joinTo, type Target } from './service-forwarders.ts';

/** Serves the socket; `locate` tells where an asked address can really be reached, or undefined where it is none of the node's. The caller closes it. */
export async function startEgressProxy(socket: string, locate: (target: Target) => Target | undefined): Promise<Server> {
  const server = createServer().on('connect', ({ url = '' }, client: Duplex) => {
    const [, host = '', port = ''] = /^([\d.]+):(\d+)$/.exec(url) ?? [];
    const target = locate({ host, port: Number(port) });
    const answers = { connected: 'HTTP/1.1 200 OK\r\n\r\n', refused: (reason: string) => `HTTP/1.1 502 ${reason}\r\n\r\n` };
    if (target === undefined) client.end(answers.refused('not an address of this node'));
    else joinTo(target, client, answers);
  });
  await rm(socket, { force: true });
  await new Promise<void>((done, reject) => server.once('error', reject).listen(socket, done));
  return server;
}

/** Connects a client with an address of the cluster through the proxy at `socket`, as the API server does. */
export function joinThrough(socket: string, { host, port }: Target, client: Duplex): void {
  const asking = request({ socketPath: socket, method: 'CONNECT', path: `${host}:${port}` });
  asking.on('connect', ({ statusCode }, pod: Duplex) => {
    if (statusCode !== 200) client.destroy();
    for (const [one, other] of [[client, pod], [pod, client]] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  asking.on('error', () => client.destroy()).end();
}
