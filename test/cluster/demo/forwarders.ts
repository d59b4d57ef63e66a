// For people on this machine: one loopback port per MCPServer, forwarded to a ready endpoint of it. Whoever calls a server that holds
// credentials shows a token, since everybody on the machine can reach the port.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { V1Endpoint } from '@kubernetes/client-node';
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import type { Informer } from '../../../kubernetes/informer.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import type { Target } from '../streams.ts';
import { listenOnFirst } from './stable-ports.ts';

/** An EndpointSlice as the API server stores it. */
export interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly V1Endpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** What belongs to one connection and not to the request on it. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'];
const REFUSAL = { error: 'This server holds credentials of the cluster, so it takes a token: the one in the configuration that npm start has written.' };

export interface ForwarderOptions {
  /** Of all namespaces; not yet run. */
  readonly slices: Informer<EndpointSlice>;
  /** Connects with a pod's address. */
  readonly connect: (target: Target) => Promise<Duplex>;
  /** Whether callers of `namespace/name` must show the token; asked for each request. */
  readonly takesToken: (service: string) => boolean;
  /** What callers show as bearer token where one is taken; by default nobody knows it before. */
  readonly token?: string;
  /** Ports a service is given if one of them is free; default: any. */
  readonly ports?: (service: string) => readonly number[];
}

/** Forwards a loopback port to the MCP port of each MCPServer's Service, from its first EndpointSlice until `close`. */
export class Forwarders {
  readonly token: string;
  /** Ports that others had, in sentences. */
  readonly remarks: string[] = [];
  readonly #options: ForwarderOptions;
  readonly #servers = new Map<string, Server>();
  readonly #ports = new Map<string, number>();
  #turn = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.token = options.token ?? randomBytes(32).toString('base64url');
    options.slices.onChange(({ object }) => {
      const service = serviceOf(object);
      if (service !== undefined && !this.#servers.has(service)) void this.#listen(service);
    });
  }

  /** Base URL of a `namespace/name` that has a ready endpoint. */
  url(service: string): string | undefined {
    const port = this.#ports.get(service);
    return port === undefined || this.#targets(service).length === 0 ? undefined : `http://127.0.0.1:${port}`;
  }

  /** What a client of `namespace/name` must send with every request. */
  headers(service: string): { readonly Authorization?: string } {
    return this.#options.takesToken(service) ? { Authorization: `Bearer ${this.token}` } : {};
  }

  close(): void {
    for (const server of this.#servers.values()) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #listen(service: string): Promise<void> {
    const server = this.#forward(service);
    this.#servers.set(service, server);
    const wanted = this.#options.ports?.(service) ?? [];
    try {
      const port = await listenOnFirst(server, wanted);
      this.#ports.set(service, port);
      if (wanted.length > 0 && port !== wanted[0]) this.remarks.push(`port ${wanted[0]} is taken: ${service} has ${port}`);
    } catch (error) {
      this.remarks.push(`${service} has no port on this machine: ${(error as Error).message}`);
    }
  }

  #targets(service: string): Target[] {
    const slices = this.#options.slices.list().filter((slice) => serviceOf(slice) === service);
    return slices.flatMap(({ endpoints, ports }) => {
      const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses);
      const port = ports?.find(({ name }) => name === 'mcp')?.port ?? 0;
      return ready.map((host) => ({ host, port }));
    });
  }

  #forward(service: string): Server {
    return createServer((request, response) => {
      const { Authorization: wanted } = this.headers(service);
      if (wanted !== undefined && !same(request.headers.authorization ?? '', wanted)) {
        response.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' }).end(JSON.stringify(REFUSAL));
        return;
      }
      const targets = this.#targets(service);
      const target = targets[this.#turn++ % targets.length];
      if (target === undefined) response.writeHead(503).end();
      // The token is for this port and nobody behind it.
      else this.#pass(target, request, response, wanted === undefined ? [] : ['authorization']);
    });
  }

  // oxlint-disable-next-line eslint/max-params -- the two halves of an exchange belong together
  #pass(target: Target, request: IncomingMessage, response: ServerResponse, kept: readonly string[]): void {
    const passed = httpRequest({
      createConnection: (_options, done) => {
        // A failure comes without a stream, which its type does not know.
        this.#options.connect(target).then((stream) => done(null, stream), done as (error: Error) => void);
        return undefined;
      },
      method: request.method,
      path: request.url,
      headers: without(request.headers, [...OF_THE_CONNECTION, ...kept]),
    });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, without(answer.headers, OF_THE_CONNECTION)).flushHeaders();
      answer.pipe(response);
    });
    passed.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  }
}

/** `namespace/name` of the Service, where it is an MCPServer's: no other is anybody's business. */
function serviceOf({ metadata: { namespace, labels = {} } }: EndpointSlice): string | undefined {
  return labels[SERVER_LABEL] === undefined ? undefined : `${namespace}/${labels['kubernetes.io/service-name']}`;
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

/** Takes as long whatever is alike. */
function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}
