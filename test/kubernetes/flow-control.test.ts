// An API server that has too much to do is yielded to: through the real client, at a real HTTP server.
import type { RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { FlowControl } from '../../kubernetes/flow-control.ts';
import type { RawResponse } from '../../kubernetes/responses.ts';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { serveHttp } from '../support/mcp-servers.ts';

const SAID = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } });

/** As API Priority and Fairness answers. */
function busy(response: ServerResponse, retryAfter = '1'): void {
  response.writeHead(429, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': retryAfter }).end('Too many requests, please try again later.');
}

async function clientOf(answer: RequestListener, requestTimeoutMs = 30_000): Promise<KubernetesClient> {
  const { port, close } = await serveHttp(answer);
  const connection = { server: `http://127.0.0.1:${port}`, inCluster: false, tls: {}, authorization: () => Promise.resolve(undefined) };
  const client = new KubernetesClient(connection, { requestTimeoutMs });
  onTestFinished(async () => {
    client.close();
    await close();
  });
  return client;
}

const apply = (client: KubernetesClient, signal?: AbortSignal): Promise<unknown> =>
  client.apply(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } }, { fieldManager: 'm', signal });

test('what it refuses is sent again when the time it names has passed, and not before', async () => {
  const times: number[] = [];
  const client = await clientOf((_, response) => {
    times.push(performance.now());
    if (times.length === 1) busy(response);
    else response.end(SAID);
  });
  await expect(apply(client)).resolves.toMatchObject({ metadata: { name: 'a' } });
  expect(times).toHaveLength(2);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(999);
});

test('as long as it refuses, fewer and fewer requests are under way, at last one, and all are answered in the end', async () => {
  let [underWay, alone, refused] = [0, 0, 0];
  const seen: number[] = [];
  const first = Promise.withResolvers<void>();
  const answer = async (response: ServerResponse): Promise<void> => {
    underWay += 1;
    seen.push(underWay);
    if (alone < 6) alone = underWay === 1 ? alone + 1 : 0;
    const isRefused = alone < 6;
    if (seen.length === 32) first.resolve();
    await first.promise;
    await sleep(20);
    underWay -= 1;
    if (isRefused) {
      refused += 1;
      busy(response, '0');
    } else response.end(SAID);
  };
  const client = await clientOf((_, response) => void answer(response));
  await Promise.all(Array.from({ length: 64 }, () => apply(client)));
  expect(Math.max(...seen)).toBe(32);
  expect(refused).toBeGreaterThan(32);
  expect(seen.slice(refused - 5, refused)).toEqual([1, 1, 1, 1, 1]);
});

test('a refusal that lasts is told once the time of a request is over', async () => {
  const client = await clientOf((_, response) => busy(response), 2500);
  await expect(apply(client)).rejects.toMatchObject({ kind: 'TooManyRequests', retryAfterSeconds: 1 });
});

test('one that names a longer time than that is told at once', async () => {
  let asked = 0;
  const client = await clientOf((_, response) => {
    asked += 1;
    busy(response, '60');
  });
  await expect(apply(client)).rejects.toMatchObject({ kind: 'TooManyRequests', retryAfterSeconds: 60 });
  expect(asked).toBe(1);
});

test('a 429 that is the word of a webhook or about an object is told at once', async () => {
  let asked = 0;
  const client = await clientOf((_, response) => {
    asked += 1;
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'TooManyRequests', message: 'no', code: 429 }));
  });
  await expect(apply(client)).rejects.toMatchObject({ kind: 'TooManyRequests' });
  expect(asked).toBe(1);
});

test('whoever waits, for its turn or for the time that was named, can be called off', async () => {
  const client = await clientOf((_, response) => busy(response, '20'));
  const stop = new AbortController();
  const reason = new Error('stopped');
  const all = Promise.allSettled(Array.from({ length: 40 }, () => apply(client, stop.signal)));
  await sleep(300);
  stop.abort(reason);
  expect(await all).toEqual(Array.from({ length: 40 }, () => ({ status: 'rejected', reason })));
});

test('the limit falls by half for each round of refusals, and rises again with answers', async () => {
  const flow = new FlowControl({ most: 8, patienceMs: 60_000 });
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  let isBusy = true;
  const send = async (): Promise<RawResponse> => {
    await sleep(1);
    return { status: isBusy ? 429 : 200, headers: { 'retry-after': '0' }, body: Buffer.from(''), truncated: false };
  };
  const all = Array.from({ length: 30 }, () => flow.run(send));
  void (async () => {
    while (flow.limit > 1) await sleep(5);
    end();
  })();
  await isOver;
  isBusy = false;
  await Promise.all(all);
  expect(flow.limit).toBeGreaterThan(1);
  for (let i = 0; i < 60; i += 1) await flow.run(send);
  expect(flow.limit).toBe(8);
});
