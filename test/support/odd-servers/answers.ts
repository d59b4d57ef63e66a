// How odd servers answer: by message, each answer a function, and whatever a server does not say of itself as usual servers do.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { serveHttp, type RunningServer } from '../mcp-servers.ts';

/** What a server is asked: the method of a JSON-RPC message, or that of HTTP where it is not POST. */
export interface Question {
  readonly method: string;
  readonly id: unknown;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
}

/** Answers one question, or does something else with its connection. */
export type Answer = (question: Question) => void;

/** Answers by the method asked; `*` for every other. */
export type Answers = Readonly<Record<string, Answer>>;

/** How a message is sent. */
export interface Sending {
  /** Default: 200. */
  readonly status?: number;
  /** The media type; null: none. Default: that of JSON. */
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** The body that the message becomes. Default: itself. */
  readonly as?: (json: string) => string | Buffer;
  /** Whether the answer stays open. */
  readonly isOpen?: boolean;
}

export const JSON_TYPE = 'application/json';
export const EVENTS_TYPE = 'text/event-stream';
export const TOOL = { name: 'say', inputSchema: { type: 'object' } };
/** The result of `initialize`. */
export const INTRODUCTION = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } };

/** A JSON-RPC message with these members besides the usual ones. */
export function message(members: object, sending: Sending = {}): Answer {
  const { status = 200, type = JSON_TYPE, headers = {}, as = (json) => json, isOpen = false } = sending;
  return ({ id, response }) => {
    response.writeHead(status, { ...(type !== null && { 'content-type': type }), ...headers });
    response.write(as(JSON.stringify({ jsonrpc: '2.0', id, ...members })));
    if (!isOpen) response.end();
  };
}

/** A JSON-RPC result. */
export function result(value: unknown, sending?: Sending): Answer {
  return message({ result: value }, sending);
}

/** A JSON-RPC error; without anything else an internal one. */
export function error(members: object = {}, sending?: Sending): Answer {
  return message({ error: { code: -32_603, message: 'No.', ...members } }, sending);
}

/** The introduction with other members. */
export function introduced(members: object = {}, sending?: Sending): Answer {
  return result({ ...INTRODUCTION, ...members }, sending);
}

/** An HTTP answer without a message. */
export function status(code: number, body = '', headers: Readonly<Record<string, string | string[]>> = {}): Answer {
  return ({ response }) => void response.writeHead(code, { ...headers }).end(body);
}

/** The usual answer, or another, to the id as text, or as what `make` makes of that. */
export function toText(answer: Answer = usual, make = (id: string): string => id): Answer {
  return ({ id, ...question }) => answer({ ...question, id: make(String(id)) });
}

/** The first answer where `is` holds of the question, else the other, by default the usual one. */
export function where(is: (question: Question) => boolean, answer: Answer, other: Answer = usual): Answer {
  return (question) => (is(question) ? answer : other)(question);
}

/** A stream of events that stays open after these. */
export function opens(events = ''): Answer {
  return ({ response }) => {
    response.writeHead(200, { 'content-type': EVENTS_TYPE }).flushHeaders();
    response.write(events);
  };
}

/** Bytes on the connection, which then ends; what `json` makes of a reply to `initialize` may be among them. */
export function raw(bytes: (json: string) => string | Buffer): Answer {
  return ({ id, response }) => void response.socket?.end(bytes(JSON.stringify({ jsonrpc: '2.0', id, result: INTRODUCTION })));
}

/** The connection is closed without an answer. */
export const drops: Answer = ({ response }) => void response.socket?.destroy();

/** No answer ever comes. */
export const hangs: Answer = () => {};

/** An answer that comes so many milliseconds later. */
export function later(ms: number, answer: Answer): Answer {
  return (question) => {
    const timer = setTimeout(() => answer(question), ms);
    question.response.on('close', () => clearTimeout(timer));
  };
}

/** `json` as one event of a stream. */
export function event(json: string, end = '\n'): string {
  return `event: message${end}data: ${json}${end}${end}`;
}

const ACCEPTED = status(202);

/** How servers of the earlier era answer. */
export const USUAL: Answers = {
  'server/discover': error({ code: -32_000, message: 'Bad Request: Unsupported protocol version' }, { status: 400 }),
  initialize: introduced(),
  'notifications/initialized': ACCEPTED,
  'tools/list': result({ tools: [TOOL] }),
  GET: status(405),
  DELETE: status(200),
};

/** The usual answer to a question. */
export const usual: Answer = (question) => (USUAL[question.method] ?? ACCEPTED)(question);

/** Starts a server that answers so, of 127.0.0.1 unless told otherwise. */
export function serveOdd(answers: Answers, host?: string): Promise<RunningServer> {
  return serveHttp((request, response) => void answer(answers, request, response).catch(() => response.destroy()), host);
}

async function answer(answers: Answers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const { id, method = '' } = JSON.parse(body === '' ? '{}' : body) as { id?: unknown; method?: string };
  const asked = request.method === 'POST' ? method : String(request.method);
  (answers[asked] ?? answers['*'] ?? usual)({ id, method: asked, path: request.url ?? '', headers: request.headers, response });
}
