// MCP servers that answer so as to cost whoever asks them time or memory: each a kind of which there are many.
import type { Socket } from 'node:net';
import { serveTcp, type RunningServer } from './mcp-servers.ts';

/** Writes the answer to one question, and may go on for as long as the connection lasts. */
type Answer = (socket: Socket, question: { readonly method: string }) => void;

export interface HostileServer {
  readonly name: string;
  /** What a handshake of two seconds makes of it. */
  readonly reason: string;
  readonly answer: Answer;
}

const MIB = 1024 * 1024;
const EVENTS = 'Content-Type: text/event-stream\r\nConnection: close\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\nConnection: close\r\n';
const NOTE = 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}\n\n';

const head = (headers: string): string => `HTTP/1.1 200 OK\r\n${headers}\r\n`;
const filled = (text: string, bytes = MIB): string => text.repeat(Math.ceil(bytes / text.length));
/** `text` in HTTP chunks of one byte. */
const chunked = (text: string): string => Array.from(text, (byte) => `1\r\n${byte}\r\n`).join('');
const ended = (headers: string, body: string): Answer => (socket) => void socket.end(head(headers) + body);
const result = (text: string): string => `{"jsonrpc":"2.0","id":1,"result":${text}}`;

/** Writes `first`, then `piece` every few milliseconds. */
function dripping(first: string, piece: string, everyMs: number): Answer {
  return (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), everyMs);
    socket.on('close', () => clearInterval(timer));
  };
}

/** Writes `first`, then `piece` as fast as it is read. */
function pouring(first: string, piece: string): Answer {
  return (socket) => {
    const pour = (): void => { while (!socket.destroyed && socket.write(piece)); };
    socket.on('drain', pour);
    socket.write(first);
    pour();
  };
}

