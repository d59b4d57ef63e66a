// What a fleet of MCPServers costs the operator as its image runs it, beside a bare loop that sends as much on a control plane of its own.
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, type ResourceType } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { bundled, onBench, type Bench, type Running, type Scrape } from '../measured-operator.ts';
import type { BenchOptions, Subject } from '../subject.ts';
import { bareLoop } from './bare-loop.ts';
import { Driver } from './driver.ts';
import { isOurs, measured, rest, settled, type Measured, type Site } from './measured.ts';
import { Reactions, type Waits } from './reactions.ts';
import { rowsOf } from './rows.ts';
import { createNamespaces, serverNamed } from './servers.ts';

/** Scrapes of which the median is told. */
const SCRAPES = 9;

/** Where an operator lives. */
interface Home extends Site {
  readonly begin: () => Promise<Running>;
}

/** Nothing was measured where nothing was done. */
async function expectObjects({ client }: Bench, type: ResourceType, count: number): Promise<void> {
  const { items } = await client.list(type);
  if (items.length !== count) throw new Error(`there are ${items.length} ${type.plural} instead of ${count}`);
}

/** What was measured of an operator. */
export interface Life {
  readonly created: Measured;
  readonly rested: Measured;
  readonly changed: Measured;
  readonly restarted: Measured;
  readonly readyMs: number;
  readonly residentMiB: number;
  /** Of its metrics, at rest: the median of several, and the longest pause in any. */
  readonly scraped: Scrape;
  /** Until a change is in the Deployment: at rest, beside other changes, and while as many other MCPServers are created. */
  readonly alone: Waits;
  readonly together: Waits;
  readonly beside: Waits;
}

/** New ones, rest, a change of all, a restart, and changes of single ones. */
async function live(bench: Home, count: number): Promise<Life> {
  const driver = new Driver(bench.client, count);
  const stop = await driver.start();
  try {
    const first = await bench.begin();
    const created = await measured(bench, first, () => driver.create());
    await expectObjects(bench, DEPLOYMENTS, count);
    await settled(bench);
    const rested = await measured(bench, first, rest);
    const { residentMiB } = await first.cost();
    const scraped = await scrapes(first);
    const changed = await measured(bench, first, () => driver.change({ replicas: 2 }));
    await expectObjects(bench, POD_DISRUPTION_BUDGETS, count);
    await settled(bench);
    await first.stop();
    const from = new Date();
    const second = await bench.begin();
    const restarted = await measured(bench, second, async () => ({ from, to: (await rest()).to }));
    const { readyMs, cpuMs } = await second.cost();
    const reactions = await reactionsOf(bench, driver, count);
    await second.stop();
    return { created, rested, changed, restarted: { ...restarted, cpuMs }, readyMs, residentMiB, scraped, ...reactions };
  } finally {
    await stop();
  }
}

async function scrapes(operator: Running): Promise<Scrape> {
  const all: Scrape[] = [];
  // The first two compile what the others run.
  for (let times = 0; times < SCRAPES + 2; times += 1) all.push(await operator.scrape());
  const warm = all.slice(2).toSorted((one, other) => one.ms - other.ms);
  const { ms = Number.NaN, mib = Number.NaN } = warm[SCRAPES >> 1] ?? {};
  return { ms, mib, pauseMs: Math.max(...warm.map(({ pauseMs }) => pauseMs)) };
}

async function reactionsOf({ client, progress }: Site, driver: Driver, count: number): Promise<Pick<Life, 'alone' | 'together' | 'beside'>> {
  const reactions = new Reactions(client, count);
  const stop = await reactions.start();
  try {
    const alone = await reactions.alone();
    const together = await reactions.together();
    progress(`creating ${count} others`);
    const beside = await reactions.beside(driver.create('other'));
    return { alone, together, beside };
  } finally {
    await stop();
  }
}

/** A new API server answers its first requests more slowly. */
async function warmUp({ client }: Bench): Promise<void> {
  await createNamespaces(client, 1);
  for (let times = 0; times < 20; times += 1) {
    await client.create(MCP_SERVERS, serverNamed('warm-up', 0));
    await client.delete(MCP_SERVERS, serverNamed('warm-up', 0).metadata);
  }
}

/** On a control plane of its own, which has answered before. */
function onWarmBench<T>(progress: Site['progress'], work: (bench: Bench) => Promise<T>): Promise<T> {
  return onBench({ progress, auditLog: true }, async (bench) => {
    await warmUp(bench);
    return work(bench);
  });
}

function lifeOf(options: Pick<Site, 'progress' | 'isOperator'>, count: number, begin: (bench: Bench) => Promise<Running>): Promise<Life> {
  return onWarmBench(options.progress, (bench) => live({ ...bench, ...options, begin: () => begin(bench) }, count));
}

export const fleet: Subject = {
  name: 'fleet',
  title: 'many MCPServers on one operator, beside a bare loop that sends as many applies',
  async run(progress, { checkout, servers: count = 1000, workers, profile, against }: BenchOptions) {
    const usual = await bundled(checkout, profile);
    const program = { ...usual, flags: [...usual.flags, ...(workers === undefined ? [] : ['--max-concurrent-reconciles', String(workers)])] };
    const limits = await onWarmBench(progress, ({ client }) => bareLoop(client, count));
    const foreign = { progress, isOperator: isForeign };
    const other = against === undefined ? undefined : await lifeOf(foreign, count, ({ command }) => command(against));
    const life = await lifeOf({ progress, isOperator: isOurs }, count, ({ start }) => start(program));
    return rowsOf({ life, limits, other, count });
  },
};

/** Neither one of the control plane's programs nor the driver. */
function isForeign(userAgent: string): boolean {
  return !userAgent.startsWith('kube-') && userAgent !== 'mcp-server-operator';
}
