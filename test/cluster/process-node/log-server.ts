// The node's own TLS endpoint: container logs, for `kubectl logs` and the API server's log subresource.
import { spawn } from 'node:child_process';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContainerRunner } from './container.ts';

export interface LogSource {
  /** The container a request names; undefined when the pod or the container is not here. */
  find(namespace: string, pod: string, container: string): ContainerRunner | undefined;
}

/** A server for GET /containerLogs/{namespace}/{pod}/{container}, not yet listening. */
export function logServer(tls: { cert: Buffer; key: Buffer }, source: LogSource): Server {
  return createServer(tls, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://node');
    const [root, namespace = '', pod = '', name = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
    const container = source.find(namespace, pod, name);
    if (root !== 'containerLogs' || container === undefined) {
      response.writeHead(404).end(`container ${name} of pod ${namespace}/${pod} is not on this node\n`);
      return;
    }
    const file = container.logFile(searchParams.get('previous') === 'true');
    if (file === undefined) response.writeHead(400).end(`container "${name}" in pod "${pod}" is waiting to start, or has no earlier run\n`);
    else sendLog(file, { request, response, query: searchParams, pid: container.pid });
  });
}

interface LogRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly pid: number | undefined;
}

/** tail(1) knows everything that is asked for: the last lines, and following until the container's process ends. */
function sendLog(file: string, { request, response, query, pid }: LogRequest): void {
  const follow = query.get('follow') === 'true' && pid !== undefined ? ['-f', `--pid=${pid}`] : [];
  const tail = spawn('tail', ['-n', query.get('tailLines') ?? '+1', ...follow, file], { stdio: ['ignore', 'pipe', 'ignore'] });
  let left = Number(query.get('limitBytes') ?? Infinity);
  response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders();
  tail.stdout.on('data', (chunk: Buffer) => {
    response.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) tail.kill();
  });
  tail.on('close', () => response.end());
  request.on('close', () => tail.kill());
  response.on('close', () => tail.kill());
}
