// Ends an HTTP server without cutting off requests that are being answered, or that are on their way.
import type { Server, ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';

const STEP_MS = 50;
/** How long kept connections stay open to say that they end. */
const LINGER_MS = 5000;

/**
 * Accepts no more connections and lets running requests finish. Whoever asks once more over a kept connection is answered and told
 * to come back over a new one: a connection that is closed the moment its client writes fails that call. After 5 s connections
 * are closed as they are idle; what is left after `deadlineMs` is cut off. Resolves when all is closed, with whether that took no force.
 */
export async function drainHttpServer(server: Server, deadlineMs: number): Promise<boolean> {
  let complete = true;
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('Connection', 'close'));
  const closed = new Promise<void>((resolve) => {
    // That of HTTP servers closes idle connections at once.
    TcpServer.prototype.close.call(server, () => resolve());
  });
  const started = Date.now();
  const idle = setInterval(() => {
    // In the check phase: requests that have arrived have been read by then, also after a busy moment.
    if (Date.now() - started >= LINGER_MS) setImmediate(() => server.closeIdleConnections());
  }, STEP_MS);
  const cut = setTimeout(() => {
    complete = false;
    server.closeAllConnections();
  }, deadlineMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
  return complete;
}
