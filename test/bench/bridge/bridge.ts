// What a bridge costs beside direct stdio, and beside the bridges of others in the same run: calls, memory, time to the first reply.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { COMPILED } from '../../support/compiled.ts';
import type { Subject } from '../subject.ts';
import { contenders, type Contender } from './contenders.ts';
import { INTRODUCTION, overHttp, overStdio, type LeanClient } from './lean-client.ts';

const SERVER = [process.execPath, join(import.meta.dirname, '../../mcp-server/stdio-bridge/servers/full.ts')];
/** Clients that call at a time, each the next one when it has its answer. */
const CLIENTS = 4;
const WARM_UP_MS = 1500;
const CALLS_MS = 3000;
const ROUNDS = 3;
/** Sessions whose memory is counted. */
const SESSIONS = 5;
/** Starts whose median is told. */
const STARTS = 5;
const PATIENCE_MS = 30_000;
const ENV = { ...process.env, ...COMPILED };

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

/** In a process group of its own, so that all it starts can be ended. */
function start(contender: Contender, port: number): ChildProcess {
  return spawn(process.execPath, contender.commandLine(port, SERVER), { env: ENV, detached: true, stdio: 'ignore' });
}

async function end(program: ChildProcess): Promise<void> {
  const all = [program.pid ?? 0, ...descendants(program.pid ?? 0)];
  const exited = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  const hasExited = await Promise.race([exited.then(() => true), delay(8000, false)]);
  if (!hasExited) program.kill('SIGKILL');
  for (const pid of all) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

async function opened(port: number): Promise<LeanClient> {
  const client = overHttp(port);
  await client.ask('initialize', INTRODUCTION);
  return client;
}

/** Asks until there is an answer. */
async function firstReply(port: number): Promise<LeanClient> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(5)) {
    const client = await opened(port).catch(() => undefined);
    if (client !== undefined) return client;
  }
  throw new Error('no reply in time');
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
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

function mib(bytes: number): number {
  return bytes / 1024 / 1024;
}

/** Bytes of processes together: what they share is counted once. */
function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024, 0);
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).filter((entry) => {
    const [, parent] = /^\d+ \(.*\) \w (\d+)/s.exec(read(`/proc/${entry}/stat`)) ?? [];
    return Number(parent) === pid;
  }).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
