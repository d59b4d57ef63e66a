// A port of this machine that only this machine reaches: the one that is asked for, or a usual one where that is free.
import type { AddressInfo, Server } from 'node:net';
import { reasonOf, UserError } from './user-error.ts';

export interface Listening {
  /** What is asked for by the user; undefined: `preferred` where that is free, else any. */
  readonly port: number | undefined;
  readonly preferred: number;
  readonly note: (sentence: string) => void;
}

/** Nobody but this machine. */
export const LOOPBACK = '127.0.0.1';

/** Listens; the port. Throws UserError where the port that was asked for cannot be used. */
export async function listenOnLoopback(server: Server, { port, preferred, note }: Listening): Promise<number> {
  try {
    return await listenAt(server, port ?? preferred);
  } catch (error) {
    if (port !== undefined) throw new UserError(`cannot listen on port ${port}: ${portReason(error)}; name another with --port, or none`, { cause: error });
    const other = await listenAt(server, 0);
    note(`Port ${preferred} cannot be used here (${portReason(error)}): this is ${other}`);
    return other;
  }
}

async function listenAt(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, LOOPBACK, resolve);
  try {
    await promise;
  } finally {
    server.off('error', reject);
  }
  return (server.address() as AddressInfo).port;
}

function portReason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'somebody else listens there' : reasonOf(error);
}
