// The control groups below which a node's containers live: made before it starts, removed after it stopped.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
const PREFIX = 'mcp-node-';
const EMPTYING_LIMIT_MS = 10_000;

/** Name of the cgroup of a node of this process; no other living process uses it. */
export function cgroupName(n: number): string {
  return `${PREFIX}${process.pid}-${n}`;
}

/** Makes the cgroup in every hierarchy. Only cgroup v1 and hybrid hosts are tried regularly. */
export async function makeCgroup(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, name);
    await mkdir(folder, { recursive: true });
    // Without these two nothing can be moved into a cpuset of cgroup v1.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (existsSync(join(hierarchy, file))) await writeFile(join(folder, file), await readFile(join(hierarchy, file)));
    }
  }
}

/** Removes the cgroup and all below it, once the kernel has ended what was in it. */
export async function removeCgroup(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) await removeTree(join(hierarchy, name), Date.now() + EMPTYING_LIMIT_MS);
}

/** Removes cgroups that processes left behind which were killed before they could. */
export async function removeAbandonedCgroups(): Promise<void> {
  for (const hierarchy of hierarchies()) {
    for (const name of readdirSync(hierarchy)) {
      const pid = new RegExp(`^${PREFIX}(\\d+)-\\d+$`).exec(name)?.[1];
      if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeTree(join(hierarchy, name), Date.now());
    }
  }
}

/** Version 1 has a folder per controller, version 2 one for all. */
function hierarchies(): string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  return readdirSync(ROOT).map((name) => join(ROOT, name)).filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}

async function removeTree(folder: string, deadline: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name), deadline);
  for (;;) {
    const error = await rmdir(folder).then(() => undefined, (thrown: NodeJS.ErrnoException) => thrown);
    if (error === undefined || error.code === 'ENOENT') return;
    if (Date.now() > deadline) throw new Error(`the cgroup ${folder} cannot be removed: ${error.message}`, { cause: error });
    await sleep(50);
  }
}
