// The end of a process whose main thread cannot end it, brought about by another thread.

/** By then the main thread has ended the process if it can still run anything. */
const EVALUATE_MS = 500;

/**
 * Ends the process with code 1, whatever JavaScript its main thread is in the middle of; by SIGKILL when that hangs in a system call.
 * Call it from another thread.
 */
export async function endProcess(): Promise<void> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), EVALUATE_MS);
  // As a debugger does. The kernel keeps from the first process of a container every signal that comes from inside and has no handler, SIGKILL too.
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: 'process.exit(1)' });
}
