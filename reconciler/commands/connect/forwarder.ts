// A port of this machine whose connections end in a pod.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { isApiError } from '../../../kubernetes/errors.ts';
import { listenOnLoopback, type Listening } from '../listen.ts';
import { UserError } from '../user-error.ts';

export interface ForwarderOptions extends Listening {
  /** Joins a connection to a pod; what it rejects with is told to both sides. */
  readonly join: (local: Socket) => Promise<void>;
  /** Whether clients speak plain HTTP, so that a refusal can be an answer. */
  readonly isPlain: boolean;
}

/** Clients open a few. */
const MOST_CONNECTIONS = 100;

/** Listens; `close` ends all connections. Throws UserError where the port that was asked for cannot be used. */
export async function startForwarder(options: ForwarderOptions): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (local) => {
    sockets.add(local);
    local.on('close', () => sockets.delete(local)).on('error', () => local.destroy());
    void serve(local, options);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listenOnLoopback(server, options);
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
