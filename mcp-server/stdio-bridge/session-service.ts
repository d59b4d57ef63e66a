// The era of sessions over HTTP, in PerSession mode: POST, GET and DELETE with the id of a session, which `initialize` begins.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { INVALID_REQUEST } from '../json-rpc.ts';
import { busy, sendError, type HttpRefusal } from '../transports/refusals.ts';
import type { AnswerStream } from './answer-stream.ts';
import type { Message, RequestMessage } from './messages.ts';
import { isOfOperator, STOPPING } from './start-answers.ts';
import type { OperatorPlace } from './operator-place.ts';
import { SESSION_VERSIONS } from './protocol.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** One HTTP request; `stream` makes the stream that answers it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
export interface StreamExchange extends Exchange {
  readonly stream: () => AnswerStream;
}
export interface PostExchange extends StreamExchange {
  readonly messages: readonly Message[];
  /** Those of them that want a reply. */
  readonly requests: readonly RequestMessage[];
}

/** Answers what is no stateless request. */
export interface SessionService {
  post(exchange: PostExchange): void;
  get(exchange: StreamExchange): void;
  delete(exchange: Exchange): void;
}

/** Serves a session for each `initialize`. */
export class PerSessionService implements SessionService {
  readonly #sessions: Sessions;
  readonly #operator: OperatorPlace;
  readonly #isDraining: () => boolean;

  constructor(sessions: Sessions, operator: OperatorPlace, isDraining: () => boolean) {
    this.#sessions = sessions;
    this.#operator = operator;
    this.#isDraining = isDraining;
  }

  post(exchange: PostExchange): void {
    const { messages, requests, request, response, stream } = exchange;
    const opening = requests.find(({ method }) => method === 'initialize');
    if (opening !== undefined) {
      if (messages.length > 1) return sendError(response, { status: 400, code: INVALID_REQUEST, message: 'initialize must be sent alone.' });
      if (this.#isDraining()) return sendError(response, stopping());
      return void (isOfOperator(opening) ? this.#operator : this.#sessions).begin(opening, stream());
    }
    if (this.#isOfOperator(exchange)) return this.#operator.post(exchange);
    const session = this.#find(request, response);
    if (session === undefined) return;
    for (const message of messages) {
      const refusal = message.kind === 'request' ? undefined : session.tell(message);
      if (refusal !== undefined) return sendError(response, refusal);
    }
    if (requests.length === 0) {
      response.writeHead(202).end();
      return;
    }
    const answer = stream();
    for (const each of requests) session.ask(each, answer);
  }

  get(exchange: StreamExchange): void {
    if (this.#isOfOperator(exchange)) return this.#operator.get(exchange);
    const { request, response, stream } = exchange;
    const session = this.#find(request, response);
    if (session === undefined) return;
    if (session.hasStream) return sendError(response, { status: 409, message: 'The session has an event stream already: there can be one at a time.' });
    session.listen(stream());
  }

  delete(exchange: Exchange): void {
    if (this.#isOfOperator(exchange)) return this.#operator.delete(exchange);
    const { request, response } = exchange;
    const session = this.#find(request, response);
    if (session === undefined) return;
    session.end('deleted');
    response.writeHead(200).end();
  }

  #isOfOperator({ request: { headers } }: Exchange): boolean {
    return this.#operator.owns(headers['mcp-session-id']);
  }

  #find({ headers }: IncomingMessage, response: ServerResponse): Session | undefined {
    const id = headers['mcp-session-id'];
    if (typeof id !== 'string') {
      sendError(response, { status: 400, message: 'Mcp-Session-Id is missing: begin a session with initialize.' });
      return undefined;
    }
    const found = this.#sessions.find(id);
    if ('status' in found) {
      sendError(response, found);
      return undefined;
    }
    const version = headers['mcp-protocol-version'];
    if (typeof version === 'string' && !isSessionVersion(version) && version !== found.version) {
      sendError(response, { status: 400, message: `The protocol version ${version} is none of this session: it speaks ${found.version ?? SESSION_VERSIONS.join(', ')}.` });
      return undefined;
    }
    return found;
  }
}

/** What is told while the bridge drains. */
export function stopping(): HttpRefusal {
  return busy(STOPPING);
}

function isSessionVersion(version: string): boolean {
  return (SESSION_VERSIONS as readonly string[]).includes(version);
}
