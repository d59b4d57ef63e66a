// How a foreground command of this folder runs: until it is done or a signal asks it to stop, with an orderly end.
import { AssertionError } from 'node:assert';
import { inspect } from 'node:util';

/** What only a mistake in the code throws; whatever else goes wrong is told in one sentence. */
const DEFECTS = [TypeError, RangeError, ReferenceError, SyntaxError, AssertionError] as const;

/**
 * Runs `work` and ends the process: with the exit code `work` set, with 1 and one line on standard error when it threw
 * (a defect keeps its stack trace), and with 0 when it was asked to stop. All signals mean the same, however often they arrive: a terminal's Ctrl-C comes
 * twice through npm. So do a terminal that was closed, and an output that nobody reads any more.
 */
export async function runInForeground(work: (signal: AbortSignal) => Promise<void>): Promise<never> {
  const stop = new AbortController();
  process.on('SIGINT', () => stop.abort());
  process.on('SIGTERM', () => stop.abort());
  process.on('SIGHUP', () => stop.abort());
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());
  try {
    await work(stop.signal);
  } catch (error) {
    const isDefect = !(error instanceof Error) || DEFECTS.some((defect) => error instanceof defect);
    if (isDefect || !stop.signal.aborted) {
      process.stderr.write(`${isDefect ? inspect(error) : error.message}\n`);
      process.exitCode = 1;
    }
  }
  // At once: a process that ends by itself takes its signal handlers down first, and the second Ctrl-C would kill it.
  process.exit();
}
