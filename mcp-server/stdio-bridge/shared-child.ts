// One process that many clients ask: each request gets an id of its own, and what it brings about reaches whoever sent it, and nobody else.
import { INVALID_REQUEST, METHOD_NOT_FOUND } from '../json-rpc.ts';
import { busy } from '../transports/refusals.ts';
import { errorText, type AnswerStream } from './answer-stream.ts';
import type { Child, ChildEnd } from './child.ts';
import { replaced, spanAt } from './json-span.ts';
import type { LongLine } from './line-reader.ts';
import type { Log } from './log.ts';
import { idInLong, tooLongReply } from './long-messages.ts';
import { objectIn, paramsOf, type Message, type NotificationMessage, type RequestMessage, type ResponseMessage } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { META } from './protocol.ts';

/** Requests that it has not answered yet. */
const MOST_OPEN = 256;

const TOKEN_PATH = ['params', '_meta', 'progressToken'];
const TOP = new Set(['jsonrpc', 'id', 'method', 'params']);

/** Changes what passes through. */
export interface Adapter {
  readonly request: (request: RequestMessage) => string;
  /** The reply in the asker's words, and the status it is sent with where it is alone. */
  readonly reply: (reply: ResponseMessage, request: RequestMessage) => { readonly text: string; readonly status: number };
}

/** A request as it is sent, with its id and its progress token as they were written. */
interface Numbered {
  readonly text: string;
  readonly id: string;
  readonly token: string | undefined;
}

interface Open extends Omit<Numbered, 'text'> {
  readonly request: RequestMessage;
  readonly stream: AnswerStream;
  readonly adapter: Adapter;
  readonly started: number;
  deadline: number;
}

export interface SharedChildOptions {
  readonly requestTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onEnd: (end: ChildEnd) => void;
  /** Hears that nothing is being answered any more. */
  readonly onIdle?: () => void;
}

export class SharedChild {
  readonly child: Child;
  readonly #label: string;
  readonly #options: SharedChildOptions;
  readonly #open = new Map<number, Open>();
  #next = 1;

  /** Takes over a process that has introduced itself. */
  constructor(child: Child, label: string, options: SharedChildOptions) {
    this.child = child;
    this.#label = label;
    this.#options = options;
    child.assign(label, {
      onMessage: (message) => this.#fromServer(message),
      onLong: (line) => this.#onLong(line),
      onEnd: (end) => this.#ended(end),
    });
  }

  get open(): number {
    return this.#open.size;
  }

  /** Passes a request on; its reply goes to the stream, with the id that was asked with. */
  ask(request: RequestMessage, stream: AnswerStream, adapter: Adapter): void {
    const { metrics, requestTimeoutMs } = this.#options;
    if (!stream.isOpen) return;
    if (this.#open.size >= MOST_OPEN) {
      metrics.count('mcp_bridge_rejected_total', 'requests of the shared process');
      return stream.fail({ ...busy('Too many requests are being answered: try again when some have ended.'), id: request.id });
    }
    const number = this.#next;
    const sent = numbered(request, adapter.request(request), number);
    if (sent === undefined) {
      return stream.fail({ status: 400, code: INVALID_REQUEST, id: request.id, message: 'The message can be read in more than one way: it has members twice, or some that JSON-RPC does not know.' });
    }
    // Of one that has just ended the end is about to be told, to this request as well.
    if (!this.child.send(sent.text) && this.child.isAlive) {
      return stream.fail({ ...busy('The server does not read what it was sent before: try again later.'), id: request.id });
    }
    this.#next += 1;
    const started = performance.now();
    const { id, token } = sent;
    this.#open.set(number, { request, stream, adapter, id, token, started, deadline: started + requestTimeoutMs });
    stream.onClose = () => this.#cancel(number, 'the client has left');
  }

  /** Ends requests that go on for too long. */
  tick(now: number): void {
    for (const [number, { request, stream, deadline }] of this.#open) {
      if (now < deadline) continue;
      this.#cancel(number, 'it takes too long');
      this.#options.metrics.count('mcp_bridge_requests_total', 'bridge');
      const seconds = this.#options.requestTimeoutMs / 1000;
      stream.fail({ status: 504, id: request.id, message: `The server did not answer within ${seconds} s, and told of no progress.` });
    }
  }

