// `mcp-operator` as a process of its own, at a cluster.
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { COMPILED } from './compiled.ts';

const MAIN = join(import.meta.dirname, '../../reconciler/main.ts');

/** How the process ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A way to run commands with a kubeconfig. */
export type Cli = (...args: readonly string[]) => Promise<Ended>;

/** Runs each command to its end, two and a half minutes at most: many tests may run beside it. */
export function cliWith(kubeconfig: string, home = '/nonexistent'): Cli {
  return (...args) => new Promise((resolve) => {
    const options = { timeout: 150_000, env: environment(kubeconfig, home) };
    const child = execFile(process.execPath, [MAIN, ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

/** A command that goes on until it is told to end. */
export interface RunningCli {
  readonly process: ChildProcessWithoutNullStreams;
  /** What it printed on either stream so far. */
  readonly printed: () => { readonly stdout: string; readonly stderr: string };
  /** Ends it by a signal; how it ended. */
  readonly end: (signal?: NodeJS.Signals) => Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface StartOptions {
  readonly home: string;
  readonly cwd: string;
  readonly args: readonly string[];
  /** Where programs are looked for; default: where this process does. */
  readonly path?: string;
}

/** Starts a command in a folder; the caller ends it. */
export function startCli(kubeconfig: string, { home, cwd, args, path }: StartOptions): RunningCli {
  const env = { ...environment(kubeconfig, home), ...(path !== undefined && { PATH: path }) };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => { printed.stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { printed.stderr += chunk.toString(); });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    process: child,
    printed: () => printed,
    end: (signal = 'SIGINT') => {
      child.kill(signal);
      return ended;
    },
  };
}

function environment(kubeconfig: string, home: string): Record<string, string> {
  return { ...COMPILED, PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: kubeconfig };
}
