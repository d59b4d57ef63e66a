// Owns finding free loopback ports.
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** Distinct loopback ports that are free now: all are held before any is given back. */
export async function freePorts(): Promise<{ client: number; peer: number; api: number }> {
  const held = await Promise.all([holdPort(), holdPort(), holdPort()]);
  const [client, peer, api] = held;
  const ports = { client: portOf(client), peer: portOf(peer), api: portOf(api) };
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

async function holdPort(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((done, reject) => server.once('error', reject).listen(0, '127.0.0.1', done));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
