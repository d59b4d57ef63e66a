// Puts objects into etcd as an API server stored them: with their uid, times and managed fields, which no request can set.
import { once } from 'node:events';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { inject } from 'vitest';
import { GROUP } from '../../charts/api/group.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/objects.ts';

/** Where the API server keeps what it does not keep under its plural name. */
const FOLDERS: Readonly<Record<string, string>> = { services: 'services/specs' };

/**
 * Stores an object, with `apiVersion` and `kind` as it was served. The API server tells watches of it as of any other; it
 * reads JSON of every kind, though it writes built-in ones as protobuf. Nothing is checked: admission sees nothing of it.
 */
export async function store({ group, plural }: ResourceType, object: KubernetesObject): Promise<void> {
  const folder = group === GROUP ? `${group}/${plural}` : (FOLDERS[plural] ?? plural);
  const key = `/registry/${folder}/${object.metadata.namespace}/${object.metadata.name}`;
  const status = await put(inject('etcd'), key, JSON.stringify(object));
  if (status !== '0') throw new Error(`etcd refuses ${key}: gRPC status ${status}`);
}

/** One call of etcd's KV.Put, by hand: its API is gRPC alone, and this the only call that is needed. Resolves to the status, `0` where all is well. */
async function put(socket: string, key: string, value: string): Promise<string> {
  const message = Buffer.concat([field(1, key), field(2, value)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const session = http2.connect('http://etcd', { createConnection: () => connect(socket) });
  // The call's own error says the same.
  session.on('error', () => undefined);
  try {
    const call = session.request({ ':method': 'POST', ':path': '/etcdserverpb.KV/Put', 'content-type': 'application/grpc', 'te': 'trailers' });
    let status = 'none';
    const note = (headers: http2.IncomingHttpHeaders): void => void (status = headers['grpc-status']?.toString() ?? status);
    call.on('response', note).on('trailers', note).resume().end(Buffer.concat([head, message]));
    await once(call, 'close');
    return status;
  } finally {
    session.close();
  }
}

/** A field of bytes, as protobuf writes it. */
function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  for (let rest = bytes.length; length.push(rest > 127 ? (rest & 127) | 128 : rest) && rest > 127; ) rest >>= 7;
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
