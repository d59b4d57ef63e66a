// The HTTP side: which request goes where, and what is refused before anything is asked of the server.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { INVALID_REQUEST } from '../json-rpc.ts';
import { bodyReader, bodyShares, parseJson, type Step, type WithBody } from '../transports/bodies.ts';
import { busy, sendError, type HttpRefusal } from '../transports/refusals.ts';
import { hostAllowed, originAllowed } from '../transports/request-checks.ts';
import { clientOf, Shares } from '../transports/shares.ts';
import { accepts, AnswerStream, errorText, type ErrorReply } from './answer-stream.ts';
import { messageOf, type Message, type RequestMessage } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { Peers } from './peers.ts';
import { isOfOperator, whyNotReady } from './start-answers.ts';
import type { Readiness } from './readiness.ts';
import type { Recollection } from './recollection.ts';
import { stopping, type SessionService } from './session-service.ts';
import type { Settings } from './settings.ts';
import { claimOf } from './stateless-claim.ts';

/** Requests that are read or answered at a time; open event streams are not among them. */
const MOST_REQUESTS = 256;
/** Answers that are not taken yet. */
const MOST_ANSWERS_BYTES = 32 * 1024 * 1024;
/** Bodies of requests that are read or being answered: so many times as much as one may have. */
const MOST_BODIES = 8;
/** Values of a body. */
const MOST_VALUES = 100_000;
/** Messages of a batch, which the revision 2025-03-26 knows. */
const MOST_BATCHED = 100;

/** What may be for a session of another replica. */
const MAY_BE_FORWARDED = new Set(['POST', 'GET', 'DELETE']);

const REQUEST_HEADERS = 'Content-Type, Authorization, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID';

/** Answers stateless requests. */
export interface StatelessService {
  ask(request: RequestMessage, stream: AnswerStream): Promise<void>;
}

export interface EndpointOptions {
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly sessions: SessionService;
  readonly stateless: StatelessService;
  /** Where there are other replicas that may have a session. */
  readonly peers: Peers | undefined;
  readonly readiness: Pick<Readiness, 'notReady'>;
  /** Where the operator's question is to wake no process. */
  readonly recollection: Recollection | undefined;
  readonly isDraining: () => boolean;
}

/** Makes the listener of the MCP port. */
export function createEndpoint(options: EndpointOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const endpoint = new Endpoint(options);
  return (request, response) => endpoint.handle(request, response);
}

class Endpoint {
  readonly #options: EndpointOptions;
  readonly #requests = new Shares(MOST_REQUESTS);
  readonly #answers = new Shares(MOST_ANSWERS_BYTES);
  readonly #readBody: Step;

