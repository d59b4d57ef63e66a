import { rename, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import type { RequestObservation } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { CONFIG_MAPS, NAMESPACES, PODS } from '../../kubernetes/objects.ts';
import type { RawResponse } from '../../kubernetes/responses.ts';
import { serviceAccountDir } from './credentials.ts';
import { clientOf, failure, reset, sendJson, sendStatus, wireServer } from './wire-server.ts';

const REF = { namespace: 'demo', name: 'x' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: REF, data: { a: '1' } };

describe('what goes over the wire', () => {
  test('server-side apply is a PATCH with field manager and force, without managedFields', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const object = { ...OBJECT, metadata: { ...REF, uid: 'u1', resourceVersion: '7', managedFields: [{ manager: 'someone', operation: 'Update' }] } };
    const applied = await clientOf(server).apply(CONFIG_MAPS, object, { fieldManager: 'mcp-operator', force: true });
    const [request] = server.requests;
    expect(request?.method).toBe('PATCH');
    expect(request?.url.pathname).toBe('/api/v1/namespaces/demo/configmaps/x');
    expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual({ fieldManager: 'mcp-operator', force: 'true' });
    expect(request?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(JSON.parse(request?.body ?? '')).toEqual({ ...OBJECT, metadata: { ...REF, uid: 'u1', resourceVersion: '7' } });
    expect(applied).toEqual(OBJECT);
  });

  test('force is sent only when asked for; status and dry run go where they belong', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    await clientOf(server).apply(CONFIG_MAPS, OBJECT, { fieldManager: 'm', subresource: 'status', dryRun: true });
    expect(server.requests[0]?.url.pathname).toBe('/api/v1/namespaces/demo/configmaps/x/status');
    expect(Object.fromEntries(server.requests[0]?.url.searchParams ?? [])).toEqual({ fieldManager: 'm', dryRun: 'All' });
  });

  test('a create without apiVersion and kind is completed from the type', async () => {
    const server = await wireServer((_, response) => sendJson(response, 201, OBJECT));
    await clientOf(server).create(NAMESPACES, { metadata: { name: 'demo' } });
    expect(server.requests[0]?.url.pathname).toBe('/api/v1/namespaces');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
  });

  test('an update is a PUT of the whole object with the version it was read at', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const read = { ...OBJECT, metadata: { ...REF, uid: 'u1', resourceVersion: '7', labels: { a: 'b' } } };
    expect(await clientOf(server).update(CONFIG_MAPS, read)).toEqual(OBJECT);
    const [request] = server.requests;
    expect([request?.method, request?.url.pathname, request?.headers['content-type']]).toEqual(['PUT', '/api/v1/namespaces/demo/configmaps/x', 'application/json']);
    expect(JSON.parse(request?.body ?? '')).toEqual(read);
  });

  test('a merge patch says that it is one', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    await clientOf(server).patch(PODS, REF, { status: { phase: 'Running' } }, { subresource: 'status', fieldManager: 'm' });
    expect(server.requests[0]?.headers['content-type']).toBe('application/merge-patch+json');
    expect(server.requests[0]?.url.pathname).toBe('/api/v1/namespaces/demo/pods/x/status');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ status: { phase: 'Running' } });
  });

  test('a delete carries its preconditions', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, { kind: 'Status', status: 'Success' }));
    await clientOf(server).delete(PODS, REF, { uid: 'u1', resourceVersion: '7', propagationPolicy: 'Background', gracePeriodSeconds: 0 });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u1', resourceVersion: '7' },
      propagationPolicy: 'Background',
      gracePeriodSeconds: 0,
    });
  });

  test('every request names the program, the identity and the headers of the connection; a server below a path works', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const connection = {
      server: `${server.url}/clusters/one`,
      headers: { 'impersonate-user': 'jane' },
      authorization: () => Promise.resolve('Bearer secret'),
    };
    await clientOf(server, { connection }).get(CONFIG_MAPS, REF);
    await clientOf(server, { userAgent: 'another' }).get(CONFIG_MAPS, REF);
    expect(server.requests[0]?.url.pathname).toBe('/clusters/one/api/v1/namespaces/demo/configmaps/x');
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': 'mcp-server-operator',
      'impersonate-user': 'jane',
      authorization: 'Bearer secret',
      accept: 'application/json',
    });
    expect(server.requests[1]?.headers).toMatchObject({ 'user-agent': 'another' });
    expect(server.requests[1]?.headers.authorization).toBeUndefined();
  });

  test('many requests in a row use one connection', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const client = clientOf(server);
    for (let i = 0; i < 20; i += 1) await client.get(CONFIG_MAPS, REF);
    expect(server.requests).toHaveLength(20);
    expect(server.connections).toBe(1);
  });

  test('a token that the kubelet rotated is used by the next request', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const directory = await serviceAccountDir({ token: 'first' });
    const inCluster = await connect({ env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }, serviceAccountDir: directory });
    const client = clientOf(server, { connection: { authorization: () => inCluster.authorization() } });
    await client.get(CONFIG_MAPS, REF);
    await writeFile(join(directory, 'next'), 'second-token\n');
    await rename(join(directory, 'next'), join(directory, 'token'));
    await client.get(CONFIG_MAPS, REF);
    expect(server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer first', 'Bearer second-token']);
  });

  test('the proxy of the connection is used', async () => {
    const proxy = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const client = clientOf(proxy, { connection: { server: 'http://api.invalid:6443', proxyUrl: proxy.url } });
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(OBJECT);
    expect(proxy.requests[0]?.url.href).toBe('http://api.invalid:6443/api/v1/namespaces/demo/configmaps/x');
  });

  test('the injected transport sends the requests', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const sent: (string | null | undefined)[] = [];
    const client = clientOf(server, {
      request: (options, onResponse) => {
        sent.push(options.path);
        return httpRequest(options, onResponse);
      },
    });
    await client.get(CONFIG_MAPS, REF);
    expect(sent).toEqual(['/api/v1/namespaces/demo/configmaps/x']);
  });
});

