// An API server with nothing in it but one Lease: enough for an operator to fill its caches and to lead.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isApiError } from '../../kubernetes/errors.ts';
import { LEASES } from '../../kubernetes/objects.ts';
import type { LeaseObject } from '../../reconciler/runtime/lease-lock.ts';
import { MemoryLeases } from './memory-leases.ts';
import type { RunningProgram } from './programs.ts';

export interface EmptyCluster {
  readonly leases: MemoryLeases;
  /** A kubeconfig for it, as JSON. */
  readonly kubeconfig: string;
  readonly close: () => void;
}

const STATUS: Readonly<Record<string, number>> = { NotFound: 404, AlreadyExists: 409, Conflict: 409 };

/** Listens on a free port of loopback. */
export async function startEmptyCluster(): Promise<EmptyCluster> {
  const leases = new MemoryLeases();
  const server: Server = createServer((request, response) => {
    if (request.url?.includes('sendInitialEvents=')) {
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Invalid', message: 'it lists in pages', code: 422 };
      response.writeHead(status.code, { 'content-type': 'application/json' }).end(JSON.stringify(status));
      return;
    }
    if (request.url?.includes('watch=')) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return;
    }
    const list = { items: [], metadata: { resourceVersion: '1' } };
    const answer = request.url?.includes('/leases') ? ofLease(leases, request) : Promise.resolve(list);
    answer.then(
      (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error: unknown) => {
        const reason = isApiError(error) ? error.kind : 'Server';
        const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message: String(error), code: STATUS[reason] ?? 500 };
        response.writeHead(status.code, { 'content-type': 'application/json' }).end(JSON.stringify(status));
      },
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    leases,
    kubeconfig: JSON.stringify({
      clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'x', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      'current-context': 'x',
    }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface LifeOfLeader {
  readonly leading: string | undefined;
  readonly code: number | null;
  readonly ended: string | undefined;
}

type StartOperator = (kubeconfig: string, flags: readonly string[]) => RunningProgram | Promise<RunningProgram>;

/** Who holds the Lease while the operator that `start` starts, with these flags besides, leads an empty cluster, and when it has ended. */
export async function lifeOfLeader(start: StartOperator): Promise<LifeOfLeader> {
  const cluster = await startEmptyCluster();
  const holder = (): string | undefined => cluster.leases.stored?.spec?.holderIdentity;
  try {
    const operator = await start(cluster.kubeconfig, ['--leader-elect', '--leader-elect-resource-namespace=x']);
    let leading: string | undefined;
    let code: number | null = null;
    try {
      await operator.said(/caches are filled, reconciling/);
      leading = holder();
    } finally {
      code = await operator.end();
    }
    return { leading, code, ended: holder() };
  } finally {
    cluster.close();
  }
}

async function ofLease(leases: MemoryLeases, request: IncomingMessage): Promise<LeaseObject> {
  const { method, url = '' } = request;
  if (method === 'GET') return leases.get(LEASES, { name: url.split('/').at(-1) ?? '' });
  const object = JSON.parse(await text(request)) as LeaseObject;
  return method === 'POST' ? leases.create(LEASES, object) : leases.update(LEASES, object);
}
