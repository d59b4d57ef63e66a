import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { watch } from '../../kubernetes/watch.ts';
import { eventually } from '../support/cluster.ts';
import { Authority, base64 } from './authority.ts';
import { folder, kubeconfig } from './credentials.ts';
import { FUTURE, plugin } from './plugin.ts';
import { failure, sendJson, sendStatus, wireServer } from './wire-server.ts';
import type { WireServer } from './wire-server.ts';

const REF = { namespace: 'demo', name: 'x' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...REF, resourceVersion: '1' } };

function clientWith(connection: Connection): KubernetesClient {
  const client = new KubernetesClient(connection);
  onTestFinished(() => client.close());
  return client;
}

/** A server that takes the token `good` only. */
function judging(): Promise<WireServer> {
  return wireServer(({ headers }, response) => {
    if (headers.authorization === 'Bearer good') sendJson(response, 200, OBJECT);
    else sendStatus(response, 401, { reason: 'Unauthorized', message: 'Unauthorized' });
  });
}

describe('when the API server refuses the credentials of a plugin', () => {
  test('a read is sent again with renewed ones, once', async () => {
    const server = await judging();
    const source = await plugin({ cluster: { server: server.url } });
    await source.answer({ token: 'revoked', expirationTimestamp: FUTURE });
    const client = clientWith(await source.connect());
    await source.answer({ token: 'good', expirationTimestamp: FUTURE });
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(OBJECT);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer revoked', 'Bearer good']);
    expect(await source.runs()).toBe(2);
  });

  test('a watch is opened again with renewed ones, and a certificate is renewed like a token', async () => {
    const watches: ServerResponse[] = [];
    const authority = await Authority.make();
    onTestFinished(() => authority.remove());
    const statuses = await Promise.all(['first', 'second'].map(async (name) => {
      const { cert, key } = await authority.issue(name);
      return { clientCertificateData: cert, clientKeyData: key, expirationTimestamp: FUTURE };
    }));
    const server = await wireServer(({ peer, url }, response) => {
      if (peer !== 'second') sendStatus(response, 401, { reason: 'Unauthorized', message: 'Unauthorized' });
      else if (url.searchParams.has('watch')) watches.push(response.writeHead(200));
      else sendJson(response, 200, OBJECT);
    }, await authority.demanding());
    const source = await plugin({ cluster: { server: server.url, 'certificate-authority-data': base64(authority.ca) } });
    await source.answer(statuses[0] ?? {});
    const client = clientWith(await source.connect());
    await source.answer(statuses[1] ?? {});
    const { signal } = new AbortController();
    const events = watch(client, { path: '/api/v1/configmaps', query: {}, idleMs: 60_000, signal });
    const next = events.next();
    await eventually(() => expect(watches).toHaveLength(1));
    watches[0]?.end(`${JSON.stringify({ type: 'ADDED', object: OBJECT })}\n`);
    expect((await next).value).toEqual({ type: 'ADDED', object: OBJECT });
    expect((await events.next()).done).toBe(true);
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(OBJECT);
    expect(server.requests.map(({ peer }) => peer)).toEqual(['first', 'second', 'second']);
  });

  test('those stay when somebody behind its proxy answered', async () => {
    const server = await wireServer((_, response) => response.writeHead(401).end('who are you?'));
    const source = await plugin({ cluster: { server: server.url } });
    await source.answer({ token: 'good' });
    const client = clientWith(await source.connect());
    for (const path of ['/api/v1/namespaces/demo/pods/x:80/proxy/mcp', '/api/v1/namespaces/demo/services/x/proxy?a=b']) {
      expect((await client.request('GET', path)).status).toBe(401);
    }
    expect([server.requests.length, await source.runs()]).toEqual([2, 1]);
  });

  test('a write is Unauthorized and not repeated, and the next request has renewed ones', async () => {
    const server = await judging();
    const source = await plugin({ cluster: { server: server.url } });
    await source.answer({ token: 'revoked', expirationTimestamp: FUTURE });
    const client = clientWith(await source.connect());
    await source.answer({ token: 'good', expirationTimestamp: FUTURE });
    expect((await failure(client.create(CONFIG_MAPS, OBJECT))).kind).toBe('Unauthorized');
    expect(server.requests).toHaveLength(1);
    expect(await client.create(CONFIG_MAPS, OBJECT)).toEqual(OBJECT);
  });

  test('many reads at once run the plugin once', async () => {
    const server = await judging();
    const source = await plugin({ cluster: { server: server.url } });
    await source.answer({ token: 'revoked' });
    const client = clientWith(await source.connect());
    await source.answer({ token: 'good' });
    await Promise.all(Array.from({ length: 20 }, () => client.get(CONFIG_MAPS, REF)));
    expect(await source.runs()).toBe(2);
  });

  test('and those it gives then too, it is not run for each request', async () => {
    const server = await judging();
    const source = await plugin({ cluster: { server: server.url } });
    await source.answer({ token: 'bad' });
    const client = clientWith(await source.connect());
    for (let i = 0; i < 5; i += 1) expect((await failure(client.get(CONFIG_MAPS, REF))).kind).toBe('Unauthorized');
    expect(await source.runs()).toBe(2);
    expect(server.requests).toHaveLength(6);
  });

  test('a token that stands in the kubeconfig is not asked for again', async () => {
    const server = await judging();
    const directory = await folder({ config: kubeconfig({ cluster: { server: server.url }, user: { token: 'old' } }) });
    const client = clientWith(await connect({ kubeconfig: join(directory, 'config'), env: {} }));
    expect((await failure(client.get(CONFIG_MAPS, REF))).kind).toBe('Unauthorized');
    expect(server.requests).toHaveLength(1);
  });
});
