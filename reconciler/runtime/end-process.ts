// The end of a process whose main thread cannot end it, brought about by another thread.

/** By then the main thread has ended the process if it can still run anything. */
const EVALUATED_MS = 500;

/**
 * Ends the process with code 1, whatever JavaScript its main thread is in the middle of. When that hangs in a system call: by SIGKILL, or,
 * as the first process of a container, the moment the call returns. Call it from another thread, which must live on. Never settles.
 */
export async function endProcess(): Promise<never> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), EVALUATED_MS);
  // As a debugger does. The first process of a container does not get signals that come from inside and that it has no handler for, not even SIGKILL.
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connectToMainThread();
  return new Promise(() => session.post('Runtime.evaluate', { expression: 'process.exit(1)' }, () => session.disconnect()));
}
