// The end of a process whose main thread cannot end it, brought about by another thread.

/** By then the main thread has ended the process if it can still run anything. */
const EVALUATED_MS = 500;

/**
 * Ends the process with code 1, whatever JavaScript its main thread is in the middle of; by SIGKILL when that hangs in a system call.
 * Call it from another thread.
 */
export async function endProcess(): Promise<void> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), EVALUATED_MS);
  // As a debugger does. The first process of a container does not get signals that come from inside and that it has no handler for, not even SIGKILL.
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: 'process.exit(1)' });
}
