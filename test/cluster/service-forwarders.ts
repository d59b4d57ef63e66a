// For people on the host: one loopback port per Service, forwarded to a ready endpoint of it. Also owns how two streams are joined.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { V1Endpoint } from '@kubernetes/client-node';
import type { Informer } from '../../kubernetes/informer.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

/** An EndpointSlice as the API server stores it. */
export interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly V1Endpoint[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** An address of the cluster. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Connects a client's stream with an address of the cluster, and ends it when that is not there. */
export type Join = (target: Target, client: Duplex) => void;

/** Forwards a loopback port to the MCP port of each Service, or else its first, from its first EndpointSlice until `close`. */
export class ServiceForwarders {
  readonly #servers = new Map<string, Server>();
  readonly #slices: Informer<EndpointSlice>;
  readonly #join: Join;

  /** `join` connects a client with a pod's address. Make it before the informer runs. */
  constructor(slices: Informer<EndpointSlice>, join: Join) {
    this.#slices = slices;
    this.#join = join;
    slices.onChange(({ object }) => {
      const service = serviceOf(object);
      if (!this.#servers.has(service)) this.#servers.set(service, this.#forward(service).listen(0, '127.0.0.1'));
    });
  }

  /** `namespace/name` to base URL, of the Services that have a ready endpoint. */
  urls(): Map<string, string> {
    const ready = [...this.#servers].filter(([service, server]) => server.listening && this.#targets(service).length > 0);
    return new Map(ready.map(([service, server]) => [service, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]));
  }

  close(): void {
    for (const server of this.#servers.values()) server.close();
  }

  #targets(service: string): Target[] {
    const slices = this.#slices.list().filter((slice) => serviceOf(slice) === service);
    return slices.flatMap(({ endpoints = [], ports }) => {
      const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses);
      const port = (ports?.find(({ name }) => name === 'mcp') ?? ports?.[0])?.port ?? 0;
      return ready.map((host) => ({ host, port }));
    });
  }

  #forward(service: string): Server {
    let turn = 0;
    return createServer((client) => {
      const targets = this.#targets(service);
      const target = targets[turn++ % targets.length];
      if (target === undefined) client.destroy();
      else this.#join(target, client);
    });
  }
}

function serviceOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name']}`;
}

/** What the client of a proxy is told first: that the target is there, or why it is not. */
export interface ProxyAnswers {
  readonly connected: string;
  refused(reason: string): string;
}

/** Connects a stream with a TCP address or a unix socket; when either ends, so does the other. */
export function joinTo(target: Target | { path: string }, client: Duplex, answers?: ProxyAnswers): void {
  let connected = false;
  const pod = connect(target, () => {
    connected = true;
    client.write(answers?.connected ?? '');
    client.pipe(pod).pipe(client);
  });
  pod.on('error', (error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ECONNREFUSED' ? 'connection refused' : error.message;
    if (!connected) client.write(answers?.refused(reason) ?? '');
  });
  pod.on('close', () => client.end(() => client.destroy()));
  client.on('error', () => pod.destroy()).on('close', () => pod.destroy());
}
