// What the caches cost with many MCPServers: heap per MCPServer, and time of the reads of one reconcile without change.
//   kubectl get mcps,deploy,svc,sa,cm,netpol,pdb,hpa,pods,endpointslices -l mcp.example.com/server=NAME -o json --show-managed-fields |
//     node --expose-gc test/bench/caches.ts [COUNT [CHECKOUT]]
// The objects of one MCPServer (which itself needs that label, too) stand for those of COUNT, default 1000, in the caches of a checkout.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { CHILD_TYPES } from '../../reconciler/kinds.ts';
import { systemClock } from '../../reconciler/runtime/clock.ts';
import type { View } from '../../reconciler/view/view.ts';

const [count = '1000', checkout = join(import.meta.dirname, '../..')] = process.argv.slice(2);
const COUNT = Number(count);
const ROUNDS = 2000;
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object) => process.stderr.write(`${JSON.stringify(fields)}\n`),
};

/** The lists of each kind as JSON, by plural: every object once per MCPServer, in one of fifty namespaces. */
function listsOf(items: readonly KubernetesObject[]): Map<string, string> {
  const server = items.find(({ kind }) => kind === 'MCPServer')?.metadata.name ?? '';
  const lists = Map.groupBy(items, ({ kind = '' }) => `${kind.toLowerCase().replace(/y$/, 'ie')}s`);
  return new Map([...lists].map(([plural, originals]) => {
    const all = Array.from({ length: COUNT }, (_, index) => originals.map((original) => {
      const text = JSON.stringify(original).replaceAll(server, `${server}-${index}`);
      const copy = JSON.parse(text.replaceAll(/(?<="uid":")[0-9a-f]{4}/g, String(index).padStart(4, '0'))) as KubernetesObject;
      return { ...copy, metadata: { ...copy.metadata, namespace: `team-${index % 50}`, resourceVersion: String(100_000 + index) } };
    }));
    return [plural, JSON.stringify({ metadata: { resourceVersion: '1' }, items: all.flat() })];
  }));
}

/** What is reachable, once sockets have let go of what was read. */
async function heapBytes(): Promise<number> {
  for (let run = 0; run < 3; run += 1) {
    await sleep(200);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** Microseconds of what a reconcile without change reads of the caches. */
function readingMicros(view: View): number {
  const keys = view.serverKeys().map((key) => ({ namespace: key.split('/')[0] ?? '', name: key.split('/')[1] ?? '' }));
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) {
    const key = keys[(round * 7) % keys.length] ?? { namespace: '', name: '' };
    view.server(key);
    for (const type of [...CHILD_TYPES, DEPLOYMENTS, DEPLOYMENTS]) view.child(type, key);
    view.childrenOf(key);
    view.podsOf(key);
    view.podsOf(key);
    view.hasReadyEndpoint(key);
  }
  return ((performance.now() - start) / ROUNDS) * 1000;
}

async function measure(client: KubernetesClient): Promise<object> {
  const module = (await import(join(checkout, 'reconciler/view/view.ts'))) as { readonly View: typeof View };
  const stop = new AbortController();
  const before = await heapBytes();
  const view = new module.View({ client, namespaces: [], clock: systemClock, log });
  const running = view.run(stop.signal);
  await view.synced();
  const heapPerServer = Math.round(((await heapBytes()) - before) / COUNT);
  readingMicros(view);
  const result = { servers: view.serverKeys().length, heapBytesPerServer: heapPerServer, readingMicros: Math.round(readingMicros(view)) };
  stop.abort();
  await running;
  return result;
}

const lists = listsOf(((await json(process.stdin)) as { items: KubernetesObject[] }).items);
const server = createServer(({ url = '' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://server');
  const isStream = searchParams.has('sendInitialEvents');
  response.writeHead(isStream ? 422 : 200, { 'content-type': 'application/json' });
  if (isStream) response.end('{"kind":"Status","reason":"Invalid","message":"it lists in pages"}');
  else if (searchParams.get('watch') === 'true') response.flushHeaders();
  else response.end(lists.get(pathname.split('/').at(-1) ?? '') ?? '{"metadata":{"resourceVersion":"1"},"items":[]}');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = new KubernetesClient({ server: address, inCluster: false, tls: {}, authorization: () => Promise.resolve(undefined) });
try {
  process.stdout.write(`${JSON.stringify(await measure(client))}\n`);
} finally {
  client.close();
  server.close();
  server.closeAllConnections();
}
