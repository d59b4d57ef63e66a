// Sends requests over pooled keep-alive connections and bounds every one of them in time.
import http from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { abortable, Bounds, networkMessage } from './bounds.ts';
import type { Connection, Identity } from './connection.ts';
import { ApiError } from './errors.ts';
import type { Enough, RawResponse } from './responses.ts';
import { Sockets } from './sockets.ts';

/** How a request is put on the wire; `https.request` is one. */
export type RequestFunction = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;

/** How much of an answer is read. */
interface ReadLimits {
  /** Bytes of the body to read at most; more is cut off. */
  readonly maxBytes?: number | undefined;
  readonly enough?: Enough | undefined;
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
  readonly signal?: AbortSignal | undefined;
}

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
      return await readBody(response, request);
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
    const headers = { ...this.#connection.headers, ...(authorization ? { authorization } : {}), ...request.headers };
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
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(stale ? new StaleSocketError(error.message, { cause: error }) : error);
    });
    // Node writes headers and a body that is text in one encoding, UTF-8, and would encode headers twice that are bytes already.
    sent.end(typeof request.body === 'string' ? Buffer.from(request.body) : request.body);
    return promise;
  }
}

/** Over which socket a request goes, and for how long. */
interface Route {
  readonly way: 'pooled' | 'single';
  readonly bounds: Bounds;
}

class StaleSocketError extends Error {}

/** Most answers that are enough are about to end: then their connection serves on, and no proxy sees them broken off. */
const LINGER_MS = 100;

/** Reads an answer, at most `maxBytes` of its body; what comes later than that, or than `enough`, is cut off and the socket closed. */
export async function readBody(response: IncomingMessage, limits: ReadLimits = {}): Promise<RawResponse> {
  const { maxBytes = Number.POSITIVE_INFINITY, enough } = limits;
  const head = { status: response.statusCode ?? 0, headers: response.headers };
  const chunks: Buffer[] = [];
  let size = 0;
  let linger: NodeJS.Timeout | undefined;
  const isEnough = (): void => { linger = setTimeout(() => response.destroy(), LINGER_MS); };
  const look = enough?.(head);
  if (look === true) isEnough();
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) break;
      if (linger === undefined && typeof look === 'function' && look(chunk)) isEnough();
    }
  } catch (error) {
    if (linger === undefined) throw error;
  } finally {
    clearTimeout(linger);
  }
  return { ...head, body: Buffer.concat(chunks).subarray(0, Math.min(size, maxBytes)), truncated: size > maxBytes };
}
