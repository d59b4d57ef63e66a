// Clients that attack the Kubernetes MCP server over HTTP, each kind by its name. Each client has an address of its own.
import { connect, type Socket } from 'node:net';

/** Twenty of them attack at once. */
export const CLIENTS = 20;

/** What a hostile client does on a connection of its own; `again` is called for each of some hundred turns. */
export interface HostileClient {
  readonly name: string;
  /** Connections of each client. */
  readonly connections: number;
  /** What it sends first. */
  readonly opening: string;
  /** What it sends every 20 ms from then on. */
  readonly drip?: string;
  /** How it reads: all (default), nothing, or a few bytes at a time. */
  readonly reads?: 'nothing' | 'bytes';
}

/** One HTTP request as bytes. */
export function post(body: string, headers = ''): string {
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

const rpc = (method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const call = rpc('tools/call', { name: 'get-pod-logs', arguments: { name: 'web' } });
const logs = post(rpc('tools/call', { name: 'get-pod-logs', arguments: { name: 'web', tailLines: 5000 } }));
const ping = post(rpc('ping', {}));
const CHUNKED = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
const MIB = 1024 * 1024;

export const HOSTILE_CLIENTS: readonly HostileClient[] = [
  { name: 'never read the logs they ask for', connections: 6, opening: logs.repeat(8), reads: 'nothing' },
  { name: 'read the logs they ask for byte by byte', connections: 6, opening: logs.repeat(8), reads: 'bytes' },
  { name: 'send batches of a hundred calls', connections: 4, opening: post(`[${Array.from({ length: 100 }, () => call).join()}]`) },
  { name: 'upload slowly', connections: 10, opening: `${post('', '').replace('Length: 0', `Length: ${MIB}`)}${' '.repeat(MIB / 2)}`, drip: ' ' },
  { name: 'upload in chunks of one byte', connections: 2, opening: CHUNKED, drip: '1\r\n[\r\n'.repeat(5000) },
  { name: 'send a million small values', connections: 2, opening: post(`[${'{},'.repeat(MIB / 3 - 10)}{}]`) },
  { name: 'send requests without waiting for answers', connections: 4, opening: 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2000), reads: 'nothing' },
  { name: 'send headers slowly', connections: 25, opening: 'GET / HTTP/1.1\r\nHost: localhost\r\n', drip: `X-A: ${'a'.repeat(100)}\r\n` },
  { name: 'connect and say nothing', connections: 200, opening: '' },
  { name: 'flood with pings', connections: 5, opening: ping, drip: ping.repeat(4) },
];

export interface Attack {
  /** Connections that the server ended or refused. */
  ended(): number;
  stop(): void;
}

/** Begins an attack by twenty clients, 127.0.1.1 and so on. */
export function attack({ connections, opening, drip, reads }: HostileClient, port: number, host = '127.0.0.1'): Attack {
  let ended = 0;
  const sockets: Socket[] = [];
  const timers: NodeJS.Timeout[] = [];
  for (let index = 0; index < CLIENTS * connections; index += 1) {
    const socket = connect({ host, port, localAddress: `127.0.1.${1 + (index % CLIENTS)}` });
    socket.on('error', () => undefined).on('close', () => (ended += 1));
    socket.write(opening);
    if (reads === undefined) socket.resume();
    if (reads === 'bytes') timers.push(setInterval(() => void socket.read(3), 20));
    if (drip !== undefined) timers.push(setInterval(() => void (socket.writableLength < 64 * 1024 && socket.write(drip)), 20));
    sockets.push(socket);
  }
  return {
    ended: () => ended,
    stop() {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
