// Sends requests over pooled keep-alive connections and bounds every one of them in time.
import http from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Connection, Identity } from './connection.ts';
import { ApiError, isApiError } from './errors.ts';
import type { RawResponse } from './responses.ts';
import { Sockets } from './sockets.ts';

/** How a request is put on the wire; `https.request` is one. */
export type RequestFunction = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;

/** What one request carries. `path` includes the query. */
export interface TransportRequest {
  /** Names the request in error messages. */
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Milliseconds until the whole answer (or, for a stream, its head) must be here. */
  readonly timeoutMs: number;
  /** Bytes of the body to read at most; more is cut off. */
  readonly maxBytes?: number | undefined;
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
      return await readBody(response, request.maxBytes);
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
  async #open(request: TransportRequest, way: 'pooled' | 'single', bounds: Bounds): Promise<IncomingMessage> {
    const identity = await this.#identity(request, bounds);
    const response = await this.#sendAs(identity, request, { way, bounds });
    if (response.statusCode !== 401 || this.#connection.refused?.(identity) !== true || request.method !== 'GET') return response;
    response.destroy();
    return this.#sendAs(await this.#identity(request, bounds), request, { way, bounds });
  }

  async #sendAs(identity: Identity, request: TransportRequest, { way, bounds }: { way: 'pooled' | 'single'; bounds: Bounds }): Promise<IncomingMessage> {
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
    sent.end(request.body);
    return promise;
  }
}

class StaleSocketError extends Error {}

/** One abort signal made of the caller's and a deadline, and the error each means. */
class Bounds {
  readonly #controller = new AbortController();
  readonly #request: TransportRequest;
  readonly #timer: NodeJS.Timeout;
  #missing = 'no answer';

  constructor(request: TransportRequest) {
    const { label, timeoutMs, signal } = request;
    this.#request = request;
    const timeout = (): ApiError => new ApiError('Timeout', `${label}: ${this.#missing} within ${timeoutMs / 1000} s`);
    this.#timer = setTimeout(() => this.#controller.abort(timeout()), timeoutMs);
    if (signal?.aborted) this.#forward();
    signal?.addEventListener('abort', this.#forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is missing when the time is over. */
  awaits(missing: string): void {
    this.#missing = missing;
  }

  stopClock(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.stopClock();
    this.#request.signal?.removeEventListener('abort', this.#forward);
  }

  explain(error: unknown): unknown {
    if (this.signal.aborted) return this.signal.reason;
    if (isApiError(error)) return error;
    return new ApiError('Network', `${this.#request.label}: ${networkMessage(error)}`, { cause: error });
  }

  readonly #forward = (): void => this.#controller.abort(this.#request.signal?.reason);
}

/** Reads an answer, at most `maxBytes` of its body; the rest is cut off and the socket closed. */
export async function readBody(response: IncomingMessage, maxBytes = Number.POSITIVE_INFINITY): Promise<RawResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  const body = Buffer.concat(chunks).subarray(0, Math.min(size, maxBytes));
  return { status: response.statusCode ?? 0, headers: response.headers, body, truncated: size > maxBytes };
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A failed connection to several addresses has its text in the parts only. */
function networkMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(networkMessage).join('; ');
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim();
}
