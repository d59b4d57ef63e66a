// Owns a lock between processes: a file that holds the owner's pid, so that a dead owner's lock is recognised.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than the slowest build seen, so that two builders never run side by side. */
const WAIT_LIMIT_MS = 45 * 60_000;

/** Takes a line for people; one of progress tells again what the one before told, only later, so that it may take its place. */
export type Log = (line: string, kind?: 'progress') => void;

export interface WaitOptions {
  readonly log: Log;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Runs `work` while this process alone holds the lock `file`. Waits for a living owner, takes a dead owner's lock over.
 * Throws when the owner keeps it longer than 45 minutes.
 */
export async function withLock<T>(file: string, wait: WaitOptions, work: () => Promise<T>): Promise<T> {
  const { log, signal } = wait;
  await mkdir(dirname(file), { recursive: true });
  const own = `${file}.${randomUUID()}`;
  const deadline = Date.now() + WAIT_LIMIT_MS;
  await writeFile(own, String(process.pid));
  try {
    for (let waited = 0; !(await tryLink(own, file)); waited += 1) {
      const owner = await readOwner(file);
      if (owner !== undefined && !isAlive(owner)) await removeStale(file, own);
      else {
        if (waited % 50 === 0) log(`waiting for process ${owner}, which holds ${file} (remove it if that is wrong)`, 'progress');
        if (Date.now() > deadline) throw new Error(`process ${owner} still holds ${file}; remove it if that is wrong`);
        await sleep(200, undefined, { signal });
      }
    }
    try {
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** link(2) makes the lock appear together with its content, and fails when there is one. */
async function tryLink(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** Moved away before it is removed: another process may have taken the stale lock over a moment ago. */
async function removeStale(file: string, own: string): Promise<void> {
  const aside = `${own}.stale`;
  await rename(file, aside).catch(() => undefined);
  const owner = await readOwner(aside);
  if (owner !== undefined && isAlive(owner)) await tryLink(aside, file);
  await rm(aside, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
