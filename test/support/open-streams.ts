// Servers that answer POST by a stream which stays open, or by one that never comes to the point.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveHttp, type RunningServer } from './mcp-servers.ts';

/** What is written, and then nothing more; a number pauses for so many milliseconds. */
type Piece = string | Buffer | number;

export interface OpenStream {
  readonly name: string;
  readonly contentType: string;
  /** `reply` is the JSON-RPC reply to the question. */
  readonly pieces: (reply: string) => readonly Piece[];
  /** Written again and again once all pieces are. */
  readonly forEver?: string;
}

const EVENTS = 'text/event-stream';
const NOTE = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'starting' } });

const event = (data: string, end = '\n'): string => `event: message${end}data: ${data}${end}${end}`;

/** Cuts a text into pieces of `size` bytes, each sent alone: most of them end within a character of several bytes if there are such. */
const bytes = (text: string, size: number): Piece[] => Array.from({ length: Math.ceil(Buffer.byteLength(text) / size) }, (_, index) =>
  [Buffer.from(text).subarray(index * size, (index + 1) * size), 1]).flat();

/** A reply is there: what follows, or does not, no longer matters. */
export const ANSWERED: readonly OpenStream[] = [
  { name: 'the reply in its first event', contentType: EVENTS, pieces: (reply) => [event(reply)] },
  { name: 'the reply after comments, pings and notifications', contentType: EVENTS, pieces: (reply) => [': hello\n\n', 20, 'event: ping\ndata: {}\n\n', 'retry: 1000\nid: 1\ndata:\n\n', event(NOTE), 20, event(NOTE), event(reply)] },
  { name: 'the reply cut into single bytes', contentType: EVENTS, pieces: (reply) => bytes(event(reply), 1) },
  { name: 'the reply cut within characters', contentType: EVENTS, pieces: (reply) => bytes(`: ${'🚀ä€'.repeat(20)}\n\n${event(reply)}`, 3) },
  { name: 'lines that end as on Windows, several of data', contentType: EVENTS, pieces: (reply) => [event(reply.replace(',', ',\r\ndata: '), '\r\n')] },
  { name: 'lines that end as on an old Macintosh, and something more', contentType: EVENTS, pieces: (reply) => [event(reply, '\r'), ':'] },
  { name: 'a media type with a parameter', contentType: 'text/event-stream; charset=utf-8', pieces: (reply) => [event(reply)] },
  { name: 'a media type in capitals', contentType: 'Text/Event-Stream;charset=UTF-8', pieces: (reply) => [event(reply)] },
  { name: 'the reply and pings for ever', contentType: EVENTS, pieces: (reply) => [event(reply)], forEver: ': ping\n\n' },
  { name: 'the reply behind 60,000 bytes of comments', contentType: EVENTS, pieces: (reply) => [`: ${'x'.repeat(60_000)}\n\n`, event(reply)] },
];

/** No MCP client gets anything out of these. */
export const UNANSWERED: readonly OpenStream[] = [
  { name: 'nothing but its head', contentType: EVENTS, pieces: () => [] },
  { name: 'pings for ever', contentType: EVENTS, pieces: () => [], forEver: ': ping\n\n' },
  { name: 'notifications for ever', contentType: EVENTS, pieces: () => [], forEver: event(NOTE) },
  { name: 'a reply whose event never ends', contentType: EVENTS, pieces: (reply) => [`data: ${reply}\n`] },
  { name: 'a reply whose last line may end on', contentType: EVENTS, pieces: (reply) => [event(reply, '\r')] },
  { name: 'the reply to another question', contentType: EVENTS, pieces: (reply) => [event(JSON.stringify({ ...JSON.parse(reply), id: 4711 }))] },
  // Clients read JSON to the end of the body.
  { name: 'JSON in a body that stays open', contentType: 'application/json', pieces: (reply) => [reply] },
  { name: 'half of the JSON', contentType: 'application/json', pieces: (reply) => [reply.slice(0, 20)] },
];

/** A server that answers `initialize` so, and whatever else is asked by a refusal. `closed` counts its streams that the client ended. */
export async function serveOpenStream(stream: OpenStream, host?: string): Promise<RunningServer & { closed: () => number }> {
  let closed = 0;
  const running = await serveHttp((request, response) => {
    response.on('close', () => { closed += 1; });
    void answer(request, response, stream);
  }, host);
  return { ...running, closed: () => closed };
}

async function answer(request: IncomingMessage, response: ServerResponse, { contentType, pieces, forEver }: OpenStream): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown; method: string };
  if (id === undefined) return void response.writeHead(202).end();
  if (method !== 'initialize') return void response.writeHead(400, { 'content-type': 'application/json' }).end('{}');
  const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'open 🚀', version: '1' } };
  response.writeHead(200, { 'content-type': contentType }).flushHeaders();
  for (const piece of pieces(JSON.stringify({ jsonrpc: '2.0', id, result }))) {
    if (typeof piece === 'number') await sleep(piece);
    else response.write(piece);
  }
  if (forEver === undefined) return;
  while (!response.destroyed) {
    response.write(forEver);
    await sleep(20);
  }
}
