// Owns finding a free port.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that a system gives to whoever asks for any, and below those of NodePort Services: what is free here stays free. */
export const [LOWEST_PORT, PORTS_END] = [10_000, 30_000];
const TRIES = 100;

/** A port that is free now on an address, by default the loopback address: the first such of the wanted ones, else any. */
export async function freePort(host = '127.0.0.1', wanted: readonly number[] = []): Promise<number> {
  for (let tries = 0; tries < wanted.length + TRIES; tries += 1) {
    const port = wanted[tries] ?? randomInt(LOWEST_PORT, PORTS_END);
    const server = createServer();
    try {
      await once(server.listen(port, host), 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`${host} has no free port between ${LOWEST_PORT} and ${PORTS_END}.`);
}
