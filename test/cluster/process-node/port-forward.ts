// The node's side of `portforward`, as the kubelet serves it over WebSockets (v4.channel.k8s.io): one port, joined to the pod's socket.
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { DATA, ERROR, PROTOCOL } from '../../../kubernetes/port-forward.ts';
import { acceptOf, frameOf, MessageReader, OPCODES } from '../../../kubernetes/web-socket.ts';

/** Path of the unix socket behind a port of a pod; undefined for a pod that is not on this node. */
export type LocatePort = (namespace: string, pod: string, port: number) => string | undefined;

/** Answers GET /portForward/{namespace}/{pod}?port=N that asks for a WebSocket. */
export function servePortForward({ url = '/', headers }: IncomingMessage, socket: Duplex, locate: LocatePort): void {
  const { pathname, searchParams } = new URL(url, 'https://node');
  const [root, namespace = '', pod = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
  const port = Number(searchParams.get('port'));
  const path = root === 'portForward' ? locate(namespace, pod, port) : undefined;
  const key = headers['sec-websocket-key'];
  if (path === undefined || key === undefined || !(headers['sec-websocket-protocol'] ?? '').includes(PROTOCOL)) {
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${acceptOf(key)}\r\nsec-websocket-protocol: ${PROTOCOL}\r\n\r\n`);
  const send = (channel: number, bytes: Buffer): void => {
    socket.write(frameOf(OPCODES.binary, Buffer.concat([Buffer.of(channel), bytes]), 'server'));
  };
  const number = Buffer.alloc(2);
  number.writeUInt16LE(port);
  for (const channel of [DATA, ERROR]) send(channel, number);
  const target = connect(path);
  const reader = new MessageReader('client');
  socket.on('data', (chunk: Buffer) => {
    const data = reader.push(chunk).filter(({ opcode, payload }) => opcode === OPCODES.binary && payload[0] === DATA);
    for (const { payload } of data) target.write(payload.subarray(1));
  });
  socket.on('close', () => target.destroy()).on('error', () => target.destroy());
  target.on('data', (chunk) => send(DATA, chunk));
  target.on('error', ({ message }) => send(ERROR, Buffer.from(`error forwarding port ${port} to pod ${pod}: ${message}`)));
  target.on('close', () => socket.end(frameOf(OPCODES.close, Buffer.alloc(0), 'server')));
}
