// Judges odd servers, several at a time, each judge with a server of its own: what one of them asked is no matter to the others.
import type { RunningServer } from '../mcp-servers.ts';
import type { Finding } from '../real-clients.ts';
import { start, type OddServer } from './odd-server.ts';

/** Most of them wait most of the time. */
const AT_ONCE = 16;
/** So long the operator waits for a server of which the table says nothing else. */
export const TIMEOUT_MS = 4000;

/** Asks a server that listens on a port. */
export type Judge<Finds> = (port: number, server: OddServer) => Promise<Finds>;

/** What the judges find of each server, by its name. Servers listen on 127.0.0.1 unless told otherwise. */
export async function judgeAll<Finds>(
  servers: readonly OddServer[],
  judges: readonly Judge<Finds>[],
  host?: string,
): Promise<ReadonlyMap<string, Finds[]>> {
  const found = new Map<string, Finds[]>();
  const waiting = [...servers];
  const worker = async (): Promise<void> => {
    for (let server = waiting.shift(); server !== undefined; server = waiting.shift()) {
      found.set(server.name, await judgeOne(server, judges, host));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

async function judgeOne<Finds>(server: OddServer, judges: readonly Judge<Finds>[], host?: string): Promise<Finds[]> {
  const running: RunningServer[] = [];
  try {
    return await Promise.all(judges.map(async (judge) => {
      const up = await start(server, host);
      running.push(up);
      return judge(up.port, server);
    }));
  } finally {
    await Promise.all(running.map((each) => each.close()));
  }
}


/** What the operator said, in what words, and what clients found. */
export interface Found {
  readonly reason: string;
  readonly message: string;
  readonly clients?: Readonly<Record<'v1' | 'v2', Finding>>;
}

/** How clients tell that they lack credentials. */
const UNAUTHORIZED = / 40[13]: /;

/** How the operator names clients that cannot use a server. */
const NAMED: Readonly<Record<string, RegExp>> = { v1: /SDK v1|begin with initialize/, v2: /SDK v2|ask server\/discover first/ };

/** What is not as the table says, in a line each. */
export function amiss({ says, works, tells = /^/ }: OddServer, { reason, message, clients }: Found): string[] {
  const told = `${reason}: ${message}`;
  const found = Object.entries(clients ?? {});
  const unable = found.map(([name]) => name).filter((name) => !works.some((each) => each === name));
  return [
    reason === says ? [] : [`the operator says ${told}`],
    tells.test(message) ? [] : [`the operator does not say ${tells.source}, but ${told}`],
    found.filter(([name, finding]) => (finding === 'works') === unable.includes(name)).map(([name, finding]) => `${name} ${finding}`),
    says !== 'AuthRequired' || clients === undefined || UNAUTHORIZED.test(Object.values(clients).join()) ? [] : ['no client misses credentials'],
    says === 'Verified' && unable.length === 1 ? unable.filter((name) => !NAMED[name]?.test(message)).map((name) => `the operator does not name the SDK ${name}, but says ${told}`) : [],
  ].flat();
}
