// The Kubernetes API client: typed calls over pooled connections. No write is repeated here but one that the API server did not begin.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './connection.ts';
import { isApiError, type ApiError, type ApiErrorKind } from './errors.ts';
import { FlowControl } from './flow-control.ts';
import { apiVersionOf, resourcePath } from './objects.ts';
import type { KubernetesObject, ObjectReference, PathReference, ResourceType } from './objects.ts';
import { Gate, readPages } from './pages.ts';
import type { List, Page, PageRequest } from './pages.ts';
import { acceptOf, applyBody, deleteBody, objectBody, subjectOf, withQuery, writeQuery } from './requests.ts';
import type { ApplyOptions, Cancellable, DeleteOptions, ListOptions, RawOptions, WriteOptions } from './requests.ts';
import { parseAnswer, responseError } from './responses.ts';
import type { RawResponse } from './responses.ts';
import { readBody, Transport } from './transport.ts';
import type { RequestFunction, TransportRequest } from './transport.ts';

/** What `onRequest` is told: `path` without query; `status` undefined when no answer came; a stream counts until its head. */
export interface RequestObservation {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
  /** Why no answer came; undefined when one did, or nobody waited for it any more. */
  readonly failure?: ApiErrorKind | undefined;
  readonly seconds: number;
}

/** Settings of a client; `request` replaces the way requests are sent, for fault injection. */
export interface ClientOptions {
  /**
   * Milliseconds for a whole request, default 30 000; an API server that has too much to do is asked again for as long. Stay above
   * 5 000: the first create after a CRD is held for 2 s.
   */
  readonly requestTimeoutMs?: number | undefined;
  /** Pooled connections, and calls under way at a time while the API server does not ask for fewer; default 32. */
  readonly maxSockets?: number | undefined;
  /** Default `mcp-server-operator`. */
  readonly userAgent?: string | undefined;
  readonly onRequest?: ((observation: RequestObservation) => void) | undefined;
  readonly request?: RequestFunction | undefined;
}

interface Target {
  readonly type: ResourceType;
  readonly ref: PathReference;
}

interface ListAnswer {
  readonly items?: KubernetesObject[] | null;
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
}

/** So many pages are read at a time: each is held as bytes, as text and as objects for a moment. */
const PAGES_AT_ONCE = 2;
const ERROR_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const MOST_UNDER_WAY = 32;

/** A client of one API server. Typed calls reject with ApiError, or with the reason of the caller's signal. */
export class KubernetesClient {
  readonly connection: Connection;
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #pageGate = new Gate(PAGES_AT_ONCE);
  readonly #flow: FlowControl;
  readonly #requestTimeoutMs: number;

  constructor(connection: Connection, options: ClientOptions = {}) {
    this.connection = connection;
    this.#options = options;
    const { maxSockets = MOST_UNDER_WAY, requestTimeoutMs = REQUEST_TIMEOUT_MS, request } = options;
    this.#transport = new Transport(connection, maxSockets, request);
    this.#flow = new FlowControl({ most: maxSockets, patienceMs: requestTimeoutMs });
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /** Reads one object. */
  async get<T extends KubernetesObject>(type: ResourceType, ref: ObjectReference, options: Cancellable = {}): Promise<T> {
    return this.#call<T>('GET', { type, ref }, options);
  }

  /** Reads all pages of a collection; every item carries apiVersion and kind. One that expires between two pages is read again once. */
  async list<T extends KubernetesObject>(type: ResourceType, options: ListOptions = {}): Promise<List<T>> {
    return this.listKept(type, options, (object) => object as T);
  }

  /** Reads all pages like `list`, and holds on to nothing but what `keep` makes of each object. */
  async listKept<K>(type: ResourceType, options: ListOptions, keep: (object: KubernetesObject) => K | undefined): Promise<List<K>> {
    const paging = { read: (page: PageRequest) => this.#page(type, options, page), keep, limit: options.limit };
    try {
      return await readPages(paging);
    } catch (error) {
      if (!isApiError(error, 'Gone')) throw error;
      return readPages(paging);
    }
  }

  /** Creates an object; one that exists is AlreadyExists. */
  async create<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata;
    const { signal, purpose, subresource } = options;
    const ref = subresource === undefined ? { namespace } : { namespace, name, subresource };
    return this.#call<T>('POST', { type, ref }, { signal, purpose, query: writeQuery(options), body: objectBody(type, object) });
  }

  /** Replaces an object as a whole. With `metadata.resourceVersion` only the object that was read: one that changed since is a Conflict. */
  async update<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata;
    const { signal, purpose, subresource } = options;
    const ref = { namespace, name, subresource };
    return this.#call<T>('PUT', { type, ref }, { signal, purpose, query: writeQuery(options), body: objectBody(type, object) });
  }

