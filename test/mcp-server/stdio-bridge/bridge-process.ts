// Starts the stdio bridge as a pod does, as a process of its own before a real stdio server, and makes sure that nothing outlives it.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { COMPILED } from '../../support/compiled.ts';
import { raw, type RawAnswer } from '../server-process.ts';

const MAIN = join(import.meta.dirname, '../../../mcp-server/stdio-bridge/main.ts');
const LIMIT_MS = 30_000;

/** The command of a server in servers/, with arguments. */
export function fixture(name: string, ...args: readonly string[]): string[] {
  return [process.execPath, join(import.meta.dirname, 'servers', `${name}.ts`), ...args];
}

/** The command of the Kubernetes MCP server over stdio. */
export const KUBERNETES = [process.execPath, join(import.meta.dirname, '../../../mcp-server/main.ts')];

export interface BridgeProcess {
  /** The address it listens on. */
  readonly host: string;
  readonly port: number;
  readonly healthPort: number;
  readonly url: URL;
  readonly process: ChildProcess;
  /** Its log, parsed. */
  log(): Record<string, unknown>[];
  /** Its readiness, with the status. */
  ready(): Promise<{ readonly status: number } & Record<string, unknown>>;
  /** A metric without labels, or with exactly these. */
  metric(name: string): Promise<number>;
  /** Processes of its servers that run. */
  servers(): number[];
  /** SIGTERM, then waits for the end; fails when a process is left. Resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Waits, bounded, until something is true. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not in time: ${what}`);
}

/** Starts it on free ports, with further variables in its environment, and resolves when it listens. */
export async function startBridge(
  command: readonly string[],
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<BridgeProcess> {
  const mark = `MCP_BRIDGE_TEST=${randomUUID()}`;
  const args = [MAIN, '--port', '0', '--health-port', '0', ...flags, '--', ...command];
  const [name = '', value = ''] = mark.split('=');
  const environment = { ...COMPILED, ...env, PATH: process.env['PATH'] ?? '', [name]: value };
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const log = (): Record<string, unknown>[] =>
    text.split('\n').slice(0, -1).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  const serving = (): Record<string, unknown> | undefined => log().find(({ msg }) => msg === 'serving MCP');
  await until('the bridge listens', () => {
    if (child.exitCode !== null) throw new Error(text);
    return serving() !== undefined;
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const port = Number(serving()?.['port']);
  const healthPort = Number(serving()?.['healthPort']);
  const host = String(serving()?.['host']);
  return {
    host,
    port,
    healthPort,
    url: new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`),
    process: child,
    log,
    async ready() {
      const answer = await raw(healthPort, { host, path: '/readyz' });
      return { ...answer.json(), status: answer.status };
    },
    async metric(metric) {
      const { body } = await raw(healthPort, { host, path: '/metrics' });
      return Number(body.split('\n').find((line) => line.startsWith(`${metric} `))?.slice(metric.length) ?? Number.NaN);
    },
    servers: () => processesWith(mark).filter((pid) => pid !== child.pid),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      const [code] = await ended;
      clearTimeout(limit);
      await until('every process of its servers has ended', () => processesWith(mark).length === 0);
      return code;
    },
  };
}

/** Processes with such a variable in their environment, zombies aside. */
function processesWith(mark: string): number[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      return false;
    }
  }).map(Number);
}

/** Whether the bridge says that it is ready. */
export async function untilReady(bridge: BridgeProcess): Promise<void> {
  await until('the bridge is ready', async () => (await bridge.ready()).status === 200);
}

/** One JSON-RPC message by POST, as an MCP client of the era of sessions sends it. */
export function post(bridge: Pick<BridgeProcess, 'host' | 'port'>, message: object, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const all = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
  return raw(bridge.port, { host: bridge.host, method: 'POST', path: '/mcp', headers: all, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
}

export const INITIALIZE = {
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** Begins a session by hand; resolves to the header that names it. */
export async function openSession(bridge: Pick<BridgeProcess, 'host' | 'port'>): Promise<{ 'mcp-session-id': string }> {
  const answer = await post(bridge, INITIALIZE);
  expect(answer.status, answer.body).toBe(200);
  const session = { 'mcp-session-id': String(answer.headers['mcp-session-id']) };
  expect((await post(bridge, { method: 'notifications/initialized' }, session)).status).toBe(202);
  return session;
}

/** The messages of an answer, be it JSON or an event stream. */
export function messagesOf({ headers, body }: RawAnswer): Record<string, unknown>[] {
  if (headers['content-type'] === 'application/json') return [JSON.parse(body) as Record<string, unknown>];
  return [...body.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Record<string, unknown>);
}

/** Calls a tool by hand. */
export function call(name: string, args: object = {}, id: string | number = 1): object {
  return { id, method: 'tools/call', params: { name, arguments: args } };
}
