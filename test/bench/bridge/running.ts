// Bridges that run while they are measured: started, asked, weighed and ended.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { COMPILED } from '../../support/compiled.ts';
import type { Contender } from './contenders.ts';
import { INTRODUCTION, overHttp, type LeanClient } from './lean-client.ts';

/** The stdio server behind every way. */
export const SERVER = [process.execPath, join(import.meta.dirname, '../../mcp-server/stdio-bridge/servers/full.ts')];
const PATIENCE_MS = 30_000;
const ENV = { ...process.env, ...COMPILED };

/** In a process group of its own, so that all it starts can be ended. */
export function start(contender: Contender, port: number): ChildProcess {
  return spawn(process.execPath, contender.commandLine(port, SERVER), { env: ENV, detached: true, stdio: 'ignore' });
}

/** Ends it, and all that it started. */
export async function end(program: ChildProcess): Promise<void> {
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

/** A client that has begun a session. */
export async function opened(port: number): Promise<LeanClient> {
  const client = overHttp(port);
  await client.ask('initialize', INTRODUCTION);
  return client;
}

/** Asks until there is an answer. */
export async function firstReply(port: number): Promise<LeanClient> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(5)) {
    const client = await opened(port).catch(() => undefined);
    if (client !== undefined) return client;
  }
  throw new Error('no reply in time');
}

/** Of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Bytes in MiB. */
export function mib(bytes: number): number {
  return bytes / 1024 / 1024;
}

/** Bytes of processes together: what they share is counted once. */
export function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024, 0);
}

/** Processes that it started, and what they started. */
export function descendants(pid: number): number[] {
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
