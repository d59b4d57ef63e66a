// Sends requests over pooled keep-alive connections and bounds every one of them in time.
import http from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { finished } from 'node:stream';
import { abortable, Bounds, networkMessage } from './bounds.ts';
import type { Connection, Identity } from './connection.ts';
import { ApiError } from './errors.ts';
import { boundInterim } from './interim-answers.ts';
import type { Enough, RawResponse } from './responses.ts';
import { Sockets } from './sockets.ts';

/** How a request is put on the wire; `https.request` is one. */
export type RequestFunction = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;

/** How much of an answer is read. */
interface ReadLimits {
  /** Bytes of the body to read at most; more is cut off. */
  readonly maxBytes?: number | undefined;
  /** Bytes of the body to keep at most, however many are read. Default: all. */
  readonly keepBytes?: number | undefined;
  /** Pieces of the body to read at most; more are cut off. Default: any number. */
  readonly maxPieces?: number | undefined;
  readonly enough?: Enough | undefined;
  /** Rejects with its reason when it ends a body that only the end of its connection would have ended: to Node that is whole then. */
  readonly signal?: AbortSignal | undefined;
}

/** What one request carries. `path` includes the query. */
export interface TransportRequest extends ReadLimits {
  /** Names the request in error messages. */
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Milliseconds until the whole answer (or, for a stream, its head) must be here. */
  readonly timeoutMs: number;
}

/** What tells the API server who asks: the connection's alone to say, also where it says nothing. */
const IDENTITY = /^(authorization|impersonate-.*|x-remote-.*)$/i;

/** Requests to one API server: over a pool, streams over a socket each. */
export class Transport {
  readonly #connection: Connection;
  readonly #send: RequestFunction;
  readonly #target: RequestOptions;
  readonly #prefix: string;
  readonly #sockets: Sockets;

  constructor(connection: Connection, maxSockets: number, send?: RequestFunction) {
    const url = new URL(connection.server);
    const { proxyUrl } = connection;
    const host = url.hostname.replaceAll(/[[\]]/g, '');
    const settings = {
      // Else Node would take a Host header, such as one meant for a pod behind the API server's proxy, for the name in the certificate.
      servername: isIP(host) === 0 ? host : '',
      ...connection.tls,
      ...(proxyUrl === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl } }),
    };
    this.#connection = connection;
    this.#send = send ?? (url.protocol === 'http:' ? http : https).request;
    this.#target = { protocol: url.protocol, hostname: host, port: url.port };
    this.#prefix = url.pathname.replace(/\/+$/, '');
    this.#sockets = new Sockets(url.protocol, settings, maxSockets);
  }

  /** Sends a request and reads its whole answer. Rejects with ApiError Network, Timeout or Unauthorized, or with the signal's reason. */
  async exchange(request: TransportRequest): Promise<RawResponse> {
    const bounds = new Bounds(request);
    try {
      const response = await this.#open(request, 'pooled', bounds);
      return await readBody(response, { ...request, signal: bounds.signal });
    } catch (error) {
      throw bounds.explain(error);
    } finally {
      bounds.release();
    }
  }

  /** Sends a request on a socket of its own and hands over the unread answer; the signal ends it at any time. */
  async stream(request: TransportRequest): Promise<IncomingMessage> {
    const bounds = new Bounds(request);
    try {
      const response = await this.#open(request, 'single', bounds);
      response.socket.setKeepAlive(true, 15_000);
      response.once('close', () => bounds.release());
      bounds.stopClock();
      return response;
    } catch (error) {
      bounds.release();
      throw bounds.explain(error);
    }
  }

  /** Asks for another protocol on a socket of its own: an answer with status 101 has that socket, any other is unread. The signal ends the asking alone. */
  async upgrade(request: TransportRequest): Promise<IncomingMessage> {
    const bounds = new Bounds(request);
    try {
      return await this.#open(request, 'single', bounds);
    } catch (error) {
      throw bounds.explain(error);
    } finally {
      bounds.release();
    }
  }

  /** Closes every connection, those in use too. */
  close(): void {
    this.#sockets.close();
  }

  /** One whose credentials are refused is sent again with new ones, if there are any and it only reads: client-go leaves that to its callers. */
  async #open(request: TransportRequest, way: Route['way'], bounds: Bounds): Promise<IncomingMessage> {
    const identity = await this.#identity(request, bounds);
    const response = await this.#sendAs(identity, request, { way, bounds });
    // Through the API server's proxy, 401 is the word of whoever stands behind it.
    if (response.statusCode !== 401 || /\/proxy(?:[/?]|$)/.test(request.path)) return response;
    if (this.#connection.refused?.(identity) !== true || request.method !== 'GET') return response;
    response.destroy();
    return this.#sendAs(await this.#identity(request, bounds), request, { way, bounds });
  }

  async #sendAs(identity: Identity, request: TransportRequest, { way, bounds }: Route): Promise<IncomingMessage> {
    const { authorization, certificate } = identity;
    const { signal } = bounds;
    const foreign = Object.entries(request.headers).filter(([name]) => !IDENTITY.test(name));
    const headers = { ...Object.fromEntries(foreign), ...this.#connection.headers, ...(authorization ? { authorization } : {}) };
    try {
      return await this.#attempt(request, { ...this.#sockets[way](certificate), signal, headers });
    } catch (error) {
      // The server may close an idle pooled socket at the moment it is used again; only a read may be repeated blindly.
      if (!(error instanceof StaleSocketError) || request.method !== 'GET' || signal.aborted) throw error;
      return this.#attempt(request, { ...this.#sockets.single(certificate), signal, headers });
    }
  }

  async #identity(request: TransportRequest, bounds: Bounds): Promise<Identity> {
    bounds.awaits('no credentials');
    try {
      const authorization = await abortable(this.#connection.authorization(), bounds.signal);
      if (this.#connection.certificate === undefined) return { authorization, certificate: undefined };
      return { authorization, certificate: await abortable(this.#connection.certificate(), bounds.signal) };
    } catch (error) {
      if (bounds.signal.aborted) throw error;
      throw new ApiError('Unauthorized', `${request.label}: no credentials: ${networkMessage(error)}`, { cause: error });
    } finally {
      bounds.awaits('no answer');
    }
  }

  #attempt(request: TransportRequest, options: RequestOptions): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const path = this.#prefix + request.path;
    const sent = this.#send({ ...this.#target, ...options, method: request.method, path }, resolve);
    boundInterim(sent);
    if (request.headers['upgrade'] !== undefined) {
      sent.on('upgrade', (response, socket, head) => {
        // What came with the answer is read again with what follows.
        if (head.length > 0) socket.unshift(head);
        resolve(response);
      });
    }
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new StaleSocketError(error.message, { cause: error }) : error);
    });
    end(sent, request.body);
    return promise;
  }
}

