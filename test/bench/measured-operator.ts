// An operator as its image starts it, on a control plane of its own, with what it costs: memory, descriptors, time to be ready.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { customResourceDefinition } from '../../charts/api/crd.ts';
import { connect } from '../../kubernetes/connect.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES } from '../../kubernetes/objects.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { startProcess, type ManagedProcess } from '../cluster/managed-process.ts';

/** How long an operator took to be ready, what it costs at the moment, and what it cost at most. */
export interface Cost {
  readonly readyMs: number;
  readonly residentMiB: number;
  readonly peakMiB: number;
  readonly descriptors: number;
}

/** A cluster without nodes, and operators of a checkout on it. */
export interface Bench {
  readonly client: KubernetesClient;
  /** Starts an operator for all namespaces; it runs until `stop` is called. */
  readonly operator: (checkout: string) => Promise<Running>;
}

/** An operator that is ready. */
export interface Running {
  readonly cost: () => Promise<Cost>;
  readonly stop: () => Promise<void>;
}

const FLAGS = ['--max-semi-space-size=1', '--optimize-for-size', '--max-old-space-size=256'];

/** A row of a table: a cost, with its memory as a ratio to another. */
export function costRow(state: string, { readyMs, residentMiB, peakMiB, descriptors }: Cost, usual: Cost): Record<string, string | number> {
  const ratio = (peakMiB / usual.peakMiB).toFixed(2);
  return { state, 'ready ms': readyMs, 'memory MiB': residentMiB, 'peak MiB': peakMiB, '× peak': ratio, descriptors };
}

/** Calls `work` with a bench that ends with it, and with a namespace `bench`. */
export async function onBench<T>(progress: (line: string) => void, work: (bench: Bench) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-bench-'));
  const plane = await startControlPlane({ dir, auditLog: false, log: progress });
  const client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }));
  try {
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, customResourceDefinition());
    await sleep(5000);
    await client.create(NAMESPACES, { metadata: { name: 'bench' } });
    return await work({ client, operator: (checkout) => start(checkout, plane.kubeconfig) });
  } finally {
    client.close();
    await plane.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

let started = 0;

async function start(checkout: string, kubeconfig: string): Promise<Running> {
  started += 1;
  const main = join(checkout, 'reconciler/main.ts');
  const addresses = ['--metrics-bind-address', '127.0.0.1:0', '--health-probe-bind-address', '127.0.0.1:0'];
  const began = performance.now();
  const operator = await startProcess({
    name: 'operator', command: process.execPath, args: [...FLAGS, main, 'run', '--kubeconfig', kubeconfig, ...addresses],
    env: { NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' }, logFile: join(kubeconfig, `../operator-${started}.log`),
  });
  await ready(operator);
  const readyMs = Math.round(performance.now() - began);
  return { cost: () => costOf(operator.pid, readyMs).catch(() => ended(operator)), stop: async () => void (await operator.stop()) };
}

async function ready(operator: ManagedProcess): Promise<void> {
  for (const deadline = performance.now() + 120_000; performance.now() < deadline; await sleep(20)) {
    const line = operator.logTail(10_000).split('\n').find((each) => each.includes('serving health'));
    const address = line === undefined ? undefined : (JSON.parse(line) as { address: string }).address;
    if (address !== undefined && (await fetch(`http://${address}/readyz`).catch(() => undefined))?.ok === true) return;
  }
  throw new Error(`the operator is not ready: ${operator.logTail()}`);
}

function ended(operator: ManagedProcess): never {
  throw new Error(`the operator has ended: ${operator.logTail()}`);
}

async function costOf(pid: number, readyMs: number): Promise<Cost> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [residentMiB = 0, peakMiB = 0] = ['VmRSS', 'VmHWM'].map((field) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024));
  return { readyMs, residentMiB, peakMiB, descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}
