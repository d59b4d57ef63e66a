// A connection to a port of a pod through the API server: the subresource portforward, as a WebSocket of the protocol v4.channel.k8s.io.
import type { Duplex } from 'node:stream';
import type { KubernetesClient } from './client.ts';
import { ApiError } from './errors.ts';
import { PODS, resourcePath } from './objects.ts';
import { plain } from './text.ts';
import { acceptOf, frameOf, MessageReader, newKey, OPCODES } from './web-socket.ts';

/** The port of a pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** What is joined to it, for how long. */
export interface Joined {
  readonly local: Duplex;
  readonly signal: AbortSignal;
}

/** Of the two channels of each port the first carries bytes, the second what went wrong. Each begins with two bytes, the port. */
export const PROTOCOL = 'v4.channel.k8s.io';
export const [DATA, ERROR] = [0, 1];
const PORT_BYTES = 2;

/**
 * Joins a connection of this machine to the port; needs the rights to get and create pods/portforward. Resolves when either side has
 * closed. Rejects with ApiError when the API server, the kubelet or the pod refuses, or with the reason of the signal; `local` stays
 * open then if nothing came through.
 */
export async function forwardPort(client: Pick<KubernetesClient, 'upgrade'>, podPort: PodPort, { local, signal }: Joined): Promise<void> {
  const { namespace, pod, port } = podPort;
  const path = resourcePath(PODS, { namespace, name: pod, subresource: 'portforward' });
  const key = newKey();
  const headers = { 'upgrade': 'websocket', 'connection': 'Upgrade', 'sec-websocket-version': '13', 'sec-websocket-key': key, 'sec-websocket-protocol': PROTOCOL };
  // A kubelet produces none of the types that others are asked for.
  const { socket, headers: answered } = await client.upgrade(path, { query: { ports: port }, headers, accept: '*/*', signal });
  const label = `port ${port} of pod ${namespace}/${pod}`;
  if (answered['sec-websocket-accept'] !== acceptOf(key) || answered['sec-websocket-protocol'] !== PROTOCOL) {
    socket.destroy();
    throw new ApiError('Server', `${label}: what answers in the place of the API server speaks another protocol`);
  }
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await joined(socket, local, label);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
  if (signal.aborted) throw signal.reason;
}

/** Passes bytes both ways, no faster than they are taken. */
function joined(socket: Duplex, local: Duplex, label: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const reader = new MessageReader('server');
  const headers = [PORT_BYTES, PORT_BYTES];
  const end = (): void => {
    local.end();
    resolve();
  };
  const fail = (what: string): void => reject(new ApiError('Server', `${label}: ${plain(what, 300)}`));
  const onMessage = (opcode: number, payload: Buffer): void => {
    if (opcode === OPCODES.ping) socket.write(frameOf(OPCODES.pong, payload, 'client'));
    if (opcode === OPCODES.close) end();
    const channel = payload[0];
    if (opcode !== OPCODES.binary || channel === undefined || channel > ERROR) return;
    const skipped = Math.min(headers[channel] ?? 0, payload.length - 1);
    headers[channel] = (headers[channel] ?? 0) - skipped;
    const bytes = payload.subarray(1 + skipped);
    if (bytes.length === 0) return;
    if (channel === ERROR) fail(bytes.toString());
    else if (!local.write(bytes)) {
      socket.pause();
      local.once('drain', () => socket.resume());
    }
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const { opcode, payload } of reader.push(chunk)) onMessage(opcode, payload);
    } catch (error) {
      fail((error as Error).message);
    }
  });
  socket.on('error', (error) => fail(error.message)).on('close', end);
  local.on('data', (chunk: Buffer) => {
    if (socket.write(frameOf(OPCODES.binary, Buffer.concat([Buffer.of(DATA), chunk]), 'client'))) return;
    local.pause();
    socket.once('drain', () => local.resume());
  });
  // Half a connection cannot be closed in this protocol, and HTTP clients do not.
  local.on('end', () => resolve()).on('error', () => resolve()).on('close', () => resolve());
  return promise;
}