  #cancel(number: number, reason: string): void {
    if (!this.#open.delete(number)) return;
    this.child.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: number, reason } }));
    if (this.#open.size === 0) this.#options.onIdle?.();
  }

  #fromServer(message: Message): void {
    if (message.kind === 'response') return this.#reply(message);
    if (message.kind === 'request') return this.#answerServer(message);
    if (!this.#passOn(message)) this.#options.metrics.count('mcp_bridge_messages_dropped_total');
  }

  #reply(reply: ResponseMessage): void {
    const { metrics } = this.#options;
    const number = Number(reply.id ?? Number.NaN);
    const open = this.#open.get(number);
    const span = spanAt(reply.text, ['id']);
    if (open === undefined || typeof span === 'string') return metrics.count('mcp_bridge_messages_dropped_total');
    this.#open.delete(number);
    metrics.observe('mcp_bridge_request_seconds', (performance.now() - open.started) / 1000);
    metrics.count('mcp_bridge_requests_total', 'server');
    const { text, status } = open.adapter.reply({ ...reply, text: replaced(reply.text, span, open.id) }, open.request);
    open.stream.reply(text, { status });
    if (this.#open.size === 0) this.#options.onIdle?.();
  }

  /** Progress and subscriptions name the request they belong to; nothing else does over stdio. */
  #passOn(message: NotificationMessage): boolean {
    const params = paramsOf(message);
    const isProgress = message.method === 'notifications/progress';
    const number = isProgress ? params['progressToken'] : objectIn(params['_meta'])[META.subscriptionId];
    const open = typeof number === 'number' ? this.#open.get(number) : undefined;
    const written = isProgress ? open?.token : open?.id;
    const span = spanAt(message.text, isProgress ? ['params', 'progressToken'] : ['params', '_meta', META.subscriptionId]);
    if (open === undefined || written === undefined || typeof span === 'string') return false;
    open.deadline = performance.now() + this.#options.requestTimeoutMs;
    return open.stream.send(replaced(message.text, span, written));
  }

  #answerServer({ id, method }: RequestMessage): void {
    const answer = method === 'ping' ? { result: {} } : { error: { code: METHOD_NOT_FOUND, message: `There is no one client to ask for ${method}: the server is shared.` } };
    this.child.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }

  #onLong(line: LongLine): void {
    const { log, maxMessageBytes } = this.#options;
    log.warn('the server wrote a message that is too long', { session: this.#label, bytes: line.bytes });
    const id = idInLong(line, (key) => this.#open.has(Number(key)));
    if (id === undefined) return;
    const text = errorText(tooLongReply(id, line.bytes, maxMessageBytes));
    this.#reply({ kind: 'response', id, text, value: JSON.parse(text) as Record<string, unknown> });
  }

  #ended(end: ChildEnd): void {
    for (const { request, stream } of this.#open.values()) {
      stream.fail({ status: 502, id: request.id, message: `The MCP server ended before it answered: ${end.how}.` });
      this.#options.metrics.count('mcp_bridge_requests_total', 'bridge');
    }
    this.#open.clear();
    this.#options.onEnd(end);
  }
}

/** A request with a number for its id and its progress token; undefined where two readers could find different ones in it. */
function numbered(request: RequestMessage, text: string, number: number): Numbered | undefined {
  if (!isUnambiguous(request)) return undefined;
  const id = spanAt(text, ['id']);
  const token = spanAt(text, TOKEN_PATH);
  if (typeof id === 'string' || token === 'twice') return undefined;
  const idText = text.slice(id.start, id.end);
  if (token === 'absent') return { text: replaced(text, id, String(number)), id: idText, token: undefined };
  const [first, second] = id.start < token.start ? [token, id] : [id, token];
  const both = replaced(replaced(text, first, String(number)), second, String(number));
  return { text: both, id: idText, token: text.slice(token.start, token.end) };
}

function isExact(object: object, name: string): boolean {
  return Object.keys(object).every((key) => key.toLowerCase() !== name.toLowerCase() || key === name);
}

/** Some readers take ID for id: a message of one client must not be able to carry the number of another's. */
function isUnambiguous({ value }: RequestMessage): boolean {
  const params = objectIn(value['params']);
  return Object.keys(value).every((key) => TOP.has(key)) && isExact(params, '_meta') && isExact(objectIn(params['_meta']), 'progressToken');
}
