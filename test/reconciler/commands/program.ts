// The command line as a process of its own, with nothing in its environment but what a test says: for what only a process shows.
// What a command says and how it ends is asked in the test's own process (`in-process.ts`), which starts none.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { COMPILED } from '../../support/compiled.ts';
import type { Calling, Ended } from './in-process.ts';

const MAIN = join(import.meta.dirname, '../../../reconciler/main.ts');
const LIMIT_MS = 60_000;

interface Starting extends Calling {
  /** Sees the process as soon as it runs. */
  readonly onStart?: (child: ChildProcessWithoutNullStreams) => void;
}

/** Starts it. */
export async function start(args: readonly string[], { env = {}, input = '', onStart }: Starting = {}): Promise<Ended> {
  const all = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...COMPILED, ...env };
  const child = spawn(process.execPath, [MAIN, ...args], { env: all, timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  child.stdin.on('error', () => {}).end(input);
  onStart?.(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...output };
}
