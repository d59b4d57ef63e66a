// How a reply is written: JSON, event streams, bytes of HTTP.
import { gzipSync } from 'node:zlib';
import {
  drops, error, event, EVENTS_TYPE, INTRODUCTION, introduced, JSON_TYPE, message, raw, result, status, TOOL, toText, usual, where,
  type Answer,
} from './answers.ts';
import { ALL, NONE, type OddServer } from './odd-server.ts';
import { PY_BATCH, PY_HTTP, PY_MARK, PY_MEDIA, PY_MEMBER } from './why.ts';

const EVENTS = { type: EVENTS_TYPE, as: (json: string) => event(json) };
const NOTE = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'starting' } });
const REQUEST = JSON.stringify({ jsonrpc: '2.0', id: 99, method: 'ping' });

/** Sends the introduction as these events. */
const events = (as: (json: string) => string | Buffer, more: object = {}): Answer => introduced({}, { type: EVENTS_TYPE, as, ...more });

/** Bytes after the head of an HTTP answer with these lines. */
const http = (head: string, body: (json: string) => string = (json) => json): Answer => raw((json) => {
  const bytes = body(json);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head.replace('LENGTH', String(Buffer.byteLength(bytes)))}\r\n\r\n`), Buffer.from(bytes)]);
});
/** A text as an HTTP chunk. */
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const PLAIN_HEAD = `Content-Type: ${JSON_TYPE}\r\nContent-Length: LENGTH\r\nConnection: close`;

const answerOf = (json: string): string => `HTTP/1.1 200 OK\r\n${PLAIN_HEAD.replace('LENGTH', String(json.length))}\r\n\r\n${json}`;

const withLf = (json: string): string => answerOf(json).replaceAll('\r\n', '\n');

const COMPRESSED = introduced({}, { as: (json) => gzipSync(json), headers: { 'content-encoding': 'gzip' } });
const named = (name: string): object => ({ serverInfo: { name, version: '1' } });
const TOOLS_THEN_OPEN = result({ tools: [TOOL] }, { ...EVENTS, isOpen: true });
/** The reply to whoever goes on where the stream ended. */
const RESUMED: Answer = where(
  ({ headers }) => headers['last-event-id'] === '1',
  status(200, event(JSON.stringify({ jsonrpc: '2.0', id: 0, result: INTRODUCTION })), { 'content-type': EVENTS_TYPE }),
);

/** A reply to `initialize` split at the byte after each of the characters of several bytes has begun. */
const inPieces: Answer = ({ id, response }) => {
  const bytes = Buffer.from(event(JSON.stringify({ jsonrpc: '2.0', id, result: { ...INTRODUCTION, serverInfo: { name: 'ö€🚀', version: '1' } } })));
  response.writeHead(200, { 'content-type': EVENTS_TYPE });
  for (const byte of bytes) response.write(Buffer.from([byte]));
  response.end();
};

export const FRAMING: readonly OddServer[] = [
  { name: 'ids as strings', says: 'Verified', works: ALL, answers: { '*': toText() } },
  { name: 'ids as strings in events', says: 'Verified', works: ALL, answers: { initialize: toText(events(event)) } },
  { name: 'ids as strings with a fraction', says: 'Verified', works: ['v1', 'v2'], why: 'Python’s client compares ids as text.', answers: { initialize: toText(usual, (id) => `${id}.0`) } },
  { name: 'ids as padded strings', says: 'Verified', works: ALL, answers: { initialize: toText(usual, (id) => ` ${id}`) } },
  { name: 'no id in the reply', says: 'NotMCP', works: NONE, answers: { initialize: (question) => introduced()({ ...question, id: undefined }) } },
  { name: 'id null in the reply', says: 'NotMCP', works: NONE, answers: { initialize: message({ id: null, result: INTRODUCTION }) } },
  { name: 'the id of another question', says: 'NotMCP', works: NONE, answers: { initialize: message({ id: 4711, result: INTRODUCTION }) }, timeoutMs: 1500 },
  { name: 'an id that is an object', says: 'NotMCP', works: NONE, answers: { initialize: message({ id: {}, result: INTRODUCTION }) } },
  { name: 'jsonrpc 1.0', says: 'NotMCP', works: NONE, answers: { initialize: message({ jsonrpc: '1.0', result: INTRODUCTION }) } },
  { name: 'jsonrpc missing', says: 'NotMCP', works: NONE, answers: { initialize: message({ jsonrpc: undefined, result: INTRODUCTION }) } },
  { name: 'jsonrpc as a number', says: 'NotMCP', works: NONE, answers: { initialize: message({ jsonrpc: 2, result: INTRODUCTION }) } },
  { name: 'a member that JSON-RPC does not have', says: 'NotMCP', works: ['python'], why: PY_MEMBER, answers: { initialize: message({ result: INTRODUCTION, extra: 1 }) } },
  { name: 'result and error null', says: 'NotMCP', works: ['python'], why: PY_MEMBER, answers: { initialize: message({ result: INTRODUCTION, error: null }) } },
  { name: 'result and error both', says: 'NotMCP', works: NONE, answers: { initialize: message({ result: INTRODUCTION, error: { code: 1, message: 'x' } }) } },
  { name: 'the reply in a batch', says: 'Verified', works: ['v1', 'v2'], why: PY_BATCH, answers: { initialize: introduced({}, { as: (json) => `[${json}]` }) } },
  { name: 'the reply in a batch after a notification', says: 'Verified', works: ['v1', 'v2'], why: PY_BATCH, answers: { initialize: introduced({}, { as: (json) => `[${NOTE},${json}]` }) } },
  { name: 'an empty batch', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: () => '[]' }) }, timeoutMs: 1500 },
  { name: 'the reply in a batch in an event', says: 'NotMCP', works: NONE, answers: { initialize: events((json) => event(`[${json}]`)) }, timeoutMs: 1500 },
  { name: 'two replies in a batch', says: 'Verified', works: ['v1', 'v2'], why: PY_BATCH, answers: { initialize: introduced({}, { as: (json) => `[${json},${json}]` }) } },
  { name: 'two replies in events', says: 'Verified', works: ALL, answers: { initialize: events((json) => event(json) + event(json)) } },
  { name: 'a byte order mark before JSON', says: 'Verified', works: ['v1', 'v2'], why: PY_MARK, answers: { initialize: introduced({}, { as: (json) => `\uFEFF${json}` }) } },
  { name: 'a byte order mark before events', says: 'Verified', works: ['v1', 'v2'], why: PY_MARK, answers: { initialize: events((json) => `\uFEFFdata: ${json}\n\n`) } },
  { name: 'blanks around JSON', says: 'Verified', works: ALL, answers: { initialize: introduced({}, { as: (json) => `\r\n\t ${json}\n\n` }) } },
  { name: 'words after JSON', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: (json) => `${json}\n<!-- 3 ms -->` }) } },
  { name: 'words before JSON', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: (json) => `)]}',\n${json}` }) } },
  { name: 'JSON cut short', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: (json) => json.slice(0, -3) }) } },
  { name: 'JSON with a comma too many', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: (json) => `${json.slice(0, -1)},}` }) } },
  { name: 'JSON with a name twice', says: 'Verified', works: ALL, answers: { initialize: introduced({}, { as: (json) => `{"jsonrpc":"1.0",${json.slice(1)}` }) } },
  { name: 'JSON in Latin-1', says: 'Verified', works: ['v1', 'v2'], why: 'Python’s client takes no bytes that are not UTF-8; the others replace them.', answers: { initialize: introduced(named('Käse'), { as: (json) => Buffer.from(json, 'latin1') }) } },
  { name: 'JSON in UTF-16', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: (json) => Buffer.from(json, 'utf16le') }) } },
  { name: 'lines ending in CRLF, JSON in several of them', says: 'Verified', works: ALL, answers: { initialize: events((json) => `event: message\r\ndata: {\r\ndata: ${json.slice(1)}\r\n\r\n`) } },
  { name: 'lines ending in CR', says: 'NotMCP', works: ['python'], why: 'The SDKs wait for what follows the last CR, also where the stream has ended.', answers: { initialize: events((json) => event(json, '\r')) }, timeoutMs: 1500 },
  { name: 'several lines of data', says: 'Verified', works: ALL, answers: { initialize: events((json) => `data: {\ndata:${json.slice(1)}\n\n`) } },
  { name: 'data without a blank after the colon', says: 'Verified', works: ALL, answers: { initialize: events((json) => `data:${json}\n\n`) } },
  { name: 'a blank before the colon of data', says: 'NotMCP', works: NONE, answers: { initialize: events((json) => `data : ${json}\n\n`) }, timeoutMs: 1500 },
  { name: 'Data with a capital', says: 'NotMCP', works: NONE, answers: { initialize: events((json) => `Data: ${json}\n\n`) }, timeoutMs: 1500 },
  { name: 'comments and empty events first', says: 'Verified', works: ALL, answers: { initialize: events((json) => `: hi\n\nretry: 5\n\nid: 1\ndata:\n\n\n\n${event(json)}`) } },
  { name: 'a notification first', says: 'Verified', works: ALL, answers: { initialize: events((json) => event(NOTE) + event(json)) } },
  { name: 'a request of its own first', says: 'Verified', works: ALL, answers: { initialize: events((json) => event(REQUEST) + event(json)) } },
  { name: 'an event that is no JSON first', says: 'Verified', works: ['v1', 'v2'], why: 'Python’s client gives up at the first event that is no message.', answers: { initialize: events((json) => event('hello') + event(json)) } },
  { name: 'an event of another type', says: 'NotMCP', works: NONE, answers: { initialize: events((json) => `event: reply\ndata: ${json}\n\n`) }, timeoutMs: 1500 },
  { name: 'an event of type Message with a capital', says: 'NotMCP', works: NONE, answers: { initialize: events((json) => `event: Message\ndata: ${json}\n\n`) }, timeoutMs: 1500 },
  { name: 'the end-of-stream words of another protocol after the reply', says: 'Verified', works: ALL, answers: { initialize: events((json) => `${event(json)}data: [DONE]\n\n`) } },
  { name: 'an event without the empty line at its end', says: 'NotMCP', works: NONE, answers: { initialize: events((json) => `data: ${json}\n`) }, timeoutMs: 1500 },
  { name: 'a stream that stays open after the reply', says: 'Verified', works: ALL, answers: { initialize: events(event, { isOpen: true }), 'tools/list': TOOLS_THEN_OPEN } },
  { name: 'a stream in pieces of one byte, with characters of several', says: 'Verified', works: ALL, answers: { initialize: inPieces } },
  { name: 'events for an id that can be resumed, closed before the reply', says: 'NotMCP', works: ALL, why: 'The operator follows no stream beyond its end.', answers: { initialize: events(() => 'id: 1\nretry: 10\ndata:\n\n'), GET: RESUMED }, timeoutMs: 1500 },
  { name: 'media type with a charset', says: 'Verified', works: ALL, answers: { initialize: introduced({}, { type: 'application/json; charset=utf-8' }) } },
  { name: 'media type with a charset, no blank', says: 'Verified', works: ALL, answers: { initialize: introduced({}, { type: 'application/json;charset=UTF-8' }) } },
  { name: 'media type in capitals', says: 'Verified', works: ALL, answers: { initialize: introduced({}, { type: 'Application/JSON' }) } },
  { name: 'media type of events with parameters, in capitals', says: 'Verified', works: ALL, answers: { initialize: events(event, { type: 'Text/Event-Stream; Charset=utf-8' }) } },
  { name: 'media type missing', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: null }) } },
  { name: 'media type empty', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: '' }) } },
  { name: 'media type text/plain', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: 'text/plain' }) } },
  { name: 'media type text/json', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: 'text/json' }) } },
  { name: 'media type application/json-rpc', says: 'NotMCP', works: ['python'], why: PY_MEDIA, answers: { initialize: introduced({}, { type: 'application/json-rpc' }) } },
  { name: 'media type application/vnd.x+json', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: 'application/vnd.x+json' }) } },
  { name: 'media type application/octet-stream', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: 'application/octet-stream' }) } },
  { name: 'media type text/html', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: 'text/html' }) } },
  { name: 'media type application/jsonx', says: 'NotMCP', works: ['python'], why: PY_MEDIA, answers: { initialize: introduced({}, { type: 'application/jsonx' }) } },
  { name: 'two media types in one header', says: 'NotMCP', works: ['python'], why: PY_MEDIA, answers: { initialize: introduced({}, { type: 'application/json, text/event-stream' }) } },
  { name: 'two headers of media types', says: 'Verified', works: ['python'], why: 'To Node’s HTTP the first of them counts, to its fetch both.', answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nContent-Type: text/plain\r\nContent-Length: LENGTH\r\nConnection: close`) } },
  { name: 'JSON announced as events', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { type: EVENTS_TYPE }) }, timeoutMs: 1500 },
  { name: 'events announced as JSON', says: 'NotMCP', works: NONE, answers: { initialize: events(event, { type: JSON_TYPE }) } },
  { name: 'tools as text/plain', says: 'ToolsNotListed', works: NONE, answers: { 'tools/list': result({ tools: [TOOL] }, { type: 'text/plain' }) } },
  { name: 'a compressed body, and says so', says: 'NotMCP', proxied: ['Verified', 'The API server unpacks it.'], works: ALL, why: 'Clients ask for compressed bodies, the operator does not, and reads none.', answers: { initialize: COMPRESSED } },
  { name: 'a compressed body that does not say so', says: 'NotMCP', works: NONE, answers: { initialize: introduced({}, { as: (json) => gzipSync(json) }) } },
  { name: 'a body said to be compressed, and is not', says: 'NotMCP', proxied: ['Unreachable', 'The API server wants to unpack it, and cannot.'], works: NONE, answers: { initialize: introduced({}, { headers: { 'content-encoding': 'gzip' } }) } },
  { name: 'a length beyond the body, then the end', says: 'Unreachable', works: NONE, answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nContent-Length: 5000\r\nConnection: close`) } },
  { name: 'a length short of the body', says: 'NotMCP', works: NONE, answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nContent-Length: 20\r\nConnection: close`) } },
  { name: 'no length, ended by the connection', says: 'Verified', works: ALL, answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nConnection: close`) } },
  { name: 'a length that is no number', says: 'NotMCP', works: NONE, answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nContent-Length: all\r\nConnection: close`) } },
  { name: 'garbage after the body', says: 'Verified', works: ALL, answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nContent-Length: 142`, (json) => `${json.padEnd(142)}garbage`) } },
  { name: 'chunks without the last one', says: 'Unreachable', works: NONE, answers: { initialize: http(`Content-Type: ${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\nConnection: close`, chunk) } },
  { name: 'events in chunks without the last one', says: 'Verified', works: ALL, answers: { initialize: http(`Content-Type: ${EVENTS_TYPE}\r\nTransfer-Encoding: chunked\r\nConnection: close`, (json) => chunk(event(json))) } },
  { name: 'HTTP/1.0', says: 'Verified', works: ALL, answers: { initialize: raw((json) => `HTTP/1.0 200 OK\r\nContent-Type: ${JSON_TYPE}\r\n\r\n${json}`) } },
  { name: 'HTTP/0.9', says: 'NotMCP', works: NONE, answers: { '*': raw((json) => json) } },
  { name: 'a status line without words', says: 'Verified', works: ALL, answers: { initialize: raw((json) => `HTTP/1.1 200\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${json.length}\r\nConnection: close\r\n\r\n${json}`) } },
  { name: 'lines of the head that end in LF', says: 'NotMCP', proxied: ['Verified', 'The API server mends them.'], works: ['python'], why: PY_HTTP, answers: { initialize: raw(withLf) } },
  { name: 'a hint before the answer (103)', says: 'Verified', works: ALL, answers: { initialize: raw((json) => `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${answerOf(json)}`) } },
  { name: 'a word of progress before the answer (102)', says: 'Verified', works: ALL, answers: { initialize: raw((json) => `HTTP/1.1 102 Processing\r\n\r\n${answerOf(json)}`) } },
  { name: 'go ahead before the answer (100), which nobody waited for', says: 'Verified', works: ['python'], why: 'Node’s fetch refuses it, as no other client of HTTP does.', answers: { initialize: raw((json) => `HTTP/1.1 100 Continue\r\n\r\n${answerOf(json)}`) } },
  { name: 'a header with a control character', says: 'NotMCP', works: ['python'], why: PY_HTTP, answers: { initialize: http(`X-Odd: a\u0001b\r\n${PLAIN_HEAD}`) } },
  { name: 'a header with a blank in its name', says: 'NotMCP', proxied: ['Verified', 'The API server leaves it out.'], works: NONE, answers: { initialize: http(`X Odd: a\r\n${PLAIN_HEAD}`) } },
  { name: 'a header of 12 KiB', says: 'Verified', works: ALL, answers: { initialize: http(`X-Odd: ${'a'.repeat(12_000)}\r\n${PLAIN_HEAD}`) } },
  { name: 'a header of 100 KiB', says: 'OversizedReply', proxied: ['Unreachable', 'The operator cannot read what the API server passes on of it.'], works: ['python'], why: PY_HTTP, answers: { initialize: http(`X-Odd: ${'a'.repeat(100_000)}\r\n${PLAIN_HEAD}`) } },
  { name: 'a name of 98 letters and rockets', says: 'Verified', works: ALL, answers: { initialize: introduced(named('x'.repeat(98) + '🚀'.repeat(20))) } },
  { name: 'a name with half a surrogate pair', says: 'Verified', works: ['v1', 'v2'], why: 'Python’s JSON takes no half of a surrogate pair.', answers: { initialize: introduced(named('x\uD83D')) } },
  { name: 'error with words and no data on discover, dropped connection on initialize', says: 'Unreachable', works: NONE, answers: { 'server/discover': error(), initialize: drops } },
  { name: 'the usual', says: 'Verified', works: ALL, answers: { '*': usual } },
];
