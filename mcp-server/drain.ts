// Ends an HTTP server without cutting off requests that are being answered.
import type { Server } from 'node:http';

const STEP_MS = 50;

/**
 * Stops accepting, lets running requests finish and closes idle keep-alive connections as they appear. What is left
 * after `deadlineMs` is cut off. `beforeCut` runs as soon as `busy` says that no ordinary request is left, or at the deadline.
 */
export async function drain(server: Server, { busy, beforeCut, deadlineMs }: { busy: () => boolean; beforeCut: () => Promise<void>; deadlineMs: number }): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const deadline = Date.now() + deadlineMs;
  // A connection can turn idle at any time, and server.close() waits for it until its keep-alive timeout.
  const idle = setInterval(() => server.closeIdleConnections(), STEP_MS);
  while (busy() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  await beforeCut();
  const cut = setTimeout(() => server.closeAllConnections(), Math.max(STEP_MS, deadline - Date.now()));
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
