// How large collections are read: whatever lies in them and in whatever order, no page is held that is large.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { MAX_PAGE_BYTES } from '../../kubernetes/pages.ts';
import { clientOf, wireServer, type WireServer } from './wire-server.ts';

interface PageSent {
  readonly limit: number;
  readonly bytes: number;
}

/** Serves objects of these sizes in bytes, page by page; `pages` tells the limit and the size of each answer. */
async function serving(sizes: readonly number[]): Promise<{ server: WireServer; pages: PageSent[]; busiest: () => number }> {
  const pages: PageSent[] = [];
  let [now, most] = [0, 0];
  const objects = sizes.map((size, index) => JSON.stringify({ metadata: { name: `n${index}` }, data: { a: 'x'.repeat(size) } }));
  const server = await wireServer(({ url }, response) => {
    const [limit, from] = [Number(url.searchParams.get('limit')), Number(url.searchParams.get('continue') ?? 0)];
    const to = from + limit;
    const metadata = { resourceVersion: '7', continue: to < objects.length ? String(to) : '' };
    const body = `{"metadata":${JSON.stringify(metadata)},"items":[${objects.slice(from, to).join()}]}`;
    pages.push({ limit, bytes: body.length });
    now += 1;
    most = Math.max(most, now);
    void sleep(20).then(() => {
      now -= 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  });
  return { server, pages, busiest: () => most };
}

const many = (length: number, size: number): number[] => Array.from({ length }, () => size);
const names = (items: readonly KubernetesObject[]): string[] => items.map(({ metadata }) => metadata.name);
const expected = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

describe('the pages of a list', () => {
  test('grow while objects are small, so that a thousand need eight', async () => {
    const { server, pages } = await serving(Array.from({ length: 1000 }, () => 1000));
    expect(names((await clientOf(server).list(CONFIG_MAPS)).items)).toEqual(expected(1000));
    expect(pages.map(({ limit }) => limit)).toEqual([25, 50, 100, 200, 200, 200, 200, 200]);
  });

  test('are read up to four MiB, and asked for again with fewer objects where they are larger', async () => {
    const sizes = [...many(400, 10), ...many(40, 1_200_000), ...many(30, 10)];
    const { server, pages } = await serving(sizes);
    expect(names((await clientOf(server).list(CONFIG_MAPS)).items)).toEqual(expected(470));
    const large = pages.filter(({ bytes, limit }) => bytes > MAX_PAGE_BYTES && limit > 1);
    expect(large.length).toBeGreaterThan(0);
    // Each was given up for a quarter of it.
    for (const page of large) expect(pages[pages.indexOf(page) + 1]?.limit).toBe(Math.ceil(page.limit / 4));
    expect(large.length).toBeLessThan(10);
    expect(pages.length).toBeLessThan(50);
  });

  test('hold a single object whatever its size', async () => {
    const { server, pages } = await serving([10, 9_000_000, 10]);
    expect(names((await clientOf(server).list(CONFIG_MAPS)).items)).toEqual(expected(3));
    expect(pages.map(({ limit }) => limit)).toEqual([25, 7, 2, 1, 2, 1, 1]);
  });

  test('leave nothing behind but what is to be kept', async () => {
    const { server } = await serving(Array.from({ length: 100 }, () => 10));
    const kept = await clientOf(server).listKept(CONFIG_MAPS, {}, ({ metadata: { name } }) => (name.endsWith('9') ? name : undefined));
    expect(kept).toEqual({ items: ['n9', 'n19', 'n29', 'n39', 'n49', 'n59', 'n69', 'n79', 'n89', 'n99'], resourceVersion: '7' });
  });

  test('are read two at a time by all lists of a client together', async () => {
    const { server, busiest } = await serving(Array.from({ length: 60 }, () => 10));
    const client = clientOf(server);
    await Promise.all(Array.from({ length: 20 }, () => client.list(CONFIG_MAPS)));
    expect(busiest()).toBe(2);
  });
});
