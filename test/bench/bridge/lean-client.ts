// Clients that do as little as can be done, so that what is measured is the way to the server and not they.
import { spawn, type ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { COMPILED } from '../../support/compiled.ts';

/** A connection to a server, by one way or another. */
export interface LeanClient {
  /** Sends a request, and waits for its reply. */
  readonly ask: (method: string, params: object) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export const INTRODUCTION = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } };

/** Speaks over HTTP, on one connection, in a session where there is one. */
export function overHttp(port: number): LeanClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let session: Record<string, string> = {};
  let id = 0;
  const send = (method: string, body: string): Promise<string> => new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...session };
    const sent = request({ host: '127.0.0.1', port, method, path: '/mcp', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        const given = answer.headers['mcp-session-id'];
        if (typeof given === 'string') session = { 'mcp-session-id': given };
        if ((answer.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`HTTP ${answer.statusCode}: ${text}`));
      });
      answer.on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
  return {
    async ask(method, params) {
      id += 1;
      const text = await send('POST', JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      const data = text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}');
      const reply = JSON.parse(data) as { id?: unknown; result?: unknown };
      if (reply.id !== id || reply.result === undefined) throw new Error(`no result: ${text.slice(0, 300)}`);
      if (method === 'initialize') await send('POST', JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
      return reply.result;
    },
    async close() {
      if ('mcp-session-id' in session) await send('DELETE', '').catch(() => undefined);
      agent.destroy();
    },
  };
}

/** Speaks over standard input and output with a process of its own. */
export function overStdio(command: readonly string[]): LeanClient & { readonly process: ChildProcess } {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...COMPILED } });
  const waiting = new Map<number, (result: unknown) => void>();
  let id = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as { id?: number; result?: unknown };
    if (reply.id === undefined) return;
    waiting.get(reply.id)?.(reply.result);
    waiting.delete(reply.id);
  });
  return {
    process: child,
    async ask(method, params) {
      id += 1;
      const result = new Promise((resolve) => waiting.set(id, resolve));
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      if (method === 'initialize') void result.then(() => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`));
      return await result;
    },
    async close() {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}
