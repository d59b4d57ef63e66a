// On which TCP ports processes listen, as the system tells: a server that speaks HTTP does so before anybody asks it.
import { readdir, readFile, readlink } from 'node:fs/promises';

/** State of a socket that listens, as /proc/net/tcp writes it. */
const LISTENS = '0A';

/** The ports, the least first; empty where the system does not tell. */
export async function listeningPorts(pids: readonly number[]): Promise<number[]> {
  const sockets = await Promise.all(pids.map(socketsOf));
  const own = new Set(sockets.flat());
  if (own.size === 0) return [];
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')));
  const ports = tables.flatMap((table) => listenersIn(table)).filter(({ inode }) => own.has(inode)).map(({ port }) => port);
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

/** The sockets that listen in a table of the system. Pure. */
export function listenersIn(table: string): { readonly port: number; readonly inode: string }[] {
  return table.split('\n').slice(1).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    return state === LISTENS && port > 0 ? [{ port, inode }] : [];
  });
}

/** Inodes of the sockets that a process has open. */
async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}
