import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect as connectSocket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import type { ClientCertificate, Connection } from '../../kubernetes/connection.ts';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { watch } from '../../kubernetes/watch.ts';
import { eventually } from '../support/cluster.ts';
import { Authority, base64 } from './authority.ts';
import { folder, kubeconfig } from './credentials.ts';
import { FUTURE, PAST, plugin } from './plugin.ts';
import { failure, sendJson, wireServer } from './wire-server.ts';
import type { WireServer } from './wire-server.ts';

const REF = { namespace: 'demo', name: 'x' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...REF, resourceVersion: '1' } };

let authority: Authority;
let first: ClientCertificate;
let second: ClientCertificate;

beforeAll(async () => {
  authority = await Authority.make();
  [first, second] = await Promise.all([authority.issue('first'), authority.issue('second')]);
});
afterAll(() => authority.remove());

/** A server that lets in nobody without a certificate; watches are handed to the test. */
async function demandingServer(watches: ServerResponse[] = []): Promise<WireServer> {
  const tls = await authority.demanding();
  return wireServer(({ url }, response) => {
    if (url.searchParams.has('watch')) watches.push(response.writeHead(200));
    else sendJson(response, 200, OBJECT);
    if (url.searchParams.has('watch')) response.flushHeaders();
  }, tls);
}

function clusterOf(server: WireServer): object {
  return { server: server.url, 'certificate-authority-data': base64(authority.ca) };
}

function clientWith(connection: Connection): KubernetesClient {
  const client = new KubernetesClient(connection);
  onTestFinished(() => client.close());
  return client;
}

function statusOf({ cert, key }: ClientCertificate, expirationTimestamp?: string): object {
  return { clientCertificateData: cert, clientKeyData: key, expirationTimestamp };
}

function peers(server: WireServer): (string | undefined)[] {
  return server.requests.map(({ peer }) => peer);
}

