// The loopback ports of `npm start`: those of a name are the same at each start where they are free.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { LOWEST_PORT, PORTS_END } from '../ports.ts';

const TRIES = 5;

/** The ports a name gets, the first that is free; they lie where a system gives none by itself. Pure. */
export function portsOf(name: string): number[] {
  return Array.from({ length: TRIES }, (_, index) => {
    const hash = createHash('sha256').update(`${index} ${name}`).digest().readUInt32BE();
    return LOWEST_PORT + (hash % (PORTS_END - LOWEST_PORT));
  });
}

/** Listens on the first of the ports that is free on the loopback address, on any when none is; resolves with it. */
export async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of [...ports, 0]) {
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === 0) throw error;
    }
  }
  throw new Error('no port is free');
}
