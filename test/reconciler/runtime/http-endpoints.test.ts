import { afterEach, describe, expect, it } from 'vitest';
import { parseBindAddress, startEndpoints, type Endpoints } from '../../../reconciler/runtime/http-endpoints.ts';
import { createMetrics } from '../../../reconciler/runtime/metrics.ts';
import { eventually } from '../../support/cluster.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => { await Promise.all(closers.splice(0).map((close) => close())); });

async function serve(endpoints: Endpoints): Promise<(path: string, method?: string) => Promise<Response>> {
  const running = await startEndpoints({ host: '127.0.0.1', port: 0 }, endpoints);
  closers.push(running.close);
  return (path, method = 'GET') => fetch(`http://${running.address}${path}`, { method });
}

async function* failingAfter(text: string): AsyncGenerator<string> {
  if (text !== '') yield text;
  throw new Error('no cache');
}

describe('a bind address', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    [':8081', { port: 8081 }],
    ['0', undefined],
  ])('%s is understood', (text, expected) => {
    expect(parseBindAddress(text)).toEqual(expected);
  });

  it.each(['8080', '', 'host', 'host:', 'host:http', '::1:80', 'host:70000', ':123456'])('%j is refused by name', (text) => {
    expect(() => parseBindAddress(text)).toThrow(`"${text}"`);
  });
});

describe('the endpoints', () => {
  it('answer ok on /healthz and /readyz while every check passes', async () => {
    const get = await serve({ healthz: {}, readyz: { cache: () => undefined } });
    for (const path of ['/healthz', '/readyz?verbose']) {
      const response = await get(path);
      expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
    }
  });

  it('answer 503 and name the failing check with its reason', async () => {
    const get = await serve({ readyz: { cache: () => 'MCPServers are not listed yet', lease: () => undefined } });
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('[-] cache: MCPServers are not listed yet\n[+] lease: ok\n');
  });

  it('serve the metrics in the Prometheus text format', async () => {
    const get = await serve({ metrics: createMetrics().exposition });
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('process_cpu_seconds_total');
  });

  it('answer HEAD of the metrics without them, and 500 where they cannot be read', async () => {
    const failing = { contentType: 'text/plain', pieces: () => failingAfter('') };
    const get = await serve({ metrics: createMetrics().exposition });
    expect([(await get('/metrics', 'HEAD')).status, await (await get('/metrics', 'HEAD')).text()]).toEqual([200, '']);
    const response = await (await serve({ metrics: failing }))('/metrics');
    expect([response.status, await response.text()]).toEqual([500, 'Error: no cache\n']);
  });

  it('cut off metrics that fail on the way, so that no half of them looks whole', async () => {
    const get = await serve({ metrics: { contentType: 'text/plain', pieces: () => failingAfter('a 1\n') } });
    await expect(get('/metrics').then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/);
  });

  it('hold no more of the metrics than is read, and answer 503 to a ninth scrape at a time, until one ends', async () => {
    let made = 0;
    const pieces = async function* (): AsyncGenerator<string> {
      for (; made < 100_000; made += 1) yield 'a'.repeat(10_000);
    };
    const running = await startEndpoints({ host: '127.0.0.1', port: 0 }, { metrics: { contentType: 'text/plain', pieces } });
    closers.push(running.close);
    const scrape = async (signal?: AbortSignal): Promise<Response> => fetch(`http://${running.address}/metrics`, { signal: signal ?? null });
    const leaving = new AbortController();
    const slow = await Promise.all(Array.from({ length: 8 }, (_, index) => scrape(index === 0 ? leaving.signal : undefined)));
    expect([...slow.map(({ status }) => status), (await scrape()).status]).toEqual([...Array.from({ length: 8 }, () => 200), 503]);
    expect(made).toBeLessThan(10_000);
    leaving.abort();
    await eventually(async () => expect((await scrape()).status).toBe(200));
    await running.close();
  });

  it('answer 404 to a path that is not offered and 405 to a method other than GET and HEAD', async () => {
    const get = await serve({ healthz: {} });
    expect((await get('/metrics')).status).toBe(404);
    expect((await get('/healthz', 'POST')).status).toBe(405);
    expect((await get('/healthz', 'HEAD')).status).toBe(200);
  });

  it('refuse to start on an address in use', async () => {
    const first = await startEndpoints({ host: '127.0.0.1', port: 0 }, { healthz: {} });
    closers.push(first.close);
    const port = Number(first.address.split(':')[1]);
    await expect(startEndpoints({ host: '127.0.0.1', port }, { healthz: {} })).rejects.toThrow('EADDRINUSE');
  });

  it('stop listening when closed', async () => {
    const running = await startEndpoints({ host: '127.0.0.1', port: 0 }, { healthz: {} });
    await running.close();
    await expect(fetch(`http://${running.address}/healthz`)).rejects.toThrow('fetch failed');
  });
});
