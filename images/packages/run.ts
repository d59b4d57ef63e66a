// Runs a program to its end, within bounds; when it is asked to stop the program is gone before this returns.
import { spawn } from 'node:child_process';

/** How a program is run. */
export interface RunOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Ends a program that hangs, for instance on a registry that does not answer. @default 300000 */
  readonly limitMs?: number;
}

/** What a program said, and how it ended. */
export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** It was ended because it took too long. */
  readonly hung: boolean;
  /** There is no such program. */
  readonly missing: boolean;
}

const LIMIT_MS = 300_000;
/** Of each stream; what is said beyond is dropped. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/** Resolves however the program ends. Throws what the signal says once the program is gone. */
export async function run([program = '', ...args]: readonly string[], options: RunOptions): Promise<Outcome> {
  const { cwd, env, signal, limitMs = LIMIT_MS } = options;
  signal.throwIfAborted();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let hung = false;
  const kill = (): void => void child.kill('SIGKILL');
  const limit = setTimeout(() => {
    hung = true;
    kill();
  }, limitMs);
  signal.addEventListener('abort', kill);
  const texts = [child.stdout, child.stderr].map((stream) => {
    const chunks: string[] = [];
    let length = 0;
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      length += chunk.length;
      if (length <= MAX_OUTPUT) chunks.push(chunk);
    });
    return chunks;
  });
  try {
    const { code, missing } = await new Promise<{ code: number | null; missing: boolean }>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve({ code: null, missing: true }) : reject(error)));
      child.once('close', (ended) => resolve({ code: ended, missing: false }));
    });
    signal.throwIfAborted();
    const [stdout = '', stderr = ''] = texts.map((chunks) => chunks.join(''));
    return { ok: code === 0, stdout, stderr, hung, missing };
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', kill);
  }
}
