// What reconciles without a change cost with few and with many MCPServers, and what is left of a hundred thousand of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { bundled, onBench, type Bench, type Running } from '../measured-operator.ts';
import type { BenchOptions, Subject } from '../subject.ts';
import type { Row } from '../table.ts';
import { Driver } from './driver.ts';
import { RECONCILES_DONE, sumOf } from './measured.ts';
import { forEach, nameOf, serverNamed } from './servers.ts';

const FEW = 10;
const RECONCILES = 100_000;
/** After so many parts of them it is looked what the operator holds. */
const PARTS = 10;
/** What came last is reconciled within this time. */
const SETTLE_MS = 5000;
/** V8 keeps pages that it has emptied for what comes next, and gives them back when it has been quiet for two minutes. */
const QUIET_MS = 150_000;

const AT_REST: Row = { 'CPU µs each': 'at rest', 'garbage µs each': 'at rest' };

interface Counts {
  readonly reconciles: number;
  readonly collectingMs: number;
  readonly timers: number;
  readonly sockets: number;
}

/** From the operator's own metrics. Of many MCPServers they are megabytes: none are taken while it is measured. */
async function countsOf({ metrics }: Running): Promise<Counts> {
  const text = await metrics();
  return {
    reconciles: sumOf(text, RECONCILES_DONE),
    collectingMs: sumOf(text, /^nodejs_gc_duration_seconds_sum\{.*\} (\S+)$/gm) * 1000,
    timers: sumOf(text, /^nodejs_active_resources\{type="Timeout"\} (\d+)$/gm),
    sockets: sumOf(text, /^nodejs_active_resources\{type="(?:TLS|TCPSocket)Wrap"\} (\d+)$/gm),
  };
}

/** Changes so many times what no reconcile cares about, of one MCPServer after the other. Each is a reconcile, or joins one that waits. */
async function change({ client }: Bench, servers: number, times: number): Promise<void> {
  await forEach(times, async (index) => {
    const { metadata } = serverNamed(nameOf(index % servers), 1);
    await client.patch(MCP_SERVERS, metadata, { metadata: { annotations: { 'example.com/change': `${Date.now()}-${index}` } } });
  });
  await sleep(SETTLE_MS);
}

interface Round {
  readonly servers: number;
  readonly reconciles: number;
  readonly progress: (line: string) => void;
}

/** One row for each part, and one of what is left when it was quiet for a while. */
async function roundOf(bench: Bench, begin: (bench: Bench) => Promise<Running>, { servers, reconciles, progress }: Round): Promise<Row[]> {
  const driver = new Driver(bench.client, servers);
  const operator = await begin(bench);
  const stop = await driver.start();
  try {
    await driver.create();
  } finally {
    await stop();
  }
  await sleep(SETTLE_MS);
  // Code is compiled, and pools are filled.
  await change(bench, servers, reconciles / PARTS);
  const rows: Row[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    const [before, { cpuMs: began }] = [await countsOf(operator), await operator.cost()];
    await change(bench, servers, reconciles / PARTS);
    const { cpuMs, held, counts } = await heldBy(operator);
    const each = (ms: number): number => Math.round((ms * 1000) / (counts.reconciles - before.reconciles));
    const costs = { 'CPU µs each': each(cpuMs - began), 'garbage µs each': each(counts.collectingMs - before.collectingMs) };
    rows.push({ MCPServers: servers, reconciles: counts.reconciles, ...costs, ...held });
    progress(JSON.stringify(rows.at(-1)));
  }
  await sleep(QUIET_MS);
  const { held, counts } = await heldBy(operator);
  progress(JSON.stringify(held));
  await operator.stop();
  return [...rows, { MCPServers: servers, reconciles: counts.reconciles, ...AT_REST, ...held }];
}

/** Its memory is looked at before the scrape. */
async function heldBy(operator: Running): Promise<{ readonly cpuMs: number; readonly held: Row; readonly counts: Counts }> {
  const { cpuMs, residentMiB, peakMiB } = await operator.cost();
  const counts = await countsOf(operator);
  const { timers, sockets } = counts;
  return { cpuMs, held: { 'memory MiB': residentMiB, 'peak MiB': peakMiB, timers, sockets }, counts };
}

export const reconciles: Subject = {
  name: 'reconciles',
  title: 'reconciles without a change, with few MCPServers and with many: what each costs, and what the operator holds after more and more of them',
  async run(progress, { checkout, servers = 1000, reconciles: count = RECONCILES, data, profile }: BenchOptions) {
    const program = await bundled(checkout, profile);
    const rows: Row[] = [];
    for (const many of [servers, FEW]) {
      const round = { servers: many, reconciles: count, progress };
      // Few are soon there.
      const kept = many === FEW ? undefined : data;
      rows.push(...(await onBench({ progress, data: kept }, (bench) => roundOf(bench, ({ start }) => start(program), round))));
    }
    return rows;
  },
};
