// Owns starting and stopping one child process: own process group, a log file, an end that is always reached.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** How a process ended: an exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running (or ended) child process. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Sends a signal to the process and everything it started. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs` (default 5000); resolves when the process has ended. */
  stop(graceMs?: number): Promise<Exit>;
  /** The last lines it wrote. */
  logTail(lines?: number): string;
}

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly cwd?: string;
}

const living = new Set<number>();

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group has ended already.
  }
}

// Last resort when this program ends without having stopped its children, for instance on an uncaught error.
process.on('exit', () => {
  for (const pid of living) signalGroup(pid, 'SIGKILL');
});

/** Starts a program as leader of a process group, its output appended to `logFile`. Throws when it cannot be started. */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const { name, logFile } = options;
  const log = openSync(logFile, 'a');
  const child = spawn(options.command, options.args ?? [], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`cannot start ${name} (${options.command}): ${error.message}`)));
  });
  const pid = child.pid as number;
  living.add(pid);
  const ended = exited.then((exit) => {
    signalGroup(pid, 'SIGKILL');
    living.delete(pid);
    return exit;
  });
  return {
    name,
    pid,
    exited: ended,
    running: () => living.has(pid),
    signal: (signal) => living.has(pid) && signalGroup(pid, signal),
    stop: (graceMs = 5000) => stop(pid, ended, graceMs),
    logTail: (lines = 15) => tail(logFile, lines),
  };
}

async function stop(pid: number, ended: Promise<Exit>, graceMs: number): Promise<Exit> {
  if (!living.has(pid)) return ended;
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  const exit = await ended;
  clearTimeout(timer);
  return exit;
}

function tail(file: string, lines: number): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