describe('a list', () => {
  test('reads page after page and completes its items with apiVersion and kind', async () => {
    const server = await wireServer(({ url }, response) => {
      const first = url.searchParams.get('continue') === null;
      const items = [{ metadata: { name: first ? 'a' : 'b', namespace: 'demo' } }];
      sendJson(response, 200, { metadata: { resourceVersion: '9', continue: first ? 'token/+=' : '' }, items });
    });
    const { items, resourceVersion } = await clientOf(server).list(PODS, { namespace: 'demo', labelSelector: 'a=b,c', limit: 1 });
    expect(resourceVersion).toBe('9');
    expect(items.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
      ['v1', 'Pod', 'a'],
      ['v1', 'Pod', 'b'],
    ]);
    const [, second] = server.requests;
    expect(Object.fromEntries(second?.url.searchParams ?? [])).toEqual({ labelSelector: 'a=b,c', limit: '1', continue: 'token/+=' });
  });

  test('that expires between two pages starts again, and mixes nothing in', async () => {
    let expired = false;
    const server = await wireServer(({ url }, response) => {
      if (url.searchParams.get('continue') === 'old') {
        expired = true;
        sendStatus(response, 410, { reason: 'Expired', message: 'The provided continue parameter is too old' });
        return;
      }
      sendJson(response, 200, {
        metadata: { resourceVersion: expired ? '2' : '1', continue: expired ? '' : 'old' },
        items: [{ metadata: { name: 'a', namespace: 'demo' } }],
      });
    });
    const { items, resourceVersion } = await clientOf(server).list(PODS);
    expect([items.length, resourceVersion]).toEqual([1, '2']);
  });

  test('without items is empty', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, { metadata: { resourceVersion: '1' }, items: null }));
    expect((await clientOf(server).list(PODS)).items).toEqual([]);
  });
});

