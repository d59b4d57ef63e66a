// What a fleet of MCPServers costs the operator as its image runs it, beside a bare loop that sends as much on a control plane of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, type ResourceType } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { bundled, onBench, type Bench, type Running, type Scrape } from '../measured-operator.ts';
import type { BenchOptions, Subject } from '../subject.ts';
import { bareLoop } from './bare-loop.ts';
import { Driver, type Round } from './driver.ts';
import { Reactions, type Waits } from './reactions.ts';
import { requestsOf, type Period, type Requests } from './requests.ts';
import { rowsOf } from './rows.ts';
import { NAMESPACE, serverNamed } from './servers.ts';

/** How long it is watched at rest. */
const REST_MS = 10_000;
/** It rests when nothing was written for so long. The controllers of the cluster have their last words first. */
const SETTLE_MS = 5000;
const LIMIT_MS = 60_000;
/** Scrapes of which the median is told. */
const SCRAPES = 9;

/** A round of the driver with what it cost the operator. */
export interface Measured extends Requests {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly waitsMs: readonly number[];
}

/** What is measured, where, and who is told. */
interface Site extends Bench {
  readonly begin: () => Promise<Running>;
  /** Whether a user agent is the operator's. */
  readonly isOperator: (userAgent: string) => boolean;
  readonly progress: (line: string) => void;
}

async function measured(site: Site, operator: Running, act: () => Promise<Period & Partial<Round>>): Promise<Measured> {
  const before = await operator.cost();
  const { from, to, waitsMs = [] } = await act();
  const { cpuMs, peakMiB } = await operator.cost();
  const requests = await requestsOf(site.auditLog, site.isOperator, { from, to });
  const found = { ...requests, seconds: (to.getTime() - from.getTime()) / 1000, cpuMs: cpuMs - before.cpuMs, peakMiB };
  site.progress(JSON.stringify(found));
  return { ...found, waitsMs };
}

async function rest(): Promise<Period> {
  const from = new Date();
  await sleep(REST_MS);
  return { from, to: new Date() };
}

/** One that never rests is measured all the same. */
async function settled({ auditLog, isOperator, progress }: Site): Promise<void> {
  for (const deadline = performance.now() + LIMIT_MS; performance.now() < deadline; ) {
    const from = new Date();
    await sleep(SETTLE_MS);
    if ((await requestsOf(auditLog, isOperator, { from, to: new Date() })).writes === 0) return;
  }
  progress(`the operator still writes after ${LIMIT_MS / 1000} s`);
}

/** Nothing was measured where nothing was done. */
async function expectObjects({ client }: Bench, type: ResourceType, count: number): Promise<void> {
  const { items } = await client.list(type, { namespace: NAMESPACE });
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
async function live(bench: Site, count: number): Promise<Life> {
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
    const changed = await measured(bench, first, () => driver.change(2));
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
    const life = await lifeOf({ progress, isOperator: (userAgent) => userAgent === 'mcp-operator' }, count, ({ start }) => start(program));
    return rowsOf({ life, limits, other, count });
  },
};

/** Neither one of the control plane's programs nor the driver. */
function isForeign(userAgent: string): boolean {
  return !userAgent.startsWith('kube-') && userAgent !== 'mcp-server-operator';
}
