// Starts the Kubernetes MCP server as users do, as a process of its own, and speaks raw HTTP to it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { COMPILED } from '../support/compiled.ts';

export const MAIN = join(import.meta.dirname, '../../mcp-server/main.ts');
const START_LIMIT_MS = 60_000;

/** How a process ended, and everything it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServerProcess {
  readonly port: number;
  readonly url: string;
  readonly child: ChildProcess;
  /** One parsed log line per line of standard error. */
  log(): Record<string, unknown>[];
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ended>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<Ended>;
}

function launch(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): { child: ChildProcess; output: { stdout: string; stderr: string }; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [...flags, MAIN, ...args], {
    env: { ...COMPILED, PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

/** Starts it over HTTP on a free port, with `flags` for Node, and resolves when it listens; rejects with what it said when it ends instead. */
export async function startServer(
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>>; flags?: readonly string[] } = {},
): Promise<ServerProcess> {
  const { child, output, ended } = launch(['--transport', 'streamable-http', '--port', '0', ...(options.args ?? [])], options.env ?? {}, options.flags);
  const lines = (): Record<string, unknown>[] =>
    output.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const port = await new Promise<number>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not listening in time: ${output.stderr}`));
    }, START_LIMIT_MS);
    child.stderr?.on('data', () => {
      const port = output.stderr.endsWith('\n') ? lines().find((line) => line['msg'] === 'serving MCP')?.['port'] : undefined;
      if (port === undefined) return;
      clearTimeout(limit);
      resolve(port as number);
    });
    void ended.then(({ stderr }) => {
      clearTimeout(limit);
      reject(new Error(stderr));
    });
  });
  return {
    port,
    url: `http://127.0.0.1:${port}/mcp`,
    child,
    log: lines,
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Runs it with `input` as all of its standard input, until it ends by itself. */
export async function runServer(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ended> {
  const { child, ended } = launch(args, options.env ?? {});
  child.stdin?.end(options.input ?? '');
  const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const result = await ended;
  clearTimeout(limit);
  return result;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
  /** The body as JSON. */
  json(): { error?: { code: number; message: string }; result?: Record<string, unknown> } & Record<string, unknown>;
}

/** One HTTP request, from an address if it matters, with exactly these headers (fetch would add an Accept header and refuse a Host header). */
export function raw(
  port: number,
  options: { host?: string; from?: string; method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { host = '127.0.0.1', from, method = 'GET', path = '/', headers = {}, body } = options;
    const sent = request({ host, localAddress: from, port, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: text,
          json: () => JSON.parse(text) as ReturnType<RawAnswer['json']>,
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What curl sends for a JSON-RPC request: a Content-Type and, unlike curl's default, no Accept header at all. */
export function rpc(port: number, message: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return raw(port, { method: 'POST', path: '/mcp', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(message) });
}
