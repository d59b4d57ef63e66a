// Passes a request on to another replica, and its answer back, piece by piece: whoever is slow at one end slows down the other.
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { sendError } from '../transports/refusals.ts';
import { accepts } from './answer-stream.ts';
import { answerHeaders, requestHeaders, type Hop } from './hop.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Settings } from './settings.ts';

/** For a connection to be opened, between pods of one cluster. */
const CONNECT_MS = 2000;
/** A connection that nobody uses is closed, sooner than a replica that stops does it: then no request can meet the close. */
const IDLE_MS = 1000;
/** Unused connections kept to each replica. */
const MOST_IDLE = 16;
/** Three times the pause between signs of life on an event stream. */
const SILENT_MS = 45_000;

export interface ForwarderOptions {
  readonly settings: Pick<Settings, 'path' | 'requestTimeoutMs'>;
  /** The own address: by it the other one knows a replica. */
  readonly address: string;
  /** The port of all replicas. */
  readonly port: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: MOST_IDLE, timeout: IDLE_MS });
  readonly #listening = new Map<ServerResponse, IncomingMessage>();
  #open = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    options.metrics.watch({ name: 'mcp_bridge_forwards_open', help: 'Requests that other replicas are answering for this one.', read: () => this.#open });
  }

  /**
   * Resolves to whether somebody took the connection, as soon as that is known; whatever happens then is told to the client.
   * Where nobody did, nothing of the request is used up.
   */
  send(request: IncomingMessage, response: ServerResponse, hop: Hop): Promise<boolean> {
    const { settings, address, port, metrics, log } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const headers = requestHeaders(request.headers, hop, port());
    const isPost = request.method === 'POST';
    // Nobody reads the body of another request.
    if (!isPost) delete headers['content-length'];
    const upstream = httpRequest({
      host: hop.address,
      port: port(),
      ...(isIP(address) === isIP(hop.address) && { localAddress: address }),
      path: settings.path,
      method: request.method ?? '',
      headers,
      agent: this.#agent,
      // An answer in JSON comes without signs of life.
      timeout: SILENT_MS + (accepts(request, 'text/event-stream') ? 0 : settings.requestTimeoutMs),
    });
    let isConnected = false;
    untilConnected(upstream, () => {
      isConnected = true;
      metrics.count('mcp_bridge_forwarded_total');
      resolve(true);
      if (isPost) request.pipe(upstream);
      else upstream.end();
    });
    this.#countOpen(upstream);
    upstream.once('timeout', () => upstream.destroy(new Error('it was silent for too long')));
    upstream.once('response', (answer) => this.#passBack(request, response, answer));
    upstream.on('error', ({ message }) => {
      const hasLeft = response.closed;
      if (!isConnected) return resolve(hasLeft);
      if (hasLeft || response.headersSent) return;
      log.debug('another replica did not answer', { address: hop.address, why: message });
      metrics.count('mcp_bridge_forward_failures_total', 'no answer');
      sendError(response, { status: 502, message: 'The replica that has this session did not answer: try again.', headers: { 'Retry-After': '1' } });
    });
    response.once('close', () => {
      request.unpipe(upstream);
      request.resume();
      upstream.destroy();
    });
    return promise;
  }

  /** Ends the event streams that only a session's end would end. */
  stopListening(): void {
    for (const [response, answer] of this.#listening) {
      answer.unpipe(response);
      response.end();
    }
  }

  stop(): void {
    this.#agent.destroy();
  }

  #countOpen(upstream: ClientRequest): void {
    this.#open += 1;
    upstream.once('close', () => (this.#open -= 1));
  }

  #passBack(request: IncomingMessage, response: ServerResponse, answer: IncomingMessage): void {
    if (response.closed) return;
    if (request.method === 'GET') {
      this.#listening.set(response, answer);
      response.once('close', () => this.#listening.delete(response));
    }
    // That it was cut off is told by `complete`.
    answer.on('error', () => undefined);
    answer.once('close', () => {
      if (answer.complete || response.writableEnded) return;
      this.#options.metrics.count('mcp_bridge_forward_failures_total', 'cut off');
      response.destroy();
    });
    response.writeHead(answer.statusCode ?? 502, answerHeaders(answer.headers));
    response.flushHeaders();
    answer.pipe(response);
  }
}

/** Calls back once there is a connection; where there is none in time the request fails. */
function untilConnected(upstream: ClientRequest, begin: () => void): void {
  upstream.once('socket', (socket) => {
    if (!socket.connecting) return begin();
    const late = setTimeout(() => upstream.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)), CONNECT_MS);
    upstream.once('close', () => clearTimeout(late));
    socket.once('connect', () => {
      clearTimeout(late);
      begin();
    });
  });
}
