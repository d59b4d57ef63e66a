// Several bridges as the replicas of one server are: each with an address of its own, all on one port; and what spreads connections over them.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { freePort } from '../../cluster/ports.ts';
import { startBridge, type BridgeProcess } from './bridge-process.ts';

export interface Replicas {
  readonly port: number;
  readonly addresses: readonly string[];
  /** Starts the replica of an address, also once more after its end. */
  start(address: string): Promise<BridgeProcess>;
}

export interface ReplicaOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Replicas at these addresses, which all know of each other. */
export async function replicasAt(
  addresses: readonly string[],
  command: readonly string[],
  options: ReplicaOptions = {},
): Promise<Replicas> {
  const { flags = [], env = {} } = options;
  const port = await freePort(addresses[0] ?? '');
  const known = ['--port', String(port), '--peers', addresses.join(), '--log-level', 'debug'];
  const start = (address: string): Promise<BridgeProcess> => startBridge(command, [...known, '--host', address, '--address', address, ...flags], env);
  return { port, addresses, start };
}

export interface Balancer {
  readonly url: URL;
  stop(): void;
}

/** Hands each new connection to the next address; one that takes none is passed over. */
export async function balance({ addresses, port }: Pick<Replicas, 'addresses' | 'port'>): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const hand = (client: Socket, triesLeft: number): void => {
    const upstream = connect({ host: addresses[turn % addresses.length], port });
    turn += 1;
    let isConnected = false;
    upstream.once('connect', () => {
      isConnected = true;
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => undefined);
    upstream.once('close', () => (isConnected || triesLeft === 0 || client.destroyed ? client.destroy() : hand(client, triesLeft - 1)));
    client.once('close', () => upstream.destroy());
  };
  const server: Server = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined).once('close', () => open.delete(client));
    hand(client, addresses.length - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`),
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** A client that opens a new connection for each request, so that each goes to the next replica. */
export const EACH_ON_ITS_OWN = { requestInit: { headers: { connection: 'close' } } } as const;
