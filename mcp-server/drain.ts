// Ends an HTTP server without cutting off requests that are being answered.
import type { Server } from 'node:http';

const STEP_MS = 50;

/**
 * Stops accepting, lets running requests finish and closes keep-alive connections as they turn idle. What is left after
 * `deadlineMs` is cut off. Resolves when all is closed, with whether that took no force.
 */
export async function drain(server: Server, deadlineMs: number): Promise<boolean> {
  let complete = true;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // server.close() would wait for a connection that turns idle later until its keep-alive timeout.
  const idle = setInterval(() => server.closeIdleConnections(), STEP_MS);
  const cut = setTimeout(() => {
    complete = false;
    server.closeAllConnections();
  }, deadlineMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
  return complete;
}
