// Two operators share a namespace by labels: what goes from one to the other is neither undone nor told twice, whatever is late.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { DEPLOYMENTS, LEASES } from '../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../reconciler/kinds.ts';
import { eventually } from '../support/cluster.ts';
import type { LeaseObject } from '../../reconciler/runtime/lease-lock.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { onLoopback, startOperator, startOperatorProcess, writesAtRest, writesBy, type OperatorSettings, type TestOperator } from '../support/operator.ts';
import { converged } from './converged.ts';
import { History } from './history.ts';
import { useScene } from './scene.ts';

/** Pods that each operator asked. */
const asked: Record<'blue' | 'green', string[]> = { blue: [], green: [] };
const shard = (color: 'blue' | 'green'): Pick<OperatorSettings, 'labelSelector' | 'exchangeFor'> => ({
  labelSelector: `shard=${color}`,
  exchangeFor: (pod) => {
    asked[color].push(pod.name);
    return onLoopback(scene.server.port)(pod);
  },
});

const scene = useScene('sharding', { operator: { labelSelector: 'shard=blue' }, exchangeFor: (pod) => shard('blue').exchangeFor?.(pod) ?? onLoopback(1)(pod) });
const others: TestOperator[] = [];
const history = new History();

beforeAll(async () => {
  others.push(await startOperator({ namespace: scene.namespace, ...shard('green') }));
  await history.begin(scene.fleet.client, scene.namespace);
});
afterAll(async () => {
  await history.end();
  await Promise.all(others.map((operator) => operator.stop()));
});

/** How often an operator asked the pods of an MCPServer. */
function askedOf(name: string, color: 'blue' | 'green'): number {
  return asked[color].filter((pod) => pod.startsWith(`${name}-`)).length;
}

/** Whether the metrics of an operator tell of an MCPServer. */
async function measures(name: string, { scrape }: TestOperator): Promise<boolean> {
  return (await scrape()).includes(`"${name}"`);
}

const green = (): TestOperator => others[0] as TestOperator;

async function handOver(name: string, color: string, spec: object = {}): Promise<void> {
  await scene.fleet.client.patch(MCP_SERVERS, scene.fleet.ref(name), { metadata: { labels: { shard: color } }, spec });
}

/** Within one generation nothing is taken back that was told, and generations go up. */
function expectNoFlaps(statuses: readonly string[]): void {
  const told = statuses.map((status) => status.split(' ') as [string, string]);
  const generations = told.map(([generation]) => Number(generation));
  expect(generations).toEqual(generations.toSorted((a, b) => a - b));
  expect(told.filter(([generation, ready], index) => ready === 'True' && told[index + 1]?.[0] === generation)).toEqual([]);
}

test('an MCPServer of no shard is nobody’s, and gets its objects when it is labelled', async () => {
  const { fleet } = scene;
  await fleet.create('nobodys');
  await fleet.create('blues', {}, { shard: 'blue' });
  await fleet.ready('blues');
  expect([(await fleet.read('nobodys')).status?.observedGeneration, await fleet.children('nobodys')]).toEqual([-1, []]);
  await handOver('nobodys', 'green');
  await fleet.ready('nobodys');
});

test('handed over at rest, nothing is written; the other operator asks the pods, and this one no longer', async () => {
  const { fleet, operator } = scene;
  await fleet.create('calm', { verification: { intervalSeconds: 10 }, replicas: 2 }, { shard: 'blue' });
  await fleet.ready('calm');
  await writesAtRest(operator.userAgent);
  const before = [await fleet.read('calm'), await writesBy(operator.userAgent), await writesBy(green().userAgent)] as const;
  await handOver('calm', 'green');
  await eventually(() => expect(askedOf('calm', 'green')).toBeGreaterThanOrEqual(2));
  const blueAsked = askedOf('calm', 'blue');
  await sleep(12_000);
  expect(askedOf('calm', 'blue')).toBe(blueAsked);
  expect(await Promise.all([operator, green()].map((each) => measures('calm', each)))).toEqual([false, true]);
  await handOver('calm', 'blue');
  await eventually(() => expect(askedOf('calm', 'blue')).toBeGreaterThanOrEqual(blueAsked + 2));
  const after = [await fleet.read('calm'), await writesBy(operator.userAgent), await writesBy(green().userAgent)] as const;
  expect([after[0].status, after[1], after[2]]).toEqual([before[0].status, before[1], before[2]]);
});

test('under edits, handed over there and back, no object goes back to an older generation or is deleted, and no status flaps', async () => {
  const { fleet } = scene;
  const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `busy-${letter}`);
  for (const name of names) await fleet.create(name, { config: { N: '1' }, replicas: 2 }, { shard: 'blue' });
  for (const name of names) await fleet.ready(name);
  await Promise.all(names.map(async (name, index) => {
    for (let [tag, color] = [2, 'green']; tag <= 25; tag += 1) {
      const spec = { image: `example.com/server:${tag}`, config: { N: String(tag) }, replicas: 2 + (tag % 2) };
      if ((tag + index) % 2 === 0) {
        await handOver(name, color, tag % 5 === 0 ? {} : spec);
        color = color === 'green' ? 'blue' : 'green';
      } else await fleet.edit(name, spec);
      await sleep(100 + ((tag * 37 + index * 101) % 7) * 150);
    }
    await fleet.edit(name, { image: 'example.com/server:26' });
  }));
  await Promise.all(names.map((name) => converged(fleet, name)));
  await Promise.all(names.map((name) => fleet.ready(name)));
  for (const name of names) {
    const images = history.images(name);
    expect(images).toEqual(images.toSorted((a, b) => a - b));
    expect(images.at(-1)).toBe(26);
    expect(history.deleted(name)).toEqual([]);
    expectNoFlaps(history.statuses(name));
  }
}, 120_000);

