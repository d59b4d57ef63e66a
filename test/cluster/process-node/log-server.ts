// The node's own TLS endpoint: container logs, for `kubectl logs` and the API server's log subresource.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { ContainerRunner } from './container.ts';
import { loopback, NODE_ADDRESS } from './network.ts';

type Find = (namespace: string, pod: string, container: string) => ContainerRunner | undefined;

/** Listens on the first 127.x network whose node address is free, which keeps two process nodes on one machine apart; the caller closes it. */
export async function startLogServer(tls: { cert: Buffer; key: Buffer }, find: Find): Promise<{ logs: Server; network: number }> {
  for (let network = 1; network < 256; network += 1) {
    const logs = createServer(tls, (request, response) => {
      answer(new URL(request.url ?? '/', 'https://node'), find).then(
        ([status, body]) => response.writeHead(status, { 'content-type': 'text/plain' }).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    logs.listen(10250, loopback(network, NODE_ADDRESS));
    if (await once(logs, 'listening').then(() => true, () => false)) return { logs, network };
  }
  throw new Error('no 127.x network is free for a process node');
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
