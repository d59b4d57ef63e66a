// A real HTTP server on loopback that answers, or misbehaves, exactly as a test says.
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import type { ClientOptions } from '../../kubernetes/client.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { ApiError } from '../../kubernetes/errors.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The common name in the client's certificate. */
  readonly peer: string | undefined;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

export class WireServer {
  readonly requests: ReceivedRequest[] = [];
  readonly open = new Set<Socket>();
  connections = 0;
  readonly #server: ReturnType<typeof createServer>;
  readonly #tls: boolean;
  readonly #answer: Answer;

  constructor(answer: Answer, tls?: ServerOptions) {
    this.#answer = answer;
    this.#tls = tls !== undefined;
    const receive = (request: IncomingMessage, response: ServerResponse): void => void this.#receive(request, response);
    this.#server = tls === undefined ? createServer(receive) : createTlsServer(tls, receive);
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.connections += 1;
      this.open.add(socket);
      socket.on('close', () => this.open.delete(socket));
    });
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return this;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received: ReceivedRequest = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', 'http://server'),
      headers: request.headers,
      body: await text(request),
      peer: request.socket instanceof TLSSocket ? String(request.socket.getPeerCertificate().subject.CN) : undefined,
    };
    this.requests.push(received);
    this.#answer(received, response);
  }
}

/** Starts a server for the running test, an HTTPS server with `tls`, and stops it afterwards. */
export async function wireServer(answer: Answer, tls?: ServerOptions): Promise<WireServer> {
  const server = await new WireServer(answer, tls).listen();
  onTestFinished(() => server.close());
  return server;
}

/** A client of such a server, closed after the running test. */
export function clientOf(
  server: { readonly url: string },
  options: ClientOptions & { connection?: Partial<Connection> } = {},
): KubernetesClient {
  const { connection, ...rest } = options;
  const anonymous: Connection = { server: server.url, inCluster: false, tls: {}, authorization: () => Promise.resolve(undefined) };
  const client = new KubernetesClient({ ...anonymous, ...connection }, rest);
  onTestFinished(() => client.close());
  return client;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Answers with the Status object of a failure. */
export function sendStatus(response: ServerResponse, code: number, status: { reason: string; message: string }): void {
  sendJson(response, code, { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, ...status });
}

/** Refuses a streaming list, and returns whether the request asked for one: as an API server answers that lists in pages only. */
export function refusesToStream(url: URL, response: ServerResponse): boolean {
  if (!url.searchParams.has('sendInitialEvents')) return false;
  const message = 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
  sendStatus(response, 422, { reason: 'Invalid', message });
  return true;
}

/** Resets the connection, as a crashed peer does. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** The ApiError a call fails with. Throws when it succeeds or fails otherwise. */
export async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw error;
  return error;
}