/** Introduces itself well as a server with tools, and answers `tools/list` so. */
function listing(list: Answer): Answer {
  const introduction = result('{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"tools","version":"1"}}');
  const known: Record<string, string> = { initialize: head(JSON_TYPE) + introduction, 'notifications/initialized': 'HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n' };
  return (socket, question) => {
    if (question.method === 'tools/list') list(socket, question);
    else socket.end(known[question.method] ?? 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  };
}

const TOOL = '{"name":"a","inputSchema":{"type":"object"}},';
const LIST = '{"jsonrpc":"2.0","id":1,"result":{"tools":[';

/** By what they do. */
export const HOSTILE_SERVERS: readonly HostileServer[] = [
  { name: 'a mebibyte of events without a message', reason: 'OversizedReply', answer: ended(EVENTS, filled('data:1\n\n')) },
  { name: 'a mebibyte of notifications', reason: 'OversizedReply', answer: ended(EVENTS, filled(NOTE)) },
  { name: 'a mebibyte of events that are nearly messages', reason: 'OversizedReply', answer: ended(EVENTS, filled('data:{"jsonrpc"}\n\n')) },
  { name: 'a mebibyte of empty lines of data', reason: 'OversizedReply', answer: ended(EVENTS, filled('data\n')) },
  { name: 'events without end', reason: 'OversizedReply', answer: pouring(head(EVENTS), filled('data:1\n\n', 65_536)) },
  { name: 'comments without end', reason: 'OversizedReply', answer: pouring(head(EVENTS), filled(':\n', 65_536)) },
  { name: '56 KiB of events, then bytes that drip', reason: 'Hang', answer: dripping(head(EVENTS) + filled('data:1\n\n', 57_344), 'd', 10) },
  { name: '56 KiB of empty lines, then more that drip', reason: 'Hang', answer: dripping(head(EVENTS) + filled('\n', 57_344), '\n', 10) },
  { name: '520,000 versions that are numbers', reason: 'OversizedReply', answer: ended(JSON_TYPE, result(`{"supportedVersions":[${filled('1,')}1]}`)) },
  { name: '30,000 versions that are numbers', reason: 'NotMCP', answer: ended(JSON_TYPE, result(`{"supportedVersions":[${filled('1,', 60_000)}1]}`)) },
  { name: '95,000 members', reason: 'OversizedReply', answer: ended(JSON_TYPE, result(`{${Array.from({ length: 95_000 }, (_, index) => `"${index}":1`).join()}}`)) },
  { name: '6,000 members', reason: 'NotMCP', answer: ended(JSON_TYPE, result(`{${Array.from({ length: 6000 }, (_, index) => `"${index}":1`).join()}}`)) },
  { name: '65,000 levels', reason: 'NotMCP', answer: ended(JSON_TYPE, filled('[', 65_000)) },
  { name: 'JSON without end', reason: 'OversizedReply', answer: pouring(head(JSON_TYPE), filled(' ', 65_536)) },
  { name: 'HTTP chunks of one byte', reason: 'OversizedReply', answer: pouring(head(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`), chunked(filled(' ', 10_000))) },
  { name: 'events in HTTP chunks of one byte', reason: 'OversizedReply', answer: pouring(head(`${EVENTS}Transfer-Encoding: chunked\r\n`), chunked(filled('data:1\n\n', 10_000))) },
  { name: 'interim answers without end', reason: 'NotMCP', answer: pouring('', filled('HTTP/1.1 102 Processing\r\n\r\n', 65_536)) },
  { name: 'a head that drips', reason: 'Hang', answer: dripping('HTTP/1.1 200 OK\r\nX: ', 'x', 10) },
  { name: 'interim answers that drip', reason: 'NotMCP', answer: dripping('', filled('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 1000), 10) },
  { name: 'a challenge of 15,000 characters', reason: 'AuthRequired', answer: (socket) => void socket.end(`HTTP/1.1 401 No\r\nWWW-Authenticate: ${filled('Bearer x="12:00:00", ', 15_000)}\r\nConnection: close\r\n\r\n`) },
  { name: 'headers without end', reason: 'OversizedReply', answer: pouring('HTTP/1.1 200 OK\r\n', filled('X-A: b\r\n', 65_536)) },
  { name: 'tools without end', reason: 'Verified', answer: listing(pouring(head(JSON_TYPE) + LIST, filled(TOOL, 65_536))) },
  { name: 'tools in HTTP chunks of one byte', reason: 'Verified', answer: listing(pouring(head(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`) + chunked(LIST), chunked(filled(TOOL, 10_000)))) },
  { name: 'a list of 260,000 objects that are no tools', reason: 'ToolsNotListed', answer: listing(ended(JSON_TYPE, `${LIST}${filled('{},')}`)) },
  { name: 'a list of a million levels', reason: 'ToolsNotListed', answer: listing(ended(JSON_TYPE, LIST + filled('['))) },
  { name: 'a list of one long string', reason: 'Verified', answer: listing(ended(JSON_TYPE, `${LIST}{"name":"${filled(String.raw`\u0041`)}`)) },
  { name: 'a list of many names with escapes', reason: 'Verified', answer: listing(ended(JSON_TYPE, `${LIST}{${filled(String.raw`"\u0061":"\n",`)}`)) },
  { name: 'a list of many names of members', reason: 'Verified', answer: listing(ended(JSON_TYPE, `${LIST}{${filled('"a":1,')}`)) },
  { name: 'a list in events of one byte each', reason: 'ToolsNotListed', answer: listing(ended(EVENTS, filled('data:[\n'))) },
];

/** Starts one, of 127.0.0.1 unless told otherwise. */
export function serveHostile({ answer }: Pick<HostileServer, 'answer'>, host?: string): Promise<RunningServer> {
  return serveTcp((socket) => {
    let asked = '';
    const take = (chunk: Buffer): void => {
      asked += chunk.toString('latin1');
      const [headers = '', body] = asked.split('\r\n\r\n');
      if (body === undefined || body.length < Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0)) return;
      socket.off('data', take);
      socket.resume();
      answer(socket, { method: body === '' ? '' : (JSON.parse(body) as { method: string }).method });
    };
    socket.on('data', take);
  }, host);
}
