// Cluster DNS for the real node's pods, as small as can be: A records of Services. No SRV, no AAAA, nothing from outside.
import { createSocket, type Socket } from 'node:dgram';
import type { V1Endpoint } from '@kubernetes/client-node';
import type { KubernetesClient } from '../../../../kubernetes/client.ts';
import { Informer } from '../../../../kubernetes/informer.ts';
import { ENDPOINT_SLICES, SERVICES, type KubernetesObject } from '../../../../kubernetes/objects.ts';

interface Service extends KubernetesObject {
  readonly spec: { readonly clusterIP?: string };
}
interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly V1Endpoint[] | null;
}

const HEADER_BYTES = 12;
/** RFC 1035: an authoritative answer, recursion desired and available; a name that does not exist. */
const FLAGS = { answer: 0x8580, noSuchName: 3 };
const TYPE_A = 1;
/** The one question of a query starts right behind its header; 0xc00c points there. */
const ANSWER_HEAD = [0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4];

/** Answers queries on UDP port 53 of `address` from what it watches, so also while the API server is away. The caller closes it. */
export async function serveDns(address: string, client: KubernetesClient): Promise<Socket> {
  const services = new Informer<Service>({ client, type: SERVICES });
  const slices = new Informer<EndpointSlice>({ client, type: ENDPOINT_SLICES });
  const ending = new AbortController();
  for (const informer of [services, slices]) void informer.run(ending.signal);
  await Promise.all([services.synced, slices.synced]);
  const socket = createSocket('udp4').on('close', () => ending.abort());
  socket.on('message', (query, { port, address: asker }) => {
    const { name, end } = questionOf(query);
    socket.send(reply(query, end, addressesOf(name, services, slices)), port, asker);
  });
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(53, address, resolve));
  return socket;
}

/** Addresses of `SERVICE.NAMESPACE.svc.cluster.local`, those of its ready endpoints when it is headless; undefined: no such name. */
function addressesOf(name: string, services: Informer<Service>, slices: Informer<EndpointSlice>): string[] | undefined {
  const [, service = '', namespace = ''] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/i.exec(name) ?? [];
  const { clusterIP } = services.get({ namespace, name: service })?.spec ?? {};
  if (clusterIP === undefined) return undefined;
  if (clusterIP !== 'None') return [clusterIP];
  const own = slices.list().filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === service);
  return own.flatMap(({ endpoints }) =>
    (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses),
  );
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), end: at + 5 };
}

function reply(query: Buffer, end: number, found: string[] | undefined): Buffer {
  const isA = query.readUInt16BE(end - 4) === TYPE_A;
  const addresses = isA ? (found ?? []) : [];
  const head = Buffer.alloc(HEADER_BYTES);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(FLAGS.answer | (found === undefined ? FLAGS.noSuchName : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => Buffer.from([...ANSWER_HEAD, ...address.split('.').map(Number)]));
  return Buffer.concat([head, query.subarray(HEADER_BYTES, end), ...records]);
}
