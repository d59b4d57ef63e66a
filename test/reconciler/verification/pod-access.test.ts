import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../kubernetes/connection.ts';
import { podExchange, type PodAccess } from '../../../reconciler/verification/pod-access.ts';
import { serveAnswer } from '../../support/mcp-servers.ts';

describe('pods are reached', () => {
  it.each<[PodAccess, boolean, string]>([
    ['auto', true, 'the pod'],
    ['auto', false, 'the API server'],
    ['direct', false, 'the pod'],
    ['api-server', true, 'the API server'],
  ])('with %s, operator in the cluster: %s, by asking %s', async (access, inCluster, asked) => {
    const pod = await serveAnswer({ status: 200, body: 'the pod' });
    const apiServer = await serveAnswer({ status: 200, body: 'the API server' });
    const connection: Connection = { server: `http://127.0.0.1:${apiServer.port}`, inCluster, tls: {}, authorization: () => Promise.resolve(undefined) };
    const exchange = podExchange(access, { connection })({ namespace: 'ns', name: 'a', ip: '127.0.0.1', port: pod.port });
    const { body } = await exchange({ method: 'GET', path: '/', headers: {}, timeoutMs: 10_000, maxBytes: 100, maxPieces: 100 });
    await Promise.all([pod.close(), apiServer.close()]);
    expect(body).toBe(asked);
  });
});
