// Servers that are slow, endless, huge, or have one session to give.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { HOSTILE_SERVERS, serveHostile } from '../hostile-servers.ts';
import { serveHttp, serveOneSession, type RunningServer } from '../mcp-servers.ts';
import { ANSWERED, serveOpenStream, UNANSWERED, type OpenStream } from '../open-streams.ts';
import { EVENTS_TYPE, introduced, JSON_TYPE, later, result, TOOL, usual, type Answer } from './answers.ts';
import { ALL, NONE, type OddServer } from './odd-server.ts';

/** One transport for all requests, as in many a first program: without sessions it serves one of them. */
async function serveOneTransport(host?: string): Promise<RunningServer> {
  const transport = new StreamableHTTPServerTransport();
  await new McpServer({ name: 'one', version: '1' }).connect(transport);
  return serveHttp((request, response) => {
    transport.handleRequest(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }, host);
}

/** Goes on without end, by so much every 20 milliseconds. */
const endless = (type: string, first: string, piece: string): Answer => ({ id, response }) => {
  response.writeHead(200, { 'content-type': type }).write(first.replace('ID', String(id)));
  const timer = setInterval(() => response.write(piece), 20);
  response.on('close', () => clearInterval(timer));
};
const many = (length: number, characters: number): object[] =>
  Array.from({ length }, (_, index) => ({ ...TOOL, name: `tool-${index}`, description: 'x'.repeat(characters) }));

/** Hostile servers that never get beyond the head of an answer; what the others answer is made for the operator alone. */
const HEADS: Readonly<Record<string, Pick<OddServer, 'proxied'>>> = {
  'a head that drips': { proxied: ['Unreachable', 'Nobody can tell whether the API server reached it.'] },
  'headers without end': {},
  'interim answers that drip': { proxied: ['Unreachable', 'The operator cannot read what the API server passes on of it.'] },
  'a challenge of 15,000 characters': {},
};

const opening = (stream: OpenStream): Pick<OddServer, 'name' | 'serve'> =>
  ({ name: `open stream: ${stream.name}`, serve: (host) => serveOpenStream(stream, host) });

/** What is not as with the other streams that never come to the point. */
const FROM_OTHERS: Readonly<Record<string, Pick<OddServer, 'works' | 'why'>>> = {
  'the reply to another question': { works: ['python'], why: 'Python’s client takes whatever reply comes in the stream of a request.' },
};

export const LIMITS: readonly OddServer[] = [
  { name: 'one session for everybody', says: 'OneSession', works: ALL, why: 'Whoever comes first can use it, and nobody else: the operator came first.', serve: (host) => serveOneSession(host) },
  { name: 'one transport without sessions for everybody', says: 'NotMCP', works: NONE, serve: (host) => serveOneTransport(host) },
  { name: 'discover and initialize after half a second', says: 'Verified', works: ALL, answers: { 'server/discover': later(500, usual), initialize: later(500, usual) } },
  { name: 'readiness and tools after half a second', says: 'Verified', works: ALL, answers: { 'notifications/initialized': later(500, usual), 'tools/list': later(500, usual) } },
  { name: 'discover slower than half of the time there is', says: 'Verified', works: ALL, answers: { 'server/discover': later(2500, usual) } },
  { name: 'an introduction of 60,000 characters', says: 'Verified', works: ALL, answers: { initialize: introduced({ instructions: 'x'.repeat(60_000) }) } },
  { name: 'an introduction of 100,000 characters', says: 'OversizedReply', works: ALL, why: 'The operator reads no more than 64 KiB of it.', answers: { initialize: introduced({ instructions: 'x'.repeat(100_000) }) } },
  { name: 'an introduction of a megabyte', says: 'OversizedReply', works: ALL, why: 'The operator reads no more than 64 KiB of it.', answers: { initialize: introduced({ instructions: 'x'.repeat(1_000_000) }) } },
  { name: 'two thousand tools', says: 'Verified', works: ALL, answers: { 'tools/list': result({ tools: many(2000, 40) }) } },
  { name: 'two megabytes of tools', says: 'Verified', works: ALL, answers: { 'tools/list': result({ tools: many(1000, 2000) }) } },
  { name: 'an introduction that never ends', says: 'OversizedReply', works: NONE, answers: { initialize: endless(JSON_TYPE, '{"jsonrpc":"2.0","id":ID,"result":{"a":"', 'x'.repeat(10_000)) }, timeoutMs: 1500 },
  { name: 'events that never come to the point', says: 'Hang', works: NONE, answers: { initialize: endless(EVENTS_TYPE, '', 'data: {}\n\n') }, timeoutMs: 1500 },
  { name: 'tools that never end', says: 'Verified', works: NONE, why: 'The operator reads a mebibyte of a list, and takes it for one when it begins as one.', answers: { 'tools/list': endless(JSON_TYPE, '{"jsonrpc":"2.0","id":ID,"result":{"tools":[', `${JSON.stringify(TOOL)},`.repeat(2000)) } },
  { name: 'tools that never end, in drops', says: 'Hang', works: NONE, answers: { 'tools/list': endless(JSON_TYPE, '{"jsonrpc":"2.0","id":ID,"result":{"tools":[', `${JSON.stringify(TOOL)},`) }, timeoutMs: 1500 },
  ...HOSTILE_SERVERS.filter(({ name }) => name in HEADS).map(({ name, reason, answer }): OddServer => ({
    name: `hostile: ${name}`, says: reason, ...HEADS[name], works: NONE, serve: (host) => serveHostile({ answer }, host), timeoutMs: 1500,
  })),
  ...ANSWERED.map((stream): OddServer => ({ says: 'Verified', works: ALL, ...opening(stream) })),
  ...UNANSWERED.map((stream): OddServer => ({ says: 'Hang', works: NONE, ...FROM_OTHERS[stream.name], ...opening(stream), timeoutMs: 1500 })),
];
