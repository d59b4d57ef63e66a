// MCP servers that repeat what they know, each in another place of what they answer: whatever place that is, none of it may be shown.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveHttp, serveTcp, type RunningServer } from './mcp-servers.ts';

/** Starts a server of 127.0.0.1 that says `words` somewhere. */
export type Echo = (words: string) => Promise<RunningServer>;

const JSON_TYPE = { 'content-type': 'application/json' };
const rpc = (content: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, ...content });
const INTRODUCED = { capabilities: {}, serverInfo: { name: 'a', version: '1' } };
/** What a header can hold. */
const headerOf = (words: string): string => words.replaceAll(/[^\t\x20-\x7e]/g, '?');

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function answering(answer: (words: string, method: string) => Answer): Echo {
  return (words) => serveHttp((request, response) => void reply(request, response, (method) => answer(words, method)));
}

async function reply(request: IncomingMessage, response: ServerResponse, answer: (method: string) => Answer): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { status = 200, headers = JSON_TYPE, body = '' } = answer(text === '' ? '' : (JSON.parse(text) as { method: string }).method);
  response.writeHead(status, headers).end(body);
}

/** Introduces itself as a server with tools, and answers what follows in its own way. */
const withTools = (later: (words: string, method: string) => Answer | undefined): Echo => answering((words, method) => {
  if (method === 'initialize') return { body: rpc({ result: { ...INTRODUCED, protocolVersion: '2025-06-18', capabilities: { tools: {} } } }) };
  return later(words, method) ?? { status: method === 'notifications/initialized' ? 202 : 404 };
});

const raw = (text: (words: string) => string): Echo => (words) => serveTcp((socket) => void socket.once('data', () => socket.end(text(words))));
const inResult = (result: (words: string) => object): Echo => answering((words) => ({ body: rpc({ result: result(words) }) }));
const inError = (error: (words: string) => object): Echo =>
  answering((words) => ({ body: rpc({ error: { code: -32_000, message: 'no', ...error(words) } }) }));

const STATUSES = [200, 202, 307, 400, 403, 404, 405, 410, 418, 429, 500, 502, 503];
const HEADERS = ['server', 'content-type', 'location', 'www-authenticate', 'mcp-session-id', 'retry-after', 'via', 'set-cookie', 'x-error'];

/** By where the words are. */
export const ECHO_SERVERS: Readonly<Record<string, Echo>> = {
  ...Object.fromEntries(STATUSES.map((status) => [`the body of HTTP ${status}`, answering((words) => ({ status, headers: {}, body: words }))])),
  ...Object.fromEntries(STATUSES.map((status) =>
    [`JSON of HTTP ${status}`, answering((words) => ({ status, body: JSON.stringify({ error: 'invalid_token', token: words }) }))])),
  ...Object.fromEntries(HEADERS.flatMap((name) => [200, 307, 403, 404, 500, 503].map((status) =>
    [`${name} of HTTP ${status}`, answering((words) => ({ status, headers: { [name]: headerOf(words) } }))]))),
  'the type of an answer that is MCP': answering((words) => ({
    headers: { 'content-type': `application/json; charset=${headerOf(words).replaceAll(/[^\w-]/g, '')}`, 'mcp-session-id': headerOf(words) },
    body: rpc({ result: { ...INTRODUCED, protocolVersion: '2025-06-18' } }),
  })),
  'name and version': inResult((words) => ({ ...INTRODUCED, protocolVersion: '2025-06-18', serverInfo: { name: words, version: words }, instructions: words })),
  'name and version of the modern era': inResult((words) => ({ ...INTRODUCED, supportedVersions: ['2026-07-28', words], serverInfo: { name: words, version: words } })),
  'name and version in _meta': inResult((words) => (
    { ...INTRODUCED, supportedVersions: [words, '2026-07-28'], _meta: { 'io.modelcontextprotocol/serverInfo': { name: words, version: words } } })),
  'the revision': inResult((words) => ({ ...INTRODUCED, protocolVersion: words })),
  'a list of revisions': inResult((words) => ({ ...INTRODUCED, supportedVersions: [`9${words}`, words] })),
  'a revision with words behind it': inResult((words) => ({ ...INTRODUCED, protocolVersion: `2025-06-18${words}` })),
  'the message of an error': inError((message) => ({ message })),
  'the message of an error about revisions': inError((words) => ({ code: -32_022, message: `Unsupported protocol version ${words}` })),
  'revisions that an error offers': inError((words) => ({ code: -32_022, data: { supported: [`2030-${words}`, words] } })),
  'the code of an error': inError((words) => ({ code: Number.parseInt(words.replaceAll(/\D/g, '') || '77777', 10) })),
  'the data of an error': inError((words) => ({ data: { token: words, [words]: words } })),
  'an event': answering((words) => ({ headers: { 'content-type': 'text/event-stream' }, body: `event: ${words}\ndata: ${words}\n\n` })),
  'the message of an error in an event': answering((words) => (
    { headers: { 'content-type': 'text/event-stream' }, body: `data: ${rpc({ error: { code: -32_000, message: words } })}\n\n` })),
  'the beginning of an old event stream': answering((words) => ({ status: 404, headers: { 'content-type': 'text/event-stream' }, body: `event: endpoint ${words}` })),
  'the refusal of notifications/initialized': withTools((words, method) => (method === 'notifications/initialized' ? { status: 400, body: words } : undefined)),
  'the refusal of tools/list': withTools((words, method) => (method === 'tools/list' ? { body: rpc({ error: { code: 12_345_678, message: words } }) } : undefined)),
  'the failure of tools/list': withTools((words, method) => (method === 'tools/list' ? { status: 500, headers: { 'content-type': headerOf(words) }, body: words } : undefined)),
  'a list of no tools': withTools((words, method) => (method === 'tools/list' ? { body: rpc({ result: { tools: words } }) } : undefined)),
  'the words behind a status code': raw((words) => `HTTP/1.1 500 ${words}\r\nContent-Length: 0\r\n\r\n`),
  'an answer that is no HTTP': raw((words) => `${words} ${words}\r\n\r\n`),
  'a version of HTTP': raw((words) => `HTTP/${words} 200 OK\r\n\r\n`),
  'a header without a name': raw((words) => `HTTP/1.1 200 OK\r\n: ${words}\r\n${words}\r\n\r\n`),
  'a length': raw((words) => `HTTP/1.1 200 OK\r\nContent-Length: ${words}\r\n\r\n`),
  'the size of a chunk': raw((words) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${words}\r\n`),
};