  constructor(options: EndpointOptions) {
    this.#options = options;
    const { maxMessageBytes } = options.settings;
    const bodies = bodyShares(MOST_BODIES * maxMessageBytes);
    this.#readBody = bodyReader(bodies, maxMessageBytes);
    options.metrics.watch({ name: 'mcp_bridge_bodies_bytes', help: 'Bytes of bodies of requests that are not answered yet.', read: () => bodies.total });
    options.metrics.watch({ name: 'mcp_bridge_answers_bytes', help: 'Characters of answers that are not taken yet.', read: () => this.#answers.total });
  }

  handle(request: WithBody, response: ServerResponse): void {
    const refusal = this.#refused(request);
    if (refusal !== undefined) return sendError(response, refusal);
    const { origin } = request.headers;
    if (origin !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id, Retry-After');
      response.setHeader('Vary', 'Origin');
    }
    const { peers } = this.#options;
    if (peers === undefined || this.#isRefusedHere(request)) return this.#serve(request, response);
    request.onBehalfOf = peers.clientOf(request);
    void this.#forward(peers, request, response);
  }

  /** Whether the answer is the same wherever the session is. */
  #isRefusedHere({ method = '', headers }: IncomingMessage): boolean {
    const { isDraining, settings } = this.#options;
    const isTooLong = Number(headers['content-length'] ?? 0) > settings.maxMessageBytes;
    return isTooLong || !MAY_BE_FORWARDED.has(method) || (method === 'GET' && isDraining());
  }

  async #forward(peers: Peers, request: WithBody, response: ServerResponse): Promise<void> {
    const isDone = await peers.forward(request, response);
    if (!isDone && !response.closed) this.#serve(request, response);
  }

  #serve(request: WithBody, response: ServerResponse): void {
    if (request.method === 'POST') return this.#post(request, response);
    if (request.method === 'GET') return this.#get(request, response);
    if (request.method === 'DELETE') return this.#delete(request, response);
    if (request.method !== 'OPTIONS') {
      return sendError(response, { status: 405, message: 'Method not allowed: MCP is spoken by POST, GET and DELETE.', headers: { Allow: 'GET, POST, DELETE' } });
    }
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
    response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS);
    response.writeHead(204, { 'Access-Control-Max-Age': '600' }).end();
  }

  #refused({ headers, url = '' }: IncomingMessage): HttpRefusal | undefined {
    const { path, allowedHosts, allowedOrigins } = this.#options.settings;
    if (!hostAllowed(headers.host, allowedHosts)) {
      return { status: 403, message: `Host "${headers.host ?? ''}" is not served here. Call the server by IP address, localhost or Service name (NAME or NAME.NAMESPACE.svc), or let MCP_ALLOWED_HOSTS name it.` };
    }
    if (!originAllowed(headers.origin, headers.host, allowedOrigins)) {
      return { status: 403, message: `Web pages of origin "${headers.origin ?? ''}" may not call this server: let MCP_ALLOWED_ORIGINS name it.` };
    }
    return url.split('?')[0] === path ? undefined : { status: 404, message: `There is nothing here: MCP is at ${path}.` };
  }

  #post(request: WithBody, response: ServerResponse): void {
    const client = request.onBehalfOf ?? clientOf(request.socket);
    if (!accepts(request, 'application/json') && !accepts(request, 'text/event-stream')) {
      return sendError(response, { status: 406, message: 'The answer is application/json or text/event-stream: the Accept header must allow it.' });
    }
    if (!this.#requests.take(client, 1)) {
      this.#options.metrics.count('mcp_bridge_rejected_total', 'requests');
      return sendError(response, busy('Too many requests are being answered: try again when some have ended.'));
    }
    response.once('close', () => this.#requests.giveBack(client, 1));
    this.#readBody(request, response, () => {
      const { bytes = Buffer.alloc(0) } = request;
      request.bytes = undefined;
      const { text, body, refusal } = parseJson(bytes, MOST_VALUES);
      if (refusal !== undefined) return sendError(response, refusal);
      const messages = messagesIn(body, text ?? '');
      if ('status' in messages) return sendError(response, messages);
      this.#route(messages, request, response);
    });
  }

  #route(messages: readonly Message[], request: WithBody, response: ServerResponse): void {
    const requests = messages.filter((message) => message.kind === 'request');
    const claim = claimOf(messages, request.headers);
    if (claim.kind === 'refused') return sendReply(response, claim.error);
    if (claim.kind === 'stateless' && requests.length === 0) {
      // It can only be a notification: what it could mean is said by closing a stream.
      response.writeHead(202).end();
      return;
    }
    const { sessions, stateless, recollection, readiness: { notReady } } = this.#options;
    const asked = requests.find(isOfOperator);
    if (notReady !== undefined && asked !== undefined) return sendReply(response, whyNotReady(asked.id, notReady));
    const stream = (): AnswerStream => new AnswerStream(request, response, { shares: this.#answers, replies: requests.length });
    if (recollection?.answer({ requests, headers: request.headers, response, stream }) === true) return;
    if (claim.kind === 'stateless' && requests[0] !== undefined) return void stateless.ask(requests[0], stream());
    sessions.post({ messages, requests, request, response, stream });
  }

  #delete(request: WithBody, response: ServerResponse): void {
    const { sessions, recollection } = this.#options;
    if (recollection?.owns(request.headers['mcp-session-id']) !== true) return sessions.delete({ request, response });
    response.writeHead(200).end();
  }

  #get(request: WithBody, response: ServerResponse): void {
    if (!accepts(request, 'text/event-stream')) {
      return sendError(response, { status: 406, message: 'GET opens an event stream: the Accept header must allow text/event-stream.' });
    }
    if (this.#options.isDraining()) return sendError(response, stopping());
    const stream = (): AnswerStream => new AnswerStream(request, response, { shares: this.#answers, replies: 0 });
    this.#options.sessions.get({ request, response, stream });
  }
}

/** Sends an error with its id and data. */
function sendReply(response: ServerResponse, error: ErrorReply): void {
  const text = errorText(error);
  response.writeHead(error.status, { ...error.headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function messagesIn(body: unknown, text: string): readonly Message[] | HttpRefusal {
  const isBatch = Array.isArray(body);
  const values: readonly unknown[] = isBatch ? body : [body];
  if (values.length > MOST_BATCHED) return { status: 400, code: INVALID_REQUEST, message: `A batch must not have more than ${MOST_BATCHED} messages.` };
  const messages = values.flatMap((value) => messageOf(value, isBatch ? JSON.stringify(value) : text) ?? []);
  const isWhole = messages.length > 0 && messages.length === values.length;
  return isWhole ? messages : { status: 400, code: INVALID_REQUEST, message: 'The body must be a JSON-RPC 2.0 message.' };
}
