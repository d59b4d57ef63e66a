// A port of this machine whose connections end in a pod.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { isApiError } from '../../../kubernetes/errors.ts';
import { reasonOf, UserError } from '../user-error.ts';

export interface ForwarderOptions {
  /** What is asked for by the user; undefined: `preferred` where that is free, else any. */
  readonly port: number | undefined;
  readonly preferred: number;
  /** Joins a connection to a pod; what it rejects with is told to both sides. */
  readonly join: (local: Socket) => Promise<void>;
  /** Whether clients speak plain HTTP, so that a refusal can be an answer. */
  readonly isPlain: boolean;
  readonly note: (sentence: string) => void;
}

/** Clients open a few. */
const MOST_CONNECTIONS = 100;
/** Nobody but this machine. */
const HOST = '127.0.0.1';

/** Listens; `close` ends all connections. Throws UserError where the port that was asked for cannot be used. */
export async function startForwarder(options: ForwarderOptions): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (local) => {
    sockets.add(local);
    local.on('close', () => sockets.delete(local)).on('error', () => local.destroy());
    void serve(local, options);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listen(server, options);
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, close };
}

async function serve(local: Socket, { join, isPlain, note }: ForwarderOptions): Promise<void> {
  try {
    await join(local);
  } catch (error) {
    if (!isApiError(error) && !(error instanceof UserError)) {
      local.destroy();
      if ((error as Error | undefined)?.name !== 'AbortError') throw error;
      return;
    }
    note(error.message);
    // Where something came through already, more would be taken for a part of it.
    if (isPlain && local.bytesWritten === 0) local.end(refusal(error.message));
    else local.destroy();
  }
}

function refusal(sentence: string): string {
  const body = `${JSON.stringify({ error: sentence })}\n`;
  return `HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}

async function listen(server: Server, { port, preferred, note }: ForwarderOptions): Promise<number> {
  try {
    return await listenAt(server, port ?? preferred);
  } catch (error) {
    if (port !== undefined) throw new UserError(`cannot listen on port ${port}: ${portReason(error)}; name another with --port, or none`, { cause: error });
    const other = await listenAt(server, 0);
    note(`Port ${preferred} cannot be used here (${portReason(error)}): this is ${other}`);
    return other;
  }
}

async function listenAt(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, HOST, resolve);
  try {
    await promise;
  } finally {
    server.off('error', reject);
  }
  return (server.address() as AddressInfo).port;
}

function portReason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'somebody else listens there' : reasonOf(error);
}
