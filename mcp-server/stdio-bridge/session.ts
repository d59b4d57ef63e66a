// One session: a client, and a process of its own. What either says reaches the other as it was said.
import { createHash } from 'node:crypto';
import { INVALID_REQUEST } from '../json-rpc.ts';
import { busy, type HttpRefusal } from '../transports/refusals.ts';
import { errorText, type AnswerStream, type ErrorReply } from './answer-stream.ts';
import type { Child, ChildEnd } from './child.ts';
import { objectIn, paramsOf, progressTokenOf, type Id, type Message, type NotificationMessage, type RequestMessage } from './messages.ts';
import type { LongLine } from './line-reader.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { idInLong, tooLongReply } from './long-messages.ts';
import { notStarted } from './start-answers.ts';
import { Outbox } from './outbox.ts';
import { failureOfEnd, type StartFailure } from './start-failure.ts';

/** Requests of a session that are not answered yet. */
const MOST_OPEN = 64;
/** Requests of the server that its client has not answered yet. */
const MOST_ASKED = 64;

/** A client says more than `initialize` within milliseconds; one that did not for so long has left. */
const UNUSED_MS = 10_000;
/** A client that opened a stream keeps one open for as long as it lives, and opens another one when it breaks. */
const STREAM_LEFT_MS = 30_000;

/** What no request is the reason for. */
const UNRELATED = /^notifications\/(?:[a-z]+\/list_changed|resources\/updated)$/;

/** Why a session ended. */
export type EndReason = 'deleted' | 'idle' | 'server ended' | 'refused' | 'not started' | 'client left' | 'draining' | 'no room';

interface Open {
  readonly request: RequestMessage;
  readonly stream: AnswerStream;
  readonly token: Id | undefined;
  readonly started: number;
  /** When it counts as unanswered. */
  deadline: number;
  /** Sees the reply before the client does. */
  readonly onReply: ((message: Message) => void) | undefined;
}

export interface SessionOptions {
  readonly requestTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Hears once how it ended: `end` is there when its process did first. */
  readonly onEnd: (reason: EndReason, end?: ChildEnd) => void;
}

/** As ids and tokens are told apart: 1 is not "1". */
export function keyOf(id: Id): string {
  return JSON.stringify(id);
}

/** What stands for a session in logs: its id is a credential. */
export function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex').slice(0, 8);
}

export class Session {
  readonly id: string;
  readonly hash: string;
  readonly child: Child;
  /** Since when it has been idle, on the clock of `performance`. */
  idleSince = performance.now();
  /** The revision that client and server agreed on, once they did. */
  version: string | undefined;
  readonly #options: SessionOptions;
  #isUsed = false;
  #hadStream = false;
  readonly #open = new Map<string, Open>();
  readonly #asked = new Set<string>();
  readonly #outbox: Outbox;
  #end: EndReason | undefined;

  constructor(id: string, child: Child, options: SessionOptions) {
    this.id = id;
    this.hash = hashOf(id);
    this.child = child;
    this.#options = options;
    this.#outbox = new Outbox(options.metrics);
    child.assign(this.hash, {
      onMessage: (message) => this.#fromServer(message),
      onLong: (line) => this.#onLong(line),
      onEnd: (end) => this.#ended('server ended', end),
    });
  }

  /** Whether the stream for what belongs to no request is open. */
  get hasStream(): boolean {
    return this.#outbox.hasStream;
  }

  /** Whether it is in use: something is being answered, or a stream is open. */
  get isBusy(): boolean {
    return this.#open.size > 0 || this.#outbox.hasStream;
  }

  /** Whether its client has left, as far as that can be known: it gives way to others. */
  isAbandoned(now: number): boolean {
    if (this.isBusy || (this.#isUsed && !this.#hadStream)) return false;
    return now - this.idleSince > (this.#isUsed ? STREAM_LEFT_MS : UNUSED_MS);
  }

  /** Requests that are not answered yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Passes a request on; its reply goes to the stream. */
  ask(request: RequestMessage, stream: AnswerStream, onReply?: (message: Message) => void): void {
    const key = keyOf(request.id);
    const refusal = this.#refusal(key);
    if (refusal !== undefined) return stream.fail({ ...refusal, id: request.id });
    stream.sessionId ??= this.id;
    this.#isUsed ||= request.method !== 'initialize';
    this.#touch();
    // Of one that has just ended the end is about to be told, to this request as well.
    if (!this.child.send(request.text) && this.child.isAlive) return stream.fail({ ...notReading(), id: request.id });
    const started = performance.now();
    const deadline = started + this.#options.requestTimeoutMs;
    this.#open.set(key, { request, stream, token: progressTokenOf(request), started, deadline, onReply });
    stream.onFull = (isFull) => this.child.pause(isFull);
    if (stream.takesEvents) this.#outbox.flush(stream);
  }

  /** Passes on what wants no reply; undefined when that was possible. */
  tell(message: Message): HttpRefusal | undefined {
    this.#isUsed = true;
    this.#touch();
    if (message.kind === 'response' && (message.id === null || !this.#asked.delete(keyOf(message.id)))) {
      this.#options.metrics.count('mcp_bridge_messages_dropped_total');
      return undefined;
    }
    if (!this.child.send(message.text) && this.child.isAlive) return notReading();
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') this.#cancelled(message);
    return undefined;
  }

  /** Opens the stream for what belongs to no request. */
  listen(stream: AnswerStream): void {
    stream.sessionId = this.id;
    stream.onFull = (isFull) => this.child.pause(isFull);
    stream.onClose = () => {
      this.#outbox.detach(stream);
      this.#touch();
    };
    stream.begin();
    this.#outbox.attach(stream);
    this.#isUsed = true;
    this.#hadStream = true;
    this.#touch();
  }

  /** Ends requests that go on for too long. */
  tick(now: number): void {
    for (const [key, { request, stream, deadline }] of this.#open) {
      if (now < deadline) continue;
      this.#open.delete(key);
      const seconds = this.#options.requestTimeoutMs / 1000;
      this.child.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: request.id, reason: 'it takes too long' } }));
      stream.fail({ status: 504, id: request.id, message: `The server did not answer within ${seconds} s, and told of no progress.` });
      this.#options.metrics.count('mcp_bridge_requests_total', 'bridge');
      this.#touch();
    }
  }

