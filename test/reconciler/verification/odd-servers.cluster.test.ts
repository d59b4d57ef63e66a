// The table of odd servers through the pod proxy of a real API server.
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import { podExchange } from '../../../reconciler/verification/pod-access.ts';
import { connect, eventually, useNamespace } from '../../support/cluster.ts';
import { ask, judgeAll, timeoutOf } from '../../support/odd-servers/judgement.ts';
import { ODD_SERVERS } from '../../support/odd-servers/table.ts';

/** The API server refuses to proxy to loopback addresses. */
const address = Object.values(networkInterfaces()).flat().find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '';

describe.skipIf(address === '')('of an odd server, asked through the API server, the operator finds what the table says', () => {
  const namespace = useNamespace('odd-servers');
  let client: KubernetesClient;
  let found: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    client = await connect('odd-servers-tests');
    const exchangeFor = podExchange('api-server', client);
    // On no node: else it is deleted after some 40 s, for its node is none.
    const spec = { automountServiceAccountToken: false, schedulerName: 'none', containers: [{ name: 'mcp-server', image: 'none' }] };
    await eventually(() => client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'a' }, spec }));
    const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] };
    await client.patch(PODS, { namespace, name: 'a' }, { status }, { subresource: 'status' });
    const asked = ODD_SERVERS.map((server) => ({ ...server, says: server.proxied?.[0] ?? server.says }));
    found = await judgeAll(asked, (server, patience) => ask(server, (port) => {
      const options = { path: '/mcp', host: `127.0.0.1:${port}`, timeoutMs: timeoutOf(server, patience) };
      return handshake(exchangeFor({ namespace, name: 'a', ip: address, port }), options);
    }, address));
  });
  afterAll(() => client.close());

  it.each(ODD_SERVERS.map(({ name }) => name))('%s', (name) => {
    expect(found.get(name)).toEqual([]);
  });
});
