// For people on the host: one loopback port per Service, forwarded to a ready endpoint of it.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { V1Endpoint } from '@kubernetes/client-node';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import type { Addresses } from './addresses.ts';

/** An EndpointSlice as the API server stores it. */
export interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly V1Endpoint[];
  readonly ports?: readonly { readonly port?: number }[];
}

/** Forwards to the first port of each Service; a Service keeps its forwarder until `close`. */
export class Forwarders {
  readonly #servers = new Map<string, Server>();
  readonly #sockets = new Set<Socket>();
  readonly #addresses: Addresses;
  readonly #slices: () => readonly EndpointSlice[];
  #turn = 0;

  constructor(addresses: Addresses, slices: () => readonly EndpointSlice[]) {
    this.#addresses = addresses;
    this.#slices = slices;
  }

  /** Makes the forwarder of the slice's Service when there is none yet. */
  follow(slice: EndpointSlice): void {
    const service = serviceOf(slice);
    if (service === undefined || this.#servers.has(service)) return;
    this.#servers.set(service, createServer((socket) => this.#forward(service, socket)).listen(0, '127.0.0.1'));
  }

  /** `namespace/name` to base URL, of the Services that have a ready endpoint. */
  urls(): Map<string, string> {
    const listening = [...this.#servers].filter(([service, server]) => server.listening && this.#targets(service).length > 0);
    return new Map(listening.map(([service, server]) => [service, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]));
  }

  close(): void {
    for (const server of this.#servers.values()) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #targets(service: string): { host: string; port: number }[] {
    return this.#slices().filter((slice) => serviceOf(slice) === service).flatMap(({ endpoints = [], ports }) => {
      const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses);
      return ready.map((address) => ({ host: this.#addresses.loopback(address) ?? address, port: ports?.[0]?.port ?? 0 }));
    });
  }

  #forward(service: string, client: Socket): void {
    const targets = this.#targets(service);
    const target = targets[this.#turn++ % targets.length];
    if (target === undefined) return void client.destroy();
    this.#sockets.add(client);
    const pod = connect(target).on('error', () => client.destroy());
    client.on('error', () => pod.destroy()).on('close', () => this.#sockets.delete(client));
    client.pipe(pod).pipe(client);
  }
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
}