  /** Ends the streams that only a session's end would end. */
  stopListening(): void {
    this.#outbox.end();
  }

  /** Ends it, and its process; those that wait for an answer hear of a failure to start, if that is why. */
  end(reason: EndReason, failure?: StartFailure): void {
    this.#ended(reason, undefined, failure);
  }

  #touch(): void {
    this.idleSince = performance.now();
  }

  #refusal(key: string): HttpRefusal | undefined {
    if (this.#end !== undefined) return { status: 404, message: 'The session has ended: begin a new one with initialize.' };
    if (this.#open.has(key)) return { status: 400, code: INVALID_REQUEST, message: `A request with the id ${key} is being answered: each needs an id of its own.` };
    if (this.#open.size < MOST_OPEN) return undefined;
    this.#options.metrics.count('mcp_bridge_rejected_total', 'requests of a session');
    return busy(`${MOST_OPEN} requests of this session are being answered: try again when some have ended.`);
  }

  #cancelled(message: NotificationMessage): void {
    const id = paramsOf(message)['requestId'];
    const key = JSON.stringify(id);
    const open = this.#open.get(key);
    if (open === undefined) return;
    // The protocol leaves a cancelled request without an answer.
    this.#open.delete(key);
    open.stream.forget();
  }

  #fromServer(message: Message): void {
    if (message.kind === 'response') return this.#reply(message.id === null ? undefined : keyOf(message.id), message.text, message);
    if (message.kind === 'request') {
      if (this.#asked.size >= MOST_ASKED) return this.#refuseServer(message.id, 'Too many requests to the client are not answered yet.');
      this.#asked.add(keyOf(message.id));
    }
    const related = this.#related(message);
    if (related?.send(message.text) === true) return;
    this.#outbox.put(message);
  }

  /** The stream of the request that a message of the server belongs to. Over stdio only progress says so; of others the last request is the likeliest. */
  #related(message: Message): AnswerStream | undefined {
    if (message.kind === 'notification') {
      if (message.method === 'notifications/progress') return this.#progress(paramsOf(message)['progressToken']);
      if (UNRELATED.test(message.method) && this.#outbox.hasStream) return undefined;
    }
    return [...this.#open.values()].findLast(({ stream }) => stream.isOpen && stream.takesEvents)?.stream;
  }

  #progress(token: unknown): AnswerStream | undefined {
    const open = [...this.#open.values()].find((each) => each.token !== undefined && each.token === token);
    if (open === undefined) return undefined;
    open.deadline = performance.now() + this.#options.requestTimeoutMs;
    return open.stream;
  }

  #reply(key: string | undefined, text: string, message?: Message): void {
    const open = key === undefined ? undefined : this.#open.get(key);
    const { metrics } = this.#options;
    if (key === undefined || open === undefined) return metrics.count('mcp_bridge_messages_dropped_total');
    this.#open.delete(key);
    this.#touch();
    metrics.observe('mcp_bridge_request_seconds', (performance.now() - open.started) / 1000);
    metrics.count('mcp_bridge_requests_total', 'server');
    if (message !== undefined) open.onReply?.(message);
    if (!open.stream.reply(text)) metrics.count('mcp_bridge_messages_dropped_total');
  }

  #onLong(line: LongLine): void {
    const { log, maxMessageBytes } = this.#options;
    log.warn('the server wrote a message that is too long', { session: this.hash, bytes: line.bytes });
    const id = idInLong(line, (key) => this.#open.has(key));
    if (id !== undefined) this.#reply(keyOf(id), errorText(tooLongReply(id, line.bytes, maxMessageBytes)));
  }

  #refuseServer(id: Id, message: string): void {
    this.child.send(errorText({ status: 503, id, message }));
  }

  #ended(reason: EndReason, end?: ChildEnd, failure?: StartFailure): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    for (const { request, stream } of this.#open.values()) {
      if (request.method === 'initialize') stream.sessionId = undefined;
      const early = failure ?? (request.method === 'initialize' && end !== undefined ? failureOfEnd(end) : undefined);
      stream.fail(early === undefined ? endedEarly(request.id, reason, end) : notStarted(request.id, early));
      this.#options.metrics.count('mcp_bridge_requests_total', 'bridge');
    }
    this.#open.clear();
    this.#outbox.end();
    void this.child.stop();
    this.#options.onEnd(reason, end);
  }
}

function endedEarly(id: Id, reason: EndReason, end: ChildEnd | undefined): ErrorReply {
  const message = end === undefined ? `The session ended: ${reason}.` : `The MCP server ended before it answered: ${end.how}.`;
  return { status: 502, id, message };
}

function notReading(): HttpRefusal {
  return busy('The server does not read what it was sent before: try again later.');
}

/** Whether a reply to `initialize` is a refusal. */
export function isRefused(message: Message): boolean {
  return message.kind === 'response' && Object.keys(objectIn(message.value['error'])).length > 0;
}
