// Runs a program that installs, to its end or to a bound, and keeps what it says.
import { spawn } from 'node:child_process';
import { LineReader } from '../line-reader.ts';
import { signalTo } from '../stragglers.ts';

const MAX_LINE = 4096;
/** Of each output so many lines are kept, from the first. */
const MOST_LINES = 200;
/** Others may hold its output open for ever. */
const LAST_OUTPUT_MS = 500;

export interface RunOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Ends it. */
  readonly stop: AbortSignal;
  /** Hears every line that is kept, of both outputs. */
  readonly onLine: (line: string) => void;
}

/** How it ended. */
export interface RunEnd {
  /** Undefined when it did what it should; else in words, such as `exit code 1`. */
  readonly failure: string | undefined;
  /** What it said on standard error. */
  readonly words: readonly string[];
}

/** Starts it without a shell, in a process group of its own, of which nothing is left at the end. */
export async function runToEnd(command: string, args: readonly string[], options: RunOptions): Promise<RunEnd> {
  const { env, cwd, timeoutMs, stop, onLine } = options;
  const words: string[] = [];
  const child = spawn(command, [...args], { env, cwd, detached: true, shell: false, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const [stream, into] of [[child.stdout, new Array<string>()], [child.stderr, words]] as const) {
    const keep = (line: string): void => {
      const text = line.trimEnd();
      if (text === '' || into.length >= MOST_LINES) return;
      into.push(text);
      onLine(text);
    };
    const lines = new LineReader(MAX_LINE, { onLine: keep, onLong: ({ head }) => keep(`${head}…`) });
    stream.on('data', (chunk: Buffer) => lines.push(chunk)).on('close', () => lines.end()).on('error', () => undefined);
  }
  const kill = (): void => {
    if (child.pid !== undefined) signalTo(-child.pid, 'SIGKILL');
  };
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutMs);
  stop.addEventListener('abort', kill, { once: true });
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code === 'ENOENT' ? `command not found: ${command}` : message));
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : endOf(code, signal)));
  });
  clearTimeout(late);
  stop.removeEventListener('abort', kill);
  kill();
  await Promise.race([closed, new Promise((resolve) => void setTimeout(resolve, LAST_OUTPUT_MS).unref())]);
  child.stdout.destroy();
  child.stderr.destroy();
  return { failure: isLate ? `it was not done within ${timeoutMs / 1000} s` : failure, words };
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (code !== null) return `exit code ${code}`;
  return signal === 'SIGKILL' ? 'SIGKILL, as the system ends what needs more memory than it may have' : String(signal);
}
