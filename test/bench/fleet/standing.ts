// What MCPServers cost that stand already: starts of the operator, rest, a change of all. Those that are not there yet are created first.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOYMENTS } from '../../../kubernetes/objects.ts';
import { bundled, onBench, type Running } from '../measured-operator.ts';
import type { BenchOptions, Subject } from '../subject.ts';
import type { Row } from '../table.ts';
import { Driver } from './driver.ts';
import { isOurs, measured, RECONCILES_DONE, rest, settled, sumOf, type Measured, type Site } from './measured.ts';
import type { Period } from './requests.ts';

const STARTS = 3;
const TOLD_EVERY_MS = 15_000;
/** Time for each MCPServer to be looked at, and at least. */
const LIMIT_MS = { each: 200, least: 60_000 };

/** Until every MCPServer was reconciled once, and nothing waits. */
async function lookedAtAll({ progress }: Site, operator: Running, count: number): Promise<void> {
  const began = performance.now();
  for (let told = began; ; await sleep(200)) {
    const text = await operator.metrics();
    const [done, waiting] = [sumOf(text, RECONCILES_DONE), sumOf(text, /^workqueue_depth\{.*\} (\d+)$/gm)];
    if (done >= count && waiting === 0) return;
    const now = performance.now();
    if (now - began > Math.max(LIMIT_MS.least, LIMIT_MS.each * count)) throw new Error(`${waiting} MCPServers were not looked at`);
    if (now - told < TOLD_EVERY_MS) continue;
    told = now;
    progress(`${done} reconciles, ${waiting} MCPServers wait`);
  }
}

async function since(from: Date, work: Promise<unknown>): Promise<Period> {
  await work;
  return { from, to: new Date() };
}

async function rowOf(state: string, operator: Running, { seconds, writes, reads, cpuMs }: Measured): Promise<Row> {
  const { residentMiB, peakMiB } = await operator.cost();
  return { state, seconds, writes, reads, 'CPU ms': cpuMs, 'memory MiB': residentMiB, 'peak MiB': peakMiB };
}

async function live(site: Site, count: number, begin: () => Promise<Running>): Promise<Row[]> {
  const driver = new Driver(site.client, count);
  const stop = await driver.start();
  try {
    const first = await begin();
    await driver.create();
    // The cluster creates pods more slowly than the operator all else.
    await settled(site, LIMIT_MS.least + LIMIT_MS.each * count);
    await first.stop();
    const { items } = await site.client.list(DEPLOYMENTS, { metadataOnly: true });
    if (items.length !== count) throw new Error(`there are ${items.length} Deployments instead of ${count}`);
    const rows: Row[] = [];
    let operator: Running | undefined;
    for (let times = 0; times < STARTS; times += 1) {
      await operator?.stop();
      const from = new Date();
      const started = await begin();
      const { readyMs, cpuMs, residentMiB, peakMiB } = await started.cost();
      rows.push({ state: 'started: until ready', seconds: readyMs / 1000, writes: '', reads: '', 'CPU ms': cpuMs, 'memory MiB': residentMiB, 'peak MiB': peakMiB });
      const all = await measured(site, started, () => since(from, lookedAtAll(site, started, count)));
      rows.push(await rowOf('started: until all were looked at', started, { ...all, cpuMs: all.cpuMs + cpuMs }));
      operator = started;
    }
    const last = operator as Running;
    rows.push(await rowOf('at rest', last, await measured(site, last, rest)));
    // It changes the Service alone: pods that are pending have nothing to tell of it.
    const change = { service: { annotations: { 'example.com/change': String(Date.now()) } } };
    rows.push(await rowOf('one field of all changed', last, await measured(site, last, () => driver.change(change))));
    await settled(site);
    rows.push(await rowOf('at rest after that', last, await measured(site, last, rest)));
    await last.stop();
    return rows;
  } finally {
    await stop();
  }
}

export const standing: Subject = {
  name: 'standing',
  title: 'many MCPServers that stand already: what starts over them, rest and a change of all cost the operator',
  async run(progress, { checkout, servers = 1000, profile, data }: BenchOptions) {
    const program = await bundled(checkout, profile);
    return onBench({ progress, auditLog: true, data }, (bench) =>
      live({ ...bench, isOperator: isOurs, progress }, servers, () => bench.start(program)));
  },
};
