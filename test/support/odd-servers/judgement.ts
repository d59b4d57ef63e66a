// Judges odd servers, several at a time, each judge with a server of its own: what one of them asked is no matter to the others.
import type { RunningServer } from '../mcp-servers.ts';
import type { Finding } from '../real-clients.ts';
import { start, type OddServer } from './odd-server.ts';

/** Most of them wait most of the time. */
const AT_ONCE = 16;
/** On a busy machine time decides: what is not as the table says is judged once more, few at a time and with so many times the patience. */
const AGAIN = { atOnce: 4, patience: 4 };

/** So long, in milliseconds, the operator waits for a server. */
export function timeoutOf({ timeoutMs = 4000 }: OddServer, patience: number): number {
  return timeoutMs * patience;
}

/** What the operator said, in what words, and what clients found. */
export interface Found {
  readonly reason: string;
  readonly message: string;
  readonly clients?: Readonly<Record<'v1' | 'v2', Finding>>;
}

/** Judges a server, with so many times the usual patience. */
export type Judgement = (server: OddServer, patience: number) => Promise<Found>;

/** What of each server is not as the table says, by its name: in a line each. */
export async function judgeAll(servers: readonly OddServer[], judge: Judgement): Promise<ReadonlyMap<string, readonly string[]>> {
  return lookTwice(servers, async (server, patience) => amiss(server, await judge(server, patience)));
}

/** Which of these servers is told otherwise than clients find, by its name: in a line each. */
export async function compareAll(
  servers: readonly Omit<OddServer, 'says' | 'works'>[],
  judge: Judgement,
): Promise<ReadonlyMap<string, readonly string[]>> {
  return lookTwice(servers.map((server) => ({ ...server, says: '', works: [] })), async (server, patience) => {
    const found = await judge(server, patience);
    const works = (['v1', 'v2'] as const).filter((name) => found.clients?.[name] === 'works');
    const { reason, message } = found;
    const isRight = (reason === 'Verified') === works.length > 0;
    return isRight ? amiss({ ...server, says: reason, works }, found) : [`${reason}: ${message}`, ...Object.values(found.clients ?? {})];
  });
}

type Look = (server: OddServer, patience: number) => Promise<readonly string[]>;

async function lookTwice(servers: readonly OddServer[], look: Look): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const lookWith = (patience: number) => async (server: OddServer) => void found.set(server.name, await look(server, patience));
  await inTurn(servers, AT_ONCE, lookWith(1));
  await inTurn(servers.filter(({ name }) => found.get(name)?.length !== 0), AGAIN.atOnce, lookWith(AGAIN.patience));
  return found;
}

async function inTurn(servers: readonly OddServer[], atOnce: number, look: (server: OddServer) => Promise<void>): Promise<void> {
  const waiting = [...servers];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let server = waiting.shift(); server !== undefined; server = waiting.shift()) await look(server);
  }));
}

/** Lets somebody ask a server that is started for it, of 127.0.0.1 unless told otherwise. */
export async function ask<Finds>(server: OddServer, judge: (port: number) => Promise<Finds>, host?: string): Promise<Finds> {
  const up: RunningServer = await start(server, host);
  try {
    return await judge(up.port);
  } finally {
    await up.close();
  }
}

/** How clients tell that they lack credentials. */
const UNAUTHORIZED = / 40[13]: /;

/** How the operator names clients that cannot use a server. */
const NAMED: Readonly<Record<string, RegExp>> = { v1: /SDK v1|begin with initialize/, v2: /SDK v2|ask server\/discover first/ };

function amiss({ says, isUnnamed, works, tells = /^/ }: OddServer, { reason, message, clients }: Found): string[] {
  const told = `${reason}: ${message}`;
  const found = Object.entries(clients ?? {});
  const unable = found.map(([name]) => name).filter((name) => !works.some((each) => each === name));
  const toName = says === 'Verified' && isUnnamed !== true && unable.length === 1 ? unable : [];
  const unnamed = toName.filter((name) => !NAMED[name]?.test(message));
  return [
    reason === says ? [] : [`the operator says ${told}`],
    tells.test(message) ? [] : [`the operator does not say ${tells.source}, but ${told}`],
    found.filter(([name, finding]) => (finding === 'works') === unable.includes(name)).map(([name, finding]) => `${name} ${finding}`),
    says !== 'AuthRequired' || clients === undefined || UNAUTHORIZED.test(Object.values(clients).join()) ? [] : ['no client misses credentials'],
    unnamed.map((name) => `the operator does not name the SDK ${name}, but says ${told}`),
  ].flat();
}
