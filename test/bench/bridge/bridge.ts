// What a bridge costs beside direct stdio, and beside the bridges of others in the same run: calls, memory, time to the first reply.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from '../subject.ts';
import { freePort } from '../../cluster/ports.ts';
import { contenders, type Contender } from './contenders.ts';
import { INTRODUCTION, overStdio, type LeanClient } from './lean-client.ts';
import { descendants, end, firstReply, median, memoryOf, mib, opened, SERVER, start } from './running.ts';

/** Clients that call at a time, each the next one when it has its answer. */
const CLIENTS = 4;
const WARM_UP_MS = 1500;
const CALLS_MS = 3000;
const ROUNDS = 3;
/** Sessions whose memory is counted. */
const SESSIONS = 5;
/** Starts whose median is told. */
const STARTS = 5;

type Row = Readonly<Record<string, string | number>>;

/** A way to the server that is there. */
interface Way {
  readonly name: string;
  readonly open: () => Promise<LeanClient>;
  readonly firstReplies: Row;
  /** Memory of sessions, then the end of it. */
  readonly close: () => Promise<Row>;
}

export const bridge: Subject = {
  name: 'bridge',
  title: `calls of ${CLIENTS} clients (medians of ${ROUNDS} rounds in turns), memory of ${SESSIONS} sessions (PSS), first replies (medians of ${STARTS})`,
  async run(progress) {
    const ways: Way[] = [];
    const rows: Row[] = [];
    try {
      ways.push(await direct(progress));
      for (const each of await contenders(progress)) ways.push(await through(each, progress));
      const rounds: Calls[][] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        progress(`calls, round ${round + 1}`);
        rounds.push(await inTurn(ways, async ({ open }) => await call(open)));
      }
      for (const [index, { name, firstReplies }] of ways.entries()) {
        rows.push({ way: name, ...middle(rounds.map((round) => round[index] as Calls)), ...firstReplies });
      }
    } finally {
      const memory = await inTurn(ways, async ({ close }) => await close());
      for (const [index, row] of rows.entries()) rows[index] = { ...row, ...memory[index] };
    }
    return rows;
  },
};

async function inTurn<T>(ways: readonly Way[], measure: (way: Way) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const way of ways) results.push(await measure(way));
  return results;
}

async function direct(progress: (line: string) => void): Promise<Way> {
  progress('direct stdio');
  const cold = await several(async () => await timeOf(started));
  return {
    name: 'direct stdio',
    open: started,
    firstReplies: { 'cold ms': cold, 'warm ms': '–' },
    async close() {
      const clients = await Promise.all(Array.from({ length: SESSIONS }, started));
      await delay(3000);
      const memory = mib(memoryOf(clients.map(({ process: child }) => child.pid ?? 0))) / SESSIONS;
      for (const client of clients) await client.close();
      return { 'MiB itself': '–', 'MiB/session': memory.toFixed(1) };
    },
  };
}

/** A server of one's own. */
async function started(): Promise<ReturnType<typeof overStdio>> {
  const client = overStdio(SERVER);
  await client.ask('initialize', INTRODUCTION);
  return client;
}

async function through(contender: Contender, progress: (line: string) => void): Promise<Way> {
  progress(contender.name);
  const cold = await several(async () => {
    const port = await freePort();
    const started = performance.now();
    const program = start(contender, port);
    const client = await firstReply(port);
    const taken = performance.now() - started;
    await client.close();
    await end(program);
    return taken;
  });
  const port = await freePort();
  const program = start(contender, port);
  const open = async (): Promise<LeanClient> => await opened(port);
  await (await firstReply(port)).close();
  const warm = await several(async () => {
    await delay(2500);
    return await timeOf(open);
  });
  return {
    name: contender.name,
    open,
    firstReplies: { 'cold ms': cold, 'warm ms': warm },
    async close() {
      const memory = await memoryPerSession(program, port);
      await end(program);
      return memory;
    },
  };
}

async function timeOf(open: () => Promise<LeanClient>): Promise<number> {
  const started = performance.now();
  const client = await open();
  const taken = performance.now() - started;
  await client.close();
  return taken;
}

/** The median of several times, in ms. */
async function several(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < STARTS; run += 1) times.push(await measure());
  return Math.round(median(times));
}

interface Calls {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function call(open: () => Promise<LeanClient>): Promise<Calls> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
  const times: number[] = [];
  const from = performance.now() + WARM_UP_MS;
  const until = from + CALLS_MS;
  await Promise.all(clients.map(async (client) => {
    for (let started = performance.now(); started < until; started = performance.now()) {
      await client.ask('tools/call', { name: 'echo', arguments: { text: 'hello' } });
      if (started >= from) times.push(performance.now() - started);
    }
  }));
  for (const client of clients) await client.close();
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { perSecond: (times.length / CALLS_MS) * 1000, p50: quantile(0.5), p99: quantile(0.99) };
}

function middle(rounds: readonly Calls[]): Row {
  const of = (name: keyof Calls): number => median(rounds.map((round) => round[name]));
  return { 'calls/s': Math.round(of('perSecond')), 'p50 ms': of('p50').toFixed(2), 'p99 ms': of('p99').toFixed(2) };
}

async function memoryPerSession(program: ChildProcess, port: number): Promise<Row> {
  await delay(3000);
  const pid = program.pid ?? 0;
  const itself = mib(memoryOf([pid]));
  const before = memoryOf([pid, ...descendants(pid)]);
  const clients = await Promise.all(Array.from({ length: SESSIONS }, () => opened(port)));
  await delay(3000);
  const after = memoryOf([pid, ...descendants(pid)]);
  for (const client of clients) await client.close();
  return { 'MiB itself': itself.toFixed(1), 'MiB/session': (Math.max(0, mib(after - before)) / SESSIONS).toFixed(1) };
}
