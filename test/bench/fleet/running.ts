// What MCPServers whose pods run cost the operator. What scheduler and kubelets would say is written by a stand-in; all else is real.
import { setTimeout as sleep } from 'node:timers/promises';
import { Informer } from '../../../kubernetes/informer.ts';
import { MCP_SERVERS, type MCPServerObject } from '../../../reconciler/kinds.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { runPods } from '../../support/pods.ts';
import { watching } from '../../support/watching.ts';
import { bundled, onBench, type Running } from '../measured-operator.ts';
import type { BenchOptions, Subject } from '../subject.ts';
import type { Row } from '../table.ts';
import { isOurs, measured, rest, settled, type Measured, type Site } from './measured.ts';
import type { Period } from './requests.ts';
import { createNamespaces, forEach, nameOf, serverNamed } from './servers.ts';

/** Time for all to be Ready, for each MCPServer and at least: six controllers write what the stand-in and the operator wait for. */
const LIMIT_MS = { each: 2000, least: 120_000 };
/** How often it is told how far the fleet is. */
const TOLD_EVERY_MS = 15_000;

/** A fleet, and how to wait until all of it is Ready in its present generation. */
interface Fleet {
  readonly count: number;
  readonly ready: (operator: Running) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function follow({ client, progress }: Site, count: number): Promise<Fleet> {
  const informer = new Informer<MCPServerObject>({ client, type: MCP_SERVERS });
  const readyGenerations = new Map<string, number>();
  informer.onChange(({ object }) => {
    const { status, observedGeneration = 0 } = conditionOf(object, 'Ready') ?? {};
    if (status === 'True') readyGenerations.set(object.metadata.name, observedGeneration);
  });
  let generation = 0;
  const stop = await watching(informer);
  return {
    count,
    stop,
    ready: async (operator) => {
      generation += 1;
      const missing = (): number => count - [...readyGenerations.values()].filter((seen) => seen >= generation).length;
      const began = performance.now();
      for (let told = began; missing() > 0; await sleep(100)) {
        const now = performance.now();
        if (now - began > Math.max(LIMIT_MS.least, LIMIT_MS.each * count)) throw new Error(`${missing()} MCPServers are not Ready`);
        if (now - told < TOLD_EVERY_MS) continue;
        told = now;
        progress(`${count - missing()} of ${count} are Ready; the operator holds ${(await operator.cost()).residentMiB} MiB`);
      }
    },
  };
}

/** Sends something for each MCPServer, and waits until what becomes of it is Ready. */
async function round(fleet: Fleet, operator: Running, send: (name: string) => Promise<unknown>): Promise<Period> {
  const from = new Date();
  const waiting = fleet.ready(operator);
  // It is awaited below, whatever becomes of the requests.
  waiting.catch(() => undefined);
  await forEach(fleet.count, (index) => send(nameOf(index)));
  await waiting;
  return { from, to: new Date() };
}

async function live(site: Site, count: number, begin: () => Promise<Running>): Promise<Row[]> {
  const { client } = site;
  await createNamespaces(client, count);
  const pods = await runPods(client, undefined);
  const fleet = await follow(site, count);
  const rowOf = async (state: string, operator: Running, { seconds, writes, reads, cpuMs }: Measured): Promise<Row> => {
    const { residentMiB, peakMiB } = await operator.cost();
    return { state, seconds, 'writes each': writes / count, 'reads each': reads / count, 'CPU ms': cpuMs, 'memory MiB': residentMiB, 'peak MiB': peakMiB };
  };
  try {
    const first = await begin();
    const rows = [await rowOf('none yet', first, await measured(site, first, rest))];
    // Nothing answers at the addresses of these pods.
    const spec = { verification: { mode: 'Off' } };
    rows.push(await rowOf('new, until Ready', first, await measured(site, first, () => round(fleet, first, (name) => {
      const server = serverNamed(name, 1);
      return client.create(MCP_SERVERS, { ...server, spec: { ...server.spec, ...spec } } as MCPServerObject);
    }))));
    await settled(site);
    rows.push(await rowOf('at rest', first, await measured(site, first, rest)));
    // It changes the Deployment and replaces no pods.
    const change = { spec: { progressDeadlineSeconds: 300 } };
    rows.push(await rowOf('one field changed', first, await measured(site, first, () =>
      round(fleet, first, (name) => client.patch(MCP_SERVERS, serverNamed(name, 1).metadata, change)))));
    await settled(site);
    rows.push(await rowOf('at rest after that', first, await measured(site, first, rest)));
    await first.stop();
    const from = new Date();
    const second = await begin();
    const restarted = await measured(site, second, async () => ({ from, to: (await rest()).to }));
    const { readyMs, cpuMs } = await second.cost();
    rows.push(await rowOf('started again, until ready', second, { ...restarted, seconds: readyMs / 1000, cpuMs }));
    await second.stop();
    return rows;
  } finally {
    await fleet.stop();
    await pods.stop();
  }
}

export const running: Subject = {
  name: 'running',
  title: 'many MCPServers whose pods run: what they cost the operator as they come, at rest, changed, and after a restart',
  async run(progress, { checkout, servers = 1000, profile }: BenchOptions) {
    const program = await bundled(checkout, profile);
    return onBench({ progress, auditLog: true }, (bench) =>
      live({ ...bench, isOperator: isOurs, progress }, servers, () => bench.start(program)));
  },
};
