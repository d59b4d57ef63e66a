// A program that is not Node listens on a port of this machine, whatever address it is told: a socket of its pod leads there.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How soon a port that is listened on is found. */
const LOOK_MS = 500;
const LISTENS = '0A';

/** Opens a socket in the folder for each port that the process or one it has started listens on, until the signal. */
export async function followPorts(pid: number, sockets: string, signal: AbortSignal): Promise<void> {
  const servers = new Map<number, Server>();
  while (!signal.aborted) {
    for (const { port, host } of listening(pid)) {
      const path = join(sockets, String(port));
      // Where there is one already, Node listens on it.
      if (!servers.has(port) && !existsSync(path)) servers.set(port, forwarding(path, { host, port }));
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  for (const server of servers.values()) server.close();
}

function forwarding(path: string, to: { readonly host: string; readonly port: number }): Server {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ ...to, allowHalfOpen: true });
    const end = (): void => {
      client.destroy();
      target.destroy();
    };
    client.once('error', end).pipe(target.once('error', end)).pipe(client);
  });
  return server.on('error', () => undefined).listen(path);
}

/** Ports by process tree, from the kernel's tables. */
function listening(pid: number): { host: string; port: number }[] {
  const sockets = new Map([...table('tcp', '127.0.0.1'), ...table('tcp6', '::1')]);
  return [pid, ...descendants(pid)].flatMap((each) =>
    attempt(() => readdirSync(`/proc/${each}/fd`), []).flatMap((fd) => sockets.get(attempt(() => readlinkSync(`/proc/${each}/fd/${fd}`), '')) ?? []));
}

/** What is listened on, by the name of the socket; all addresses are reached by loopback. */
function table(name: 'tcp' | 'tcp6', loopback: string): (readonly [string, { host: string; port: number }])[] {
  return attempt(() => readFileSync(`/proc/net/${name}`, 'utf8'), '').split('\n').slice(1).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    return state === LISTENS ? [[`socket:[${inode}]`, { host: loopback, port }] as const] : [];
  });
}

function descendants(pid: number): number[] {
  const children = attempt(() => readdirSync(`/proc/${pid}/task`), []).flatMap((task) =>
    attempt(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'), '').trim().split(' ').filter((each) => each !== '').map(Number));
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Processes end while they are looked at. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
