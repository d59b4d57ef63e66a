// An API server that has one pod, for tests of what is told of requests to it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ApiServer {
  readonly kubeconfig: string;
  readonly address: string;
  close(): Promise<void>;
}

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [{ name: 'main' }] } };

/** What it answers by itself. */
export const onePod: RequestListener = (request, response) => {
  const path = request.url?.split('?', 1).join('') ?? '';
  if (path.endsWith('/web/log')) return void response.end('first line\nsecond line\n');
  if (path.endsWith('/web')) return json(response, 200, POD);
  if (path.endsWith('/nodes') || path.endsWith('/pods')) return json(response, 200, { kind: 'List', apiVersion: 'v1', metadata: {}, items: [] });
  json(response, 404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404, message: 'pods "gone" not found' });
};

function json(response: Parameters<RequestListener>[1], status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Starts it, with a kubeconfig whose user has this token. */
export async function startApiServer(answer: RequestListener = onePod, token = 'token'): Promise<ApiServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'mcp-traces-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `http://${address}` } }],
    users: [{ name: 'u', user: { token } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return {
    kubeconfig,
    address,
    close: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true });
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