/**
 * Node writes headers and a body that is text at once, in one encoding. Headers are bytes, so that is Latin-1, which of ASCII alone is UTF-8.
 * Another body is written after them.
 */
function end(sent: ClientRequest, body: string | Buffer | undefined): void {
  if (typeof body !== 'string') sent.end(body);
  else if (Buffer.byteLength(body) === body.length) sent.end(body, 'latin1');
  else sent.end(Buffer.from(body));
}

/** Over which socket a request goes, and for how long. */
interface Route {
  readonly way: 'pooled' | 'single';
  readonly bounds: Bounds;
}

class StaleSocketError extends Error {}

/** Most answers that are enough are about to end: then their connection serves on, and no proxy sees them broken off. */
const LINGER_MS = 100;

/** What arrives at once is read in one turn of the event loop, up to megabytes: after so much others have theirs. */
const PAUSE_BYTES = 64 * 1024;

/** Reads an answer as far as `limits` go; what comes later than that, or than `enough`, is cut off and the socket closed. */
export function readBody(response: IncomingMessage, limits: ReadLimits = {}): Promise<RawResponse> {
  const { maxBytes = Infinity, keepBytes = maxBytes, maxPieces = Infinity, enough, signal } = limits;
  const head = { status: response.statusCode ?? 0, headers: response.headers };
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
  const chunks: Buffer[] = [];
  let [size, pieces, sincePause] = [0, 0, 0];
  let linger: NodeJS.Timeout | undefined;
  const isEnough = (): void => { linger = setTimeout(() => response.destroy(), LINGER_MS); };
  const isCut = (): boolean => size > maxBytes || pieces > maxPieces;
  const look = enough?.(head);
  if (look === true) isEnough();
  response.on('data', (chunk: Buffer) => {
    if (isCut()) return;
    const piece = size + chunk.length > maxBytes ? chunk.subarray(0, maxBytes - size) : chunk;
    if (size < keepBytes) chunks.push(piece.subarray(0, keepBytes - size));
    size += chunk.length;
    pieces += 1;
    if (linger === undefined && typeof look === 'function' && look(piece)) isEnough();
    if (isCut()) response.destroy();
    sincePause += chunk.length;
    if (sincePause < PAUSE_BYTES) return;
    sincePause = 0;
    response.pause();
    setImmediate(() => response.resume());
  });
  finished(response, (error) => {
    clearTimeout(linger);
    const isOver = linger !== undefined || isCut();
    if (error && !isOver) reject(error);
    else if (signal?.aborted === true && !isOver) reject(signal.reason as Error);
    else resolve({ ...head, body: Buffer.concat(chunks), truncated: isCut() });
  });
  return promise;
}
