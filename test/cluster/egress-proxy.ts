// The API server's way to nodes and pods: an HTTP CONNECT proxy on a unix socket.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { joinTo, type Socket, type Target } from './streams.ts';

/** Serves the socket; `locate` tells where an asked address can really be reached, or undefined where it is none of the node's. The caller closes it. */
export async function startEgressProxy(socket: string, locate: (target: Target) => Target | Socket | undefined): Promise<Server> {
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

/** A connection to an address of the cluster through the proxy at `socket`, as the API server makes them. Rejects when there is nobody. */
export async function connectThrough(socket: string, { host, port }: Target): Promise<Duplex> {
  const asking = request({ socketPath: socket, method: 'CONNECT', path: `${host}:${port}` }).end();
  const [answer, stream] = (await once(asking, 'connect')) as [IncomingMessage, Duplex];
  if (answer.statusCode === 200) return stream;
  stream.destroy();
  throw new Error(`${host}:${port}: ${answer.statusMessage}`);
}