test('handed over and back faster than anybody begins, it follows its spec all the same', async () => {
  const { fleet } = scene;
  await fleet.create('restless', {}, { shard: 'blue' });
  await fleet.ready('restless');
  await fleet.edit('restless', { image: 'example.com/server:2' });
  // A Lease is waited for as long.
  for (let [turns, color] = [0, 'green']; !history.images('restless').includes(3); turns += 1) {
    expect(turns).toBeLessThan(15);
    await handOver('restless', color, { image: 'example.com/server:3' });
    color = color === 'green' ? 'blue' : 'green';
    await sleep(1000);
  }
  await converged(fleet, 'restless');
  await fleet.ready('restless');
  expectNoFlaps(history.statuses('restless'));
}, 120_000);

test('an operator whose watch of MCPServers stands still does not take back what another one has made of them', async () => {
  const { fleet, namespace } = scene;
  await fleet.create('unheard', {}, { shard: 'blue' });
  await fleet.ready('unheard');
  const proxy = await startFaultProxy(inject('kubeconfig'));
  onTestFinished(() => proxy.close());
  proxy.fault = ({ path, watch }) => (watch && path.endsWith('/mcpservers') ? 'silent' : undefined);
  await scene.operator.stop();
  const deaf = await startOperator({ namespace, kubeconfig: proxy.kubeconfig, ...shard('blue') });
  onTestFinished(async () => {
    await deaf.stop();
    await scene.restart();
  });
  await eventually(() => expect(askedOf('unheard', 'blue')).toBeGreaterThanOrEqual(2));
  const before = await writesBy(deaf.userAgent);
  await handOver('unheard', 'green', { image: 'example.com/server:2', config: { A: '1' } });
  await converged(fleet, 'unheard');
  await fleet.ready('unheard');
  await sleep(5000);
  expect((await writesBy(deaf.userAgent)).filter(({ responseStatus }) => responseStatus?.code === 200)).toEqual(before);
  expect([history.images('unheard'), history.deleted('unheard')]).toEqual([[1, 2], []]);
  expectNoFlaps(history.statuses('unheard'));
});

test.each(['deployments', 'mcpservers'])('what is written too late to %s has no effect', async (plural) => {
  const { fleet, namespace } = scene;
  const name = `late-${plural}`;
  await fleet.create(name, {}, { shard: 'blue' });
  await fleet.ready(name);
  const proxy = await startFaultProxy(inject('kubeconfig'));
  onTestFinished(() => proxy.close());
  await scene.operator.stop();
  const slow = await startOperator({ namespace, kubeconfig: proxy.kubeconfig, ...shard('blue') });
  onTestFinished(async () => {
    await slow.stop();
    await scene.restart();
  });
  await eventually(() => expect(askedOf(name, 'blue')).toBeGreaterThanOrEqual(2));
  proxy.fault = ({ method, path }) => (method === 'PATCH' && path.includes(`/${plural}/${name}`) ? 8000 : undefined);
  await fleet.edit(name, { image: 'example.com/server:2' });
  await eventually(() => expect(proxy.met.length).toBeGreaterThan(0));
  await handOver(name, 'green', { image: 'example.com/server:3' });
  await converged(fleet, name);
  await fleet.ready(name);
  await eventually(async () => expect((await writesBy(slow.userAgent)).map(({ responseStatus }) => responseStatus?.code)).toContain(409));
  await sleep(1000);
  expect(history.images(name)).toEqual(plural === 'deployments' ? [1, 3] : [1, 2, 3]);
  expect((await fleet.client.get(DEPLOYMENTS, fleet.ref(name))).metadata.generation).toBe(plural === 'deployments' ? 2 : 3);
  expectNoFlaps(history.statuses(name));
});

test('two processes have a Lease each, and what one of them leaves behind when it is killed is the other one’s as soon as it is labelled', async () => {
  const { fleet, namespace } = scene;
  const kubeconfig = inject('kubeconfig');
  const started = await Promise.all(['red', 'grey'].map((color) => startOperatorProcess(kubeconfig, [
    '--watch-label-selector', `shard=${color}`, '--namespace', namespace,
    '--leader-elect', '--leader-elect-resource-namespace', namespace, '--leader-elect-resource-name', color,
  ])));
  onTestFinished(async () => void (await Promise.all(started.map((each) => each.stop()))));
  const verification = { mode: 'Off' as const };
  await fleet.create('killed', { verification }, { shard: 'red' });
  await fleet.create('spared', { verification }, { shard: 'grey' });
  await Promise.all(['killed', 'spared'].map((name) => fleet.ready(name)));
  const leases = await Promise.all(['red', 'grey'].map((name) => fleet.client.get<LeaseObject>(LEASES, fleet.ref(name))));
  expect(new Set(leases.map(({ spec }) => spec?.holderIdentity)).size).toBe(2);
  process.kill(started[0]?.pid ?? 0, 'SIGKILL');
  await handOver('killed', 'grey', { image: 'example.com/server:2' });
  await converged(fleet, 'killed');
});