describe('a raw request', () => {
  test('returns any status as it came', async () => {
    const server = await wireServer((_, response) => response.writeHead(418, { 'x-kind': 'teapot' }).end('short and stout'));
    const answer = await clientOf(server).request('POST', '/api/v1/proxy?x=1', { query: { y: 2, z: undefined }, body: 'hello', headers: { 'content-type': 'text/plain' } });
    expect([answer.status, answer.headers['x-kind'], answer.body.toString(), answer.truncated]).toEqual([418, 'teapot', 'short and stout', false]);
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: 'hello', headers: { 'content-type': 'text/plain' } });
    expect(server.requests[0]?.url.search).toBe('?x=1&y=2');
  });

  test('reads no more than maxBytes of a huge body and says so', async () => {
    const server = await wireServer((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const answer = await clientOf(server).request('GET', '/endless', { maxBytes: 100_000 });
    expect([answer.body.length, answer.truncated]).toEqual([100_000, true]);
  });

  test('of exactly maxBytes is complete', async () => {
    const server = await wireServer((_, response) => response.end('12345'));
    expect(await clientOf(server).request('GET', '/', { maxBytes: 5 })).toMatchObject({ truncated: false, body: Buffer.from('12345') });
  });

  test('ends with what is enough of an answer that stays open, sees each byte once, and uses its connection no more', async () => {
    const server = await wireServer((_, response) => {
      response.writeHead(200, { 'x-kind': 'open' }).write('one ');
      setTimeout(() => response.write('two '), 20);
    });
    const client = clientOf(server);
    const seen: string[] = [];
    const ask = (): Promise<RawResponse> => client.request('GET', '/', {
      enough: ({ status, headers }) => {
        seen.push(`${status} ${String(headers['x-kind'])}: `);
        return (chunk) => {
          seen.push(chunk.toString());
          return seen.join('').endsWith('two ');
        };
      },
    });
    const answer = await ask();
    expect([seen.join(''), answer.body.toString(), answer.truncated]).toEqual(['200 open: one two ', 'one two ', false]);
    await expect.poll(() => server.open.size).toBe(0);
    await ask();
    expect(server.connections).toBe(2);
  });

  test('that is enough and ends keeps its connection', async () => {
    const server = await wireServer((_, response) => {
      response.writeHead(200).write('all');
      setImmediate(() => response.end(' there is'));
    });
    const client = clientOf(server);
    for (let turn = 0; turn < 3; turn += 1) {
      const { body } = await client.request('POST', '/', { enough: () => () => true });
      expect(body.toString()).toBe('all there is');
    }
    expect(server.connections).toBe(1);
  });

  test('waits for no body where the head is enough', async () => {
    const server = await wireServer((_, response) => response.writeHead(200).flushHeaders());
    const { status, body, truncated } = await clientOf(server).request('GET', '/', { enough: () => true });
    expect([status, body.length, truncated]).toEqual([200, 0, false]);
  });

  test('that is enough and goes on without end is still bounded by maxBytes', async () => {
    const server = await wireServer((_, response) => {
      const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 'x'))); };
      response.writeHead(200).on('drain', more);
      more();
    });
    const { body } = await clientOf(server).request('GET', '/', { maxBytes: 100_000, enough: () => () => true });
    expect(body.length).toBeLessThanOrEqual(100_000);
  });
});

describe('a stream', () => {
  test('arrives while it is written, on a socket of its own', async () => {
    const server = await wireServer(({ url }, response) => {
      if (url.pathname !== '/log') sendJson(response, 200, OBJECT);
      else response.writeHead(200).write('one');
    });
    const client = clientOf(server);
    await client.get(CONFIG_MAPS, REF);
    const controller = new AbortController();
    const stream = await client.stream('GET', '/log', { signal: controller.signal });
    const [first] = (await stream.iterator({ destroyOnReturn: false }).next()).value as Buffer;
    expect(first).toBe('one'.charCodeAt(0));
    expect(server.connections).toBe(2);
    controller.abort(new Error('enough'));
    await expect(finished(stream)).rejects.toThrow('abort');
  });

  test('that the server refuses is an ApiError', async () => {
    const server = await wireServer((_, response) => sendStatus(response, 403, { reason: 'Forbidden', message: 'pods is forbidden' }));
    const error = await failure(clientOf(server).stream('GET', '/api/v1/pods'));
    expect([error.kind, error.message]).toEqual(['Forbidden', 'GET /api/v1/pods: 403 Forbidden: pods is forbidden']);
  });
});

test('the observer is told of every request once: method, path without query, status', async () => {
  const server = await wireServer(({ url }, response) => {
    if (url.pathname === '/reset') reset(response);
    else sendJson(response, 200, { metadata: {}, items: [] });
  });
  const seen: RequestObservation[] = [];
  const client = clientOf(server, { onRequest: (observation) => seen.push(observation) });
  await client.list(PODS, { namespace: 'demo' });
  (await client.stream('GET', '/ok?follow=true')).destroy();
  await failure(client.request('GET', '/reset'));
  expect(seen.map(({ method, path, status }) => [method, path, status])).toEqual([
    ['GET', '/api/v1/namespaces/demo/pods', 200],
    ['GET', '/ok', 200],
    ['GET', '/reset', undefined],
  ]);
  expect(seen.every(({ seconds }) => seconds >= 0)).toBe(true);
});
