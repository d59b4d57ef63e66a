// The node's own TLS endpoint, on a unix socket: container logs, and connections to ports of pods.
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { ContainerRunner } from './container.ts';

export type Find = (namespace: string, pod: string, container: string) => ContainerRunner | undefined;

/** Listens in the folder of the node's sockets; the caller closes it. */
export async function startLogServer(tls: { cert: Buffer; key: Buffer }, sockets: string, find: Find): Promise<Server> {
  const logs = createServer(tls, (request, response) => {
    answer(new URL(request.url ?? '/', 'https://node'), find).then(
      ([status, body]) => response.writeHead(status, { 'content-type': 'text/plain' }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await rm(sockets, { recursive: true, force: true });
  await mkdir(sockets, { mode: 0o700 });
  await once(logs.listen(join(sockets, '10250')), 'listening');
  return logs;
}

/** GET /containerLogs/{namespace}/{pod}/{container}?tailLines&limitBytes&previous */
async function answer(url: URL, find: Find): Promise<[status: number, body: string | Buffer]> {
  const [root, namespace = '', pod = '', name = ''] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const { tailLines = Infinity, limitBytes = Infinity, previous } = Object.fromEntries(url.searchParams);
  const container = root === 'containerLogs' ? find(namespace, pod, name) : undefined;
  if (container === undefined) return [404, `container "${name}" of pod "${namespace}/${pod}" is not on this node\n`];
  const file = container.logFile(previous === 'true');
  if (file === undefined) return [400, `container "${name}" in pod "${pod}" is waiting to start, or has no earlier run\n`];
  const lines = (await readFile(file, 'utf8')).split(/(?<=\n)/);
  const wanted = lines.slice(Math.max(0, lines.length - Number(tailLines)));
  return [200, Buffer.from(wanted.join('')).subarray(0, Number(limitBytes))];
}