  /**
   * Server-side apply. `metadata.uid` and `metadata.resourceVersion` of the object are preconditions: a uid that no longer
   * exists is a Conflict, the uid of another object is Invalid in `metadata.uid`, an old resourceVersion is a Conflict.
   */
  async apply<T extends KubernetesObject>(type: ResourceType, object: KubernetesObject, options: ApplyOptions): Promise<T> {
    const { namespace, name } = object.metadata;
    const { signal, purpose, subresource, force } = options;
    return this.#call<T>('PATCH', { type, ref: { namespace, name, subresource } }, {
      signal,
      purpose,
      query: { ...writeQuery(options), force },
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: applyBody(type, object),
    });
  }

  /** Changes an object by a JSON merge patch (RFC 7386). */
  // oxlint-disable-next-line max-params -- the patch is neither part of the reference nor an option
  async patch<T extends KubernetesObject>(
    type: ResourceType,
    ref: ObjectReference,
    mergePatch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const { signal, purpose, subresource } = options;
    return this.#call<T>('PATCH', { type, ref: { ...ref, subresource } }, {
      signal,
      purpose,
      query: writeQuery(options),
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(mergePatch),
    });
  }

  /** Asks for deletion; resolves when the server accepted it, which may be before the object is gone. */
  async delete(type: ResourceType, ref: ObjectReference, options: DeleteOptions = {}): Promise<void> {
    await this.#call('DELETE', { type, ref }, { signal: options.signal, purpose: options.purpose, body: deleteBody(options) });
  }

  /** Sends any request and returns whatever came back. Rejects only when no answer came: Network, Timeout, or Unauthorized without credentials. */
  async request(method: string, path: string, options: RawOptions = {}): Promise<RawResponse> {
    return this.#exchange(this.#wire(method, path, options));
  }

  /** Opens an answer without end, such as a watch or a followed log, on a socket of its own. Rejects with ApiError unless the status is 2xx. */
  async stream(method: string, path: string, options: RawOptions = {}): Promise<IncomingMessage> {
    const wire = this.#wire(method, path, options);
    const response = await this.#observed(wire, this.#transport.stream(wire), ({ statusCode }) => statusCode);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status <= 299) return response;
    throw await this.#refusalOf(wire, response);
  }

  /** Asks for another protocol by the headers `upgrade` and `connection`. Rejects with ApiError unless the server changes to it; the socket is the caller's to end. */
  async upgrade(path: string, options: RawOptions): Promise<{ readonly socket: Socket; readonly headers: IncomingHttpHeaders }> {
    const wire = this.#wire('GET', path, options);
    const response = await this.#observed(wire, this.#transport.upgrade(wire), ({ statusCode }) => statusCode);
    if (response.statusCode === 101) return { socket: response.socket, headers: response.headers };
    throw await this.#refusalOf(wire, response);
  }

  /** Closes every connection, those in use too. */
  close(): void {
    this.#transport.close();
  }

  async #call<T>(method: string, target: Target, options: RawOptions): Promise<T> {
    const label = subjectOf(method, target.type, target.ref);
    const wire = this.#wire(method, resourcePath(target.type, target.ref), options);
    return parseAnswer(label, await this.#flow.run(() => this.#exchange({ ...wire, label }), options.signal)) as T;
  }

  async #refusalOf(wire: TransportRequest, response: IncomingMessage): Promise<ApiError> {
    response.setTimeout(wire.timeoutMs, () => response.destroy());
    const unread = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.alloc(0), truncated: true };
    return responseError(wire.label, await readBody(response, { maxBytes: ERROR_BODY_BYTES }).catch(() => unread));
  }

  async #exchange(wire: TransportRequest): Promise<RawResponse> {
    return this.#observed(wire, this.#transport.exchange(wire), ({ status }) => status);
  }

  async #page(type: ResourceType, options: ListOptions, page: PageRequest): Promise<Page<KubernetesObject> | undefined> {
    const { namespace, signal, purpose, labelSelector, fieldSelector, metadataOnly } = options;
    const { limit, next, maxBytes } = page;
    const label = subjectOf('GET', type, { namespace });
    const query = { labelSelector, fieldSelector, limit, continue: next };
    const accept = acceptOf(metadataOnly, 'PartialObjectMetadataList');
    const wire = this.#wire('GET', resourcePath(type, { namespace }), { signal, purpose, accept, query, maxBytes });
    return this.#pageGate.run(async () => {
      const response = await this.#exchange({ ...wire, label });
      if (response.truncated) return undefined;
      const { items, metadata } = parseAnswer(label, response) as ListAnswer;
      const apiVersion = apiVersionOf(type);
      return {
        items: (items ?? []).map((item) => ({ ...item, apiVersion, kind: type.kind })),
        resourceVersion: metadata.resourceVersion ?? '',
        next: metadata.continue === '' ? undefined : metadata.continue,
        bytes: response.body.length,
      };
    });
  }

  #wire(method: string, path: string, options: RawOptions): TransportRequest {
    const { query, headers, body, accept = 'application/json', maxBytes, keepBytes, maxPieces, enough, signal, purpose } = options;
    const content = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const { userAgent: program = 'mcp-server-operator' } = this.#options;
    const userAgent = purpose === undefined ? program : `${program}/${purpose}`;
    return {
      label: `${method} ${path}`,
      method,
      path: withQuery(path, query),
      headers: { 'user-agent': userAgent, accept, ...content, ...headers },
      body,
      timeoutMs: options.timeoutMs ?? this.#requestTimeoutMs,
      maxBytes,
      keepBytes,
      maxPieces,
      enough,
      signal,
    };
  }

  async #observed<R>(wire: TransportRequest, sent: Promise<R>, statusOf: (answer: R) => number | undefined): Promise<R> {
    const start = performance.now();
    let status: number | undefined;
    let failure: ApiErrorKind | undefined;
    try {
      const answer = await sent;
      status = statusOf(answer);
      return answer;
    } catch (error) {
      failure = isApiError(error) ? error.kind : undefined;
      throw error;
    } finally {
      const path = wire.path.split('?', 1).join('');
      this.#options.onRequest?.({ method: wire.method, path, status, failure, seconds: (performance.now() - start) / 1000 });
    }
  }
}
