// The answer to one HTTP request: JSON when the reply is all there is to say, an event stream as soon as there is more, or it takes long.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { INTERNAL_ERROR } from '../json-rpc.ts';
import type { WithBody } from '../transports/bodies.ts';
import { busy, refusalBody, type HttpRefusal } from '../transports/refusals.ts';
import { clientOf, type Shares } from '../transports/shares.ts';
import type { Id } from './messages.ts';

/** Proxies cut what is silent; the shortest usual limit is 30 s. */
const KEEP_ALIVE_MS = 15_000;
/** For so long a client may take nothing of what waits for it; then its connection is closed. */
const UNREAD_MS = 30_000;

/** Answers of the bridge itself, in place of the server's. */
export interface ErrorReply extends HttpRefusal {
  readonly id: Id | null;
  readonly data?: unknown;
}

/** The text of an error as a reply. */
export function errorText({ id, data, ...refusal }: ErrorReply): string {
  const body = refusalBody({ code: INTERNAL_ERROR, ...refusal }, id) as { error: object };
  return JSON.stringify(data === undefined ? body : { ...body, error: { ...body.error, data } });
}

/** Whether the Accept header of a request lets a media type through. */
export function accepts({ headers }: IncomingMessage, type: string): boolean {
  const [kind = ''] = type.split('/');
  const ranges = (headers.accept ?? '*/*').split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  return ranges.some((range) => range === type || range === `${kind}/*` || range === '*/*');
}

export interface AnswerOptions {
  /** What all answers together may hold that nobody has taken yet. */
  readonly shares: Shares;
  /** Replies that it waits for: it ends with the last one. None at all: it lasts until it is ended. */
  readonly replies: number;
}

export class AnswerStream {
  readonly takesEvents: boolean;
  /** The session it belongs to; told in the headers. */
  sessionId: string | undefined;
  /** Hears that it has ended, or that the client has left. */
  onClose: () => void = () => undefined;
  /** Hears that the client takes no more for now, and that it does again. */
  onFull: (isFull: boolean) => void = () => undefined;
  readonly #response: ServerResponse;
  readonly #options: AnswerOptions;
  readonly #client: string;
  readonly #isSingle: boolean;
  #replies: number;
  #held = 0;
  #timer: NodeJS.Timeout;
  #unread: NodeJS.Timeout | undefined;

  constructor(request: WithBody, response: ServerResponse, options: AnswerOptions) {
    this.#response = response;
    this.#options = options;
    this.#replies = options.replies;
    this.#isSingle = options.replies === 1 && accepts(request, 'application/json');
    this.#client = request.onBehalfOf ?? clientOf(request.socket);
    this.takesEvents = accepts(request, 'text/event-stream');
    this.#timer = setInterval(() => this.#keepAlive(), KEEP_ALIVE_MS);
    response.on('drain', () => this.#full(false));
    response.once('close', () => this.#closed());
  }

  /** Whether the client is there, and may be told more. */
  get isOpen(): boolean {
    return !this.#response.closed && !this.#response.writableEnded;
  }

  /** Begins the event stream, if it has not begun. */
  begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { ...this.#headers(), 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform', 'X-Accel-Buffering': 'no' });
    this.#response.flushHeaders();
  }

  /** Says something that is no reply. False when there is nobody to hear it. */
  send(text: string): boolean {
    if (!this.isOpen || !this.takesEvents || !this.#take(text.length)) return false;
    this.begin();
    this.#event(text);
    return true;
  }

  /** Gives one of the replies. Of what the bridge says itself, the status and the headers count where nothing was said before. */
  reply(text: string, { status = 200, headers = {} }: Partial<HttpRefusal> = {}): boolean {
    this.#replies -= 1;
    if (!this.isOpen) return false;
    if (!this.#take(text.length)) return this.#noRoom();
    if (this.#isSingle && !this.#response.headersSent) {
      this.#response.writeHead(status, { ...this.#headers(), ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
      return true;
    }
    this.begin();
    this.#event(text);
    if (this.#replies <= 0) this.end();
    return true;
  }

  /** Gives one of the replies as an error. */
  fail(error: ErrorReply): void {
    this.reply(errorText(error), error);
  }

  /** No longer waits for one of the replies. */
  forget(): void {
    this.#replies -= 1;
    if (this.#replies <= 0) this.end();
  }

  /** Ends it as it is. */
  end(): void {
    if (!this.isOpen) return;
    this.begin();
    this.#response.end();
  }

  #headers(): Record<string, string> {
    return this.sessionId === undefined ? {} : { 'Mcp-Session-Id': this.sessionId };
  }

  #event(text: string): void {
    if (!this.#response.write(`event: message\ndata: ${text}\n\n`, () => this.#giveBack(text.length))) this.#full(true);
  }

  #keepAlive(): void {
    if (!this.isOpen || !this.takesEvents) return;
    this.begin();
    if (!this.#response.writableNeedDrain) this.#response.write(': still here\n\n');
  }

  #full(isFull: boolean): void {
    clearTimeout(this.#unread);
    if (isFull) this.#unread = setTimeout(() => this.#response.destroy(), UNREAD_MS);
    this.onFull(isFull);
  }

  #take(length: number): boolean {
    if (!this.#options.shares.take(this.#client, length)) return false;
    this.#held += length;
    return true;
  }

  #giveBack(length: number): void {
    const given = Math.min(length, this.#held);
    this.#held -= given;
    this.#options.shares.giveBack(this.#client, given);
  }

  #noRoom(): boolean {
    if (this.#response.headersSent) {
      this.#response.destroy();
      return false;
    }
    const refusal = busy('Answers that were not taken yet leave no room for this one: read them, and ask again.');
    this.#response.writeHead(refusal.status, { ...refusal.headers, 'Content-Type': 'application/json' }).end(errorText({ ...refusal, id: null }));
    return false;
  }

  #closed(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#unread);
    this.#giveBack(this.#held);
    this.onFull(false);
    this.onClose();
  }
}
