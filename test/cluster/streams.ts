// How two streams are joined, whatever they lead to: a pod, a node, the API server.
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** An address of the cluster. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Where that can be reached on this machine: a unix socket. */
export interface Socket {
  readonly path: string;
}

/** What the client of a proxy is told first: that the target is there, or why it is not. */
export interface ProxyAnswers {
  readonly connected: string;
  refused(reason: string): string;
}

/** Nothing listens there; on a unix socket that nobody made, too. */
const NOBODY_LISTENS = ['ECONNREFUSED', 'ENOENT'];

/** Connects a stream with a TCP address or a unix socket; when either ends, so does the other. */
export function joinTo(target: Target | Socket, client: Duplex, answers?: ProxyAnswers): void {
  let connected = false;
  const pod = connect(target, () => {
    connected = true;
    client.write(answers?.connected ?? '');
    client.pipe(pod).pipe(client);
  });
  pod.on('error', (error: NodeJS.ErrnoException) => {
    const reason = NOBODY_LISTENS.includes(error.code ?? '') ? 'connection refused' : error.message;
    if (!connected) client.write(answers?.refused(reason) ?? '');
  });
  pod.on('close', () => client.end(() => client.destroy()));
  client.on('error', () => pod.destroy()).on('close', () => pod.destroy());
}
