// Runs a credential plugin: one process, bounded in time and in what it may print, ended with all it started.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

/** What to run. */
export interface PluginCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is ended. */
  readonly timeoutMs: number;
}

const MAX_OUTPUT_BYTES = 256 * 1024;
/** Of what it said on standard error, the last is kept. */
const MAX_COMPLAINT = 500;
const KEPT_COMPLAINT = 8 * MAX_COMPLAINT;
/** Time for the rest of its output after it ended: what it left in the background may keep the pipe open. */
const DRAIN_MS = 1_000;

/** A value behind a name that says it is a secret, as in `--token=x`, `"clientSecret": "x"` and `password: x`. */
const NAMED =
  /([\w-]*(?:token|secret|password|passwd|credential|authorization|key|assertion|signature)[\w-]*["']?\s*[:=]\s*)("[^"]*"?|'[^']*'?|[^\s&"',;]+)/gi;

/** How a plugin failed, as the rest of a sentence that begins with its name, and, apart from that, what it complained of. */
export class PluginFailure extends Error {
  readonly complaint: string;

  constructor(how: string, complaint: string = '') {
    super(how);
    this.complaint = complaint;
  }
}

/** Runs the command without a terminal and returns what it printed. Rejects with PluginFailure, whose message quotes nothing. */
export async function runPlugin({ command, args, env, timeoutMs }: PluginCommand): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A group of its own, so that what it started ends with it.
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true, windowsHide: true });
  const fail = (how: string): void => {
    reject(new PluginFailure(how, withoutCredentials(stderr()).slice(-MAX_COMPLAINT)));
  };
  // First of all: without a free file descriptor there is this event, and no pipe.
  child.once('error', (error: NodeJS.ErrnoException) => fail(startProblem(error)));
  const stderr = keepEnd(child.stderr);
  const stdout = collect(child.stdout, () => fail(`printed more than ${MAX_OUTPUT_BYTES / 1024} KiB`));
  const timer = setTimeout(() => fail(`gave no answer within ${timeoutMs / 1000} s`), timeoutMs);
  const ended = (code: number | null, signal: string | null): void => {
    if (code === 0) resolve(stdout());
    else fail(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`);
  };
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', (...how) => (drain = setTimeout(ended, DRAIN_MS, ...how)));
  child.once('close', ended);
  const stop = (): void => end(child);
  process.once('exit', stop);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearTimeout(drain);
    process.off('exit', stop);
    stop();
  }
}

function startProblem({ code = 'unknown reason' }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'cannot be started: there is no such program, or not what its first line names';
  return code === 'EACCES' ? 'cannot be started: it is not executable' : `cannot be started: ${code}`;
}

function collect(stream: Readable | undefined, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else tooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function keepEnd(stream: Readable | undefined): () => string {
  let kept = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    const text = kept + chunk;
    // A word cut in two could be half a token.
    kept = text.length > KEPT_COMPLAINT ? text.slice(-KEPT_COMPLAINT).replace(/^\S+/, '…') : text;
  });
  return () => kept;
}

function end(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  const running = child.exitCode === null && child.signalCode === null;
  if (child.pid === undefined || !running) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** One line, without control characters and whatever looks like a credential: keys, tokens, what stands behind such names, long opaque words. */
function withoutCredentials(text: string): string {
  const masked = oneLine(text)
    .replaceAll(/-----BEGIN[\s\S]*?(?:-----END[^-]*-----|$)/g, '***')
    .replace(/^[\s\S]*-----END[^-]*-----/, '***')
    .replaceAll(/\b(bearer|basic)\s+\S+/gi, '$1 ***')
    .replaceAll(NAMED, '$1***')
    .replaceAll(/([?&][\w.-]+=)[^\s&"']+/g, '$1***')
    .replaceAll(/\beyJ[\w.+/=-]+/g, '***')
    .replaceAll(/[A-Za-z0-9+=_-]{32,}/g, '***');
  return masked.trim();
}

/** The text without line breaks and control characters. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}
