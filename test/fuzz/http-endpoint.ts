// What must hold of the MCP endpoint over HTTP: whatever is posted, one answer in JSON, no defect, at most one call, and nothing held afterwards.
import { request } from 'node:http';
import * as fc from 'fast-check';
import { createCatalog } from '../../mcp-server/catalog.ts';
import { createLogger } from '../../mcp-server/log.ts';
import { CallTurns } from '../../mcp-server/transports/call-turns.ts';
import { startHttpServer, type HttpServer } from '../../mcp-server/transports/http.ts';
import { memoryCluster } from '../mcp-server/cluster/memory-cluster.ts';
import type { FuzzProperty } from './fuzz-property.ts';

const word = fc.constantFrom<unknown>('2.0', '1.0', 1, 'a', null, true, -1, {}, [], 'tools/call', 'resources/read', 'initialize', 'ping', 'tools/list', 'server/discover', 'get-pod-logs', 'delete-pod', 'web', 'k8s://cluster/nodes', '__proto__');
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('name', 'arguments', 'uri', '_meta', 'namespace', '__proto__', 'x'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const call = fc.record({
  name: fc.oneof(fc.constant('get-pod-logs'), value),
  arguments: fc.oneof(fc.constant({ name: 'web' }), value),
}, { requiredKeys: [] });
const message = fc.record({
  jsonrpc: fc.constantFrom<unknown>('2.0', '2.0', '2.0', 2),
  id: fc.constantFrom<unknown>(1, 'a', null, {}),
  method: fc.oneof(fc.constantFrom('tools/call', 'resources/read', 'ping', 'initialize', 'prompts/get', 'subscriptions/listen'), value),
  params: fc.oneof(call, value),
}, { requiredKeys: ['jsonrpc'] });
const body = fc.oneof(
  fc.oneof(message, value, fc.array(message, { maxLength: 4 })).map((each) => JSON.stringify(each)),
  fc.tuple(message, fc.nat(), fc.string({ maxLength: 3 })).map(([each, at, put]) => {
    const text = JSON.stringify(each);
    const place = at % text.length;
    return text.slice(0, place) + put + text.slice(place + 1);
  }),
  // At its bounds, and beyond.
  fc.constantFrom('', '['.repeat(200), `${'{"a":'.repeat(101)}0${'}'.repeat(101)}`, `{"a":[${'0,'.repeat(10_001)}0]}`, ' '.repeat(1024 * 1024 + 1)),
);
const headers = fc.record({
  'content-type': fc.constantFrom('application/json', 'application/json', 'application/json; charset=utf-8', 'application/json; charset="latin1"', 'text/plain', ''),
  'content-encoding': fc.constantFrom('identity', 'gzip', ''),
  host: fc.constantFrom('localhost', '127.0.0.1:80', '[::1]:3000', '[1', 'tools', 'tools.default.svc', 'evil.example', 'allowed.example', ''),
  origin: fc.constantFrom('http://localhost:5173', 'http://tools', 'https://evil.example', 'https://allowed.example', 'null', ''),
  accept: fc.constantFrom('*/*', 'application/json, text/event-stream', 'text/html'),
  'mcp-protocol-version': fc.constantFrom('2025-11-25', '2026-07-28', '1', ''),
  'mcp-method': fc.constantFrom('tools/call', 'ping', ''),
  'mcp-name': fc.constantFrom('get-pod-logs', ''),
  'transfer-encoding': fc.constantFrom('chunked'),
}, { requiredKeys: ['content-type'] });

interface Running {
  readonly server: HttpServer;
  readonly defects: string[];
  readonly turns: CallTurns;
  calls: number;
}
let running: Promise<Running> | undefined;

async function start(): Promise<Running> {
  const cluster = memoryCluster();
  const turns = new CallTurns();
  const defects: string[] = [];
  const log = createLogger('error', { write: (line: string) => void defects.push(line) });
  const started = { turns, defects, calls: 0 };
  const catalog = createCatalog({ cluster, log, admit: turns.admit, onCall: () => (state.calls += 1) });
  const settings = { host: '127.0.0.1', port: 0, allowedHosts: ['allowed.example'], allowedOrigins: ['https://allowed.example'], rateLimit: 0 };
  const server = await startHttpServer({ catalog, settings, readiness: async () => ({ ready: true }), log });
  const state: Running = Object.assign(started, { server });
  return state;
}

function ask(port: number, text: string, sent: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers: sent, agent: false }, (answer) => {
      let said = '';
      answer.on('data', (chunk) => (said += String(chunk))).on('end', () => resolve({ status: answer.statusCode ?? 0, text: said }));
    });
    asked.on('error', reject).end(text);
  });
}

export const HTTP_PROPERTIES: readonly FuzzProperty[] = [
  {
    name: 'what is posted to /mcp is answered once, in JSON, for one call at most, and is no defect',
    property: fc.asyncProperty(body, headers, async (text, sent) => {
      const state = await (running ??= start());
      const before = state.calls;
      const { status, text: answer } = await ask(state.server.port, text, sent);
      if (status >= 500) throw new Error(`${status}: ${answer}`);
      if (answer !== '' && !answer.startsWith('event:') && !answer.startsWith(':') && !answer.startsWith('data:')) JSON.parse(answer);
      if (state.calls - before > (text.trimStart().startsWith('[') ? 0 : 1)) throw new Error(`${state.calls - before} calls`);
      if (state.turns.counts.all > 0) throw new Error('a call goes on');
      if (state.defects.length > 0) throw new Error(state.defects.join());
    }),
  },
];

/** Ends the server that the properties used. */
export async function stopHttp(): Promise<void> {
  await (await running)?.server.stop(100);
  running = undefined;
}
