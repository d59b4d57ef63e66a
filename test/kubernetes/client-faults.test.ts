import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { clientOf, failure, reset, sendJson, wireServer } from './wire-server.ts';

const REF = { namespace: 'demo', name: 'x' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: REF, data: { a: '1' } };

describe('when things go wrong', () => {
  test('an idle connection closed under a read is replaced and the read repeated', async () => {
    const seen = new Set<unknown>();
    const server = await wireServer((_, response) => {
      if (seen.has(response.socket)) reset(response);
      else sendJson(response, 200, OBJECT);
      seen.add(response.socket);
    });
    const client = clientOf(server);
    await Promise.all([client.get(CONFIG_MAPS, REF), client.get(CONFIG_MAPS, REF)]);
    expect(server.connections).toBe(2);
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(OBJECT);
    expect(server.requests).toHaveLength(4);
  });

  test('a write is never repeated', async () => {
    const seen = new Set<unknown>();
    const server = await wireServer((_, response) => {
      if (seen.has(response.socket)) reset(response);
      else sendJson(response, 200, OBJECT);
      seen.add(response.socket);
    });
    const client = clientOf(server);
    await client.get(CONFIG_MAPS, REF);
    const error = await failure(client.apply(CONFIG_MAPS, OBJECT, { fieldManager: 'm' }));
    expect(error.kind).toBe('Network');
    expect(error.status).toBeUndefined();
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  });

  test('a first connection that is reset is an error, not a reason to repeat', async () => {
    const server = await wireServer((_, response) => reset(response));
    const error = await failure(clientOf(server).get(CONFIG_MAPS, REF));
    expect(error.kind).toBe('Network');
    expect(error.message).toMatch(/^GET configmaps demo\/x: /);
    expect(server.requests).toHaveLength(1);
  });

  test('a refused connection is a Network error that names the address', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const { url } = server;
    server.close();
    const error = await failure(clientOf({ url }).get(CONFIG_MAPS, REF));
    expect(error.kind).toBe('Network');
    expect(error.message).toContain(`ECONNREFUSED ${url.slice('http://'.length)}`);
  });

  test('no answer, or half of one, is a Timeout', async () => {
    const server = await wireServer((request, response) => {
      if (request.method === 'PATCH') response.writeHead(200).write('{"half":');
    });
    const client = clientOf(server, { requestTimeoutMs: 100 });
    const silent = await failure(client.get(CONFIG_MAPS, REF));
    const half = await failure(client.apply(CONFIG_MAPS, OBJECT, { fieldManager: 'm' }));
    expect([silent.kind, silent.message]).toEqual(['Timeout', 'GET configmaps demo/x: no answer within 0.1 s']);
    expect(half.kind).toBe('Timeout');
  });

  test('an answer cut off in the middle is a Network error', async () => {
    const server = await wireServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => response.destroy());
    });
    expect((await failure(clientOf(server).get(CONFIG_MAPS, REF))).kind).toBe('Network');
  });

  test('an aborted call rejects with the reason of the signal, before and while it runs', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await wireServer(() => arrived.resolve());
    const client = clientOf(server);
    const controller = new AbortController();
    void arrived.promise.then(() => controller.abort(new Error('enough')));
    await expect(client.get(CONFIG_MAPS, REF, { signal: controller.signal })).rejects.toThrow('enough');
    await expect(client.get(CONFIG_MAPS, REF, { signal: controller.signal })).rejects.toThrow('enough');
    expect(server.requests).toHaveLength(1);
  });

  test('credentials that cannot be had are Unauthorized, and bounded in time like all else', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, OBJECT));
    const broken = clientOf(server, { connection: { authorization: () => Promise.reject(new Error('plugin failed')) } });
    const error = await failure(broken.get(CONFIG_MAPS, REF));
    expect([error.kind, error.message]).toEqual(['Unauthorized', 'GET configmaps demo/x: no credentials: plugin failed']);
    const hanging = clientOf(server, { requestTimeoutMs: 50, connection: { authorization: () => new Promise(() => undefined) } });
    expect((await failure(hanging.get(CONFIG_MAPS, REF))).kind).toBe('Timeout');
    expect(server.requests).toHaveLength(0);
  });

  test('an error page of a proxy becomes a readable error', async () => {
    const server = await wireServer((_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'));
    expect((await failure(clientOf(server).get(CONFIG_MAPS, REF))).message).toBe('GET configmaps demo/x: 502 Server: Bad Gateway');
  });
});
