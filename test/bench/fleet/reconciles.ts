// What reconciles without a change cost with few and with many MCPServers, and what is left of a hundred thousand of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { bundled, onBench, type Bench, type Running } from '../measured-operator.ts';
import type { BenchOptions, Subject } from '../subject.ts';
import type { Row } from '../table.ts';
import { Driver } from './driver.ts';
import { RECONCILES_DONE, sumOf } from './measured.ts';
import { AT_ONCE, nameOf, serverNamed } from './servers.ts';

const FEW = 10;
const RECONCILES = 100_000;
/** After so many parts of them it is looked what the operator holds. */
const PARTS = 10;
/** What came last is reconciled within this time. */
const SETTLE_MS = 5000;

interface Counts {
  readonly reconciles: number;
  readonly timers: number;
  readonly sockets: number;
}

/** From the operator's own metrics. */
async function countsOf({ metrics }: Running): Promise<Counts> {
  const text = await metrics();
  return {
    reconciles: sumOf(text, RECONCILES_DONE),
    timers: sumOf(text, /^nodejs_active_resources\{type="Timeout"\} (\d+)$/gm),
    sockets: sumOf(text, /^nodejs_active_resources\{type="(?:TLS|TCPSocket)Wrap"\} (\d+)$/gm),
  };
}

/** So many reconciles more, of so many MCPServers. */
interface Part {
  readonly servers: number;
  readonly more: number;
}

/** Changes what no reconcile cares about until the operator has done so many more. Each change is a reconcile, or joins one that waits. */
async function reconcile({ client }: Bench, operator: Running, { servers, more }: Part): Promise<void> {
  const enough = (await countsOf(operator)).reconciles + more;
  let change = 0;
  let isEnough = false;
  let isLooking = false;
  const work = async (): Promise<void> => {
    while (!isEnough) {
      change += 1;
      const { metadata } = serverNamed(nameOf(change % servers), 1);
      await client.patch(MCP_SERVERS, metadata, { metadata: { annotations: { 'example.com/change': String(change) } } });
      // Not before it can be enough, and one at a time: of many MCPServers a scrape has megabytes.
      if (change % 500 !== 0 || change < more || isLooking) continue;
      isLooking = true;
      isEnough = (await countsOf(operator)).reconciles >= enough;
      isLooking = false;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

interface Round {
  readonly servers: number;
  readonly reconciles: number;
  readonly progress: (line: string) => void;
}

/** One row for each part. */
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
  await reconcile(bench, operator, { servers, more: reconciles / PARTS });
  const rows: Row[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    const [before, { cpuMs: began }] = [await countsOf(operator), await operator.cost()];
    await reconcile(bench, operator, { servers, more: reconciles / PARTS });
    const { cpuMs } = await operator.cost();
    const after = await countsOf(operator);
    await sleep(SETTLE_MS);
    const [{ residentMiB, peakMiB }, { timers, sockets }] = [await operator.cost(), await countsOf(operator)];
    const microseconds = Math.round(((cpuMs - began) * 1000) / (after.reconciles - before.reconciles));
    rows.push({ MCPServers: servers, reconciles: after.reconciles, 'CPU µs each': microseconds, 'memory MiB': residentMiB, 'peak MiB': peakMiB, timers, sockets });
    progress(JSON.stringify(rows.at(-1)));
  }
  await operator.stop();
  return rows;
}

export const reconciles: Subject = {
  name: 'reconciles',
  title: 'reconciles without a change, with few MCPServers and with many: what each costs, and what the operator holds after more and more of them',
  async run(progress, { checkout, servers = 1000, reconciles: count = RECONCILES, data }: BenchOptions) {
    const program = await bundled(checkout);
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