describe('a client certificate', () => {
  test('of a kubeconfig, as data or as files, lets a client in where nobody else is', async () => {
    const server = await demandingServer();
    const data = { 'client-certificate-data': base64(first.cert), 'client-key-data': base64(first.key) };
    const files = { 'client-certificate': 'cert.pem', 'client-key': './key.pem' };
    for (const user of [data, files]) {
      const directory = await folder({ config: kubeconfig({ cluster: clusterOf(server), user }), 'cert.pem': first.cert, 'key.pem': first.key });
      const client = clientWith(await connect({ kubeconfig: join(directory, 'config'), env: {} }));
      expect(await client.get(CONFIG_MAPS, REF)).toEqual(OBJECT);
    }
    expect(peers(server)).toEqual(['first', 'first']);
    const nobody = await folder({ config: kubeconfig({ cluster: clusterOf(server), user: {} }) });
    const client = clientWith(await connect({ kubeconfig: join(nobody, 'config'), env: {} }));
    expect((await failure(client.get(CONFIG_MAPS, REF))).kind).toBe('Network');
  });

  test('whose files are replaced is shown by the next request; a half written pair leaves the one before in use', async () => {
    const server = await demandingServer();
    const user = { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' };
    const directory = await folder({ config: kubeconfig({ cluster: clusterOf(server), user }), 'cert.pem': first.cert, 'key.pem': first.key });
    const client = clientWith(await connect({ kubeconfig: join(directory, 'config'), env: {} }));
    await client.get(CONFIG_MAPS, REF);
    await writeFile(join(directory, 'next'), second.cert);
    await rename(join(directory, 'next'), join(directory, 'cert.pem'));
    await client.get(CONFIG_MAPS, REF);
    await writeFile(join(directory, 'key.pem'), second.key);
    await client.get(CONFIG_MAPS, REF);
    expect(peers(server)).toEqual(['first', 'first', 'second']);
    expect(server.connections).toBe(2);
  });

  test('that a plugin prints is renewed when it said it ends, and kept until then', async () => {
    const server = await demandingServer();
    const source = await plugin({ cluster: clusterOf(server) });
    await source.answer(statusOf(first, FUTURE));
    const client = clientWith(await source.connect());
    await client.get(CONFIG_MAPS, REF);
    await client.get(CONFIG_MAPS, REF);
    expect([await source.runs(), server.connections, peers(server)]).toEqual([1, 1, ['first', 'first']]);

    const ending = await plugin({ cluster: clusterOf(server) });
    await ending.answer(statusOf(first, PAST));
    const renewing = clientWith(await ending.connect());
    await renewing.get(CONFIG_MAPS, REF);
    await ending.answer(statusOf(second, FUTURE));
    await renewing.get(CONFIG_MAPS, REF);
    await renewing.get(CONFIG_MAPS, REF);
    expect(peers(server).slice(2)).toEqual(['first', 'second', 'second']);
  });

  test('that itself has ended is renewed, whatever its plugin said', async () => {
    const source = await plugin();
    await source.answer(statusOf(await authority.issue('ended', { ended: true })));
    const connection = await source.connect();
    await source.answer(statusOf(second));
    expect((await connection.certificate?.())?.cert).toBe(second.cert);
    expect(await source.runs()).toBe(2);
  });

  test('that is renewed ends idle connections of the one before, and no watch', async () => {
    const watches: ServerResponse[] = [];
    const server = await demandingServer(watches);
    const source = await plugin({ cluster: clusterOf(server) });
    await source.answer(statusOf(first, PAST));
    const client = clientWith(await source.connect());
    const { signal } = new AbortController();
    const events = watch(client, { path: '/api/v1/configmaps', query: {}, idleMs: 60_000, signal });
    const next = events.next();
    await eventually(() => expect(watches).toHaveLength(1));
    await client.get(CONFIG_MAPS, REF);
    await source.answer(statusOf(second, FUTURE));
    await client.get(CONFIG_MAPS, REF);
    await eventually(() => expect(server.open.size).toBe(2));
    watches[0]?.write(`${JSON.stringify({ type: 'ADDED', object: OBJECT })}\n`);
    expect((await next).value).toEqual({ type: 'ADDED', object: OBJECT });
    watches[0]?.end();
    expect((await events.next()).done).toBe(true);
    expect(peers(server)).toEqual(['first', 'first', 'second']);
    expect(server.connections).toBe(3);
  });

  test('is shown to the API server behind a proxy, by requests and watches', async () => {
    const server = await demandingServer();
    const tunnels: Duplex[] = [];
    const proxy = createServer().on('connect', (request, socket: Duplex, head: Buffer) => {
      const upstream = connectSocket(Number(new URL(server.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const each of [socket, upstream]) each.on('error', () => socket.destroy());
      tunnels.push(socket, upstream);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => {
      for (const each of tunnels) each.destroy();
      proxy.close();
    });
    const source = await plugin({ cluster: { ...clusterOf(server), 'proxy-url': `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` } });
    await source.answer(statusOf(first, PAST));
    const client = clientWith(await source.connect());
    await client.get(CONFIG_MAPS, REF);
    await source.answer(statusOf(second, FUTURE));
    await client.get(CONFIG_MAPS, REF);
    (await client.stream('GET', '/api/v1/configmaps', { query: { watch: true } })).destroy();
    expect(peers(server)).toEqual(['first', 'second', 'second']);
    expect(tunnels).toHaveLength(6);
  });

  test('that is renewed while requests are under way lets these finish', async () => {
    const held: ServerResponse[] = [];
    const server = await wireServer((request, response) => {
      if (request.peer === 'first') held.push(response);
      else sendJson(response, 200, OBJECT);
    }, await authority.demanding());
    const source = await plugin({ cluster: clusterOf(server) });
    await source.answer(statusOf(first, PAST));
    const client = clientWith(await source.connect());
    const under = client.get(CONFIG_MAPS, REF);
    await eventually(() => expect(held).toHaveLength(1));
    await source.answer(statusOf(second, FUTURE));
    await client.get(CONFIG_MAPS, REF);
    const socket = held[0]?.socket ?? undefined;
    const closed = socket && once(socket, 'close');
    for (const response of held) sendJson(response, 200, OBJECT);
    expect(await under).toEqual(OBJECT);
    await closed;
    expect(server.open.size).toBe(1);
  });
});
