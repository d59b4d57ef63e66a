// An operator as its image starts it, on a control plane of its own, with what it costs: memory, descriptors, time to be ready.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATOR_NODE_FLAGS, type PROGRAMS as PROGRAMS_HERE } from '../../images/programs.ts';
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
  /** Of all its threads, since its start; measured in steps of 10. */
  readonly cpuMs: number;
}

/** How an operator is started. */
export interface Program {
  /** What follows `node`, up to the command. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What follows the command. */
  readonly flags: readonly string[];
}

/** A cluster without nodes, and operators of a checkout on it. */
export interface Bench {
  readonly client: KubernetesClient;
  /** Path; empty where none is kept. */
  readonly auditLog: string;
  /** Starts an operator for all namespaces, from the sources; it runs until `stop` is called. */
  readonly operator: (checkout: string) => Promise<Running>;
  /** The same of any program. */
  readonly start: (program: Program) => Promise<Running>;
  /** Starts whatever a shell makes of a command, with KUBECONFIG; nobody knows when it is ready. */
  readonly command: (command: string) => Promise<Running>;
}

/** What a scrape of its metrics took, and the longest pause of its event loop since the scrape before; not a number of other programs. */
export interface Scrape {
  readonly ms: number;
  readonly mib: number;
  readonly pauseMs: number;
}

/** An operator that is ready. */
export interface Running {
  readonly cost: () => Promise<Cost>;
  /** Its metrics as it serves them. */
  readonly metrics: () => Promise<string>;
  /** NaN of an operator of others. */
  readonly scrape: () => Promise<Scrape>;
  readonly stop: () => Promise<void>;
}

const FLAGS = [...OPERATOR_NODE_FLAGS, '--max-old-space-size=256'];

/** A row of a table: a cost, with its memory as a ratio to another. */
export function costRow(state: string, { readyMs, residentMiB, peakMiB, descriptors }: Cost, usual: Cost): Record<string, string | number> {
  const ratio = (peakMiB / usual.peakMiB).toFixed(2);
  return { state, 'ready ms': readyMs, 'memory MiB': residentMiB, 'peak MiB': peakMiB, '× peak': ratio, descriptors };
}

/** The operator of a checkout as its image starts it: bundled, with its flags, and one of those that elect a leader. */
export async function bundled(checkout: string, profiles?: string): Promise<Program> {
  execFileSync(process.execPath, [join(checkout, 'images/bundle/main.ts')], { stdio: 'ignore' });
  const { PROGRAMS } = (await import(join(checkout, 'images/programs.ts'))) as { readonly PROGRAMS: typeof PROGRAMS_HERE };
  const { Entrypoint = [], Env = [] } = PROGRAMS.find(({ name }) => name === 'operator')?.config ?? {};
  const profiling = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles];
  return {
    args: [...Entrypoint.slice(1, -1), ...profiling, join(checkout, 'build/bundle/operator.mjs')],
    env: Object.fromEntries(Env.map((variable) => [variable.replace(/=.*/, ''), variable.replace(/^\w+=/, '')])),
    flags: ['--leader-elect', '--leader-elect-resource-namespace', 'default'],
  };
}

function fromSources(checkout: string): Program {
  return { args: [...FLAGS, join(checkout, 'reconciler/main.ts')], env: { NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' }, flags: [] };
}

export interface OnBench {
  readonly progress: (line: string) => void;
  /** Default false. */
  readonly auditLog?: boolean;
  /** Folder of the control plane, where it finds what an earlier bench has left. Default: one of its own, which goes with it. */
  readonly data?: string | undefined;
}

/** For each program of the control plane, which holds a whole fleet several times. */
const PLANE_MIB = Math.max(1536, Math.floor(totalmem() / 4 / 2 ** 20));

/** Calls `work` with a bench that ends with it, and with a namespace `bench`. */
export async function onBench<T>({ progress, auditLog = false, data }: OnBench, work: (bench: Bench) => Promise<T>): Promise<T> {
  const dir = data ?? (await mkdtemp(join(tmpdir(), 'mcp-bench-')));
  const plane = await startControlPlane({ dir, auditLog, memoryMiB: PLANE_MIB, log: progress });
  const client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }));
  const begin = (program: Program): Promise<Running> => start(program, plane.kubeconfig);
  try {
    await client.apply(CUSTOM_RESOURCE_DEFINITIONS, customResourceDefinition(), { fieldManager: 'bench' });
    await sleep(5000);
    await client.apply(NAMESPACES, { metadata: { name: 'bench' } }, { fieldManager: 'bench' });
    return await work({
      client,
      auditLog: plane.auditLogPath ?? '',
      operator: (checkout) => begin(fromSources(checkout)),
      start: begin,
      command: (line) => startCommand(line, plane.kubeconfig),
    });
  } finally {
    client.close();
    await plane.stop();
    if (data === undefined) await rm(dir, { recursive: true, force: true });
  }
}

let started = 0;

async function start({ args, env, flags }: Program, kubeconfig: string): Promise<Running> {
  started += 1;
  const addresses = ['--metrics-bind-address', '127.0.0.1:0', '--health-probe-bind-address', '127.0.0.1:0'];
  const began = performance.now();
  const operator = await startProcess({
    name: 'operator', command: process.execPath, args: [...args, 'run', '--kubeconfig', kubeconfig, ...addresses, ...flags],
    env, logFile: join(kubeconfig, `../operator-${process.pid}-${started}.log`),
  });
  await ready(operator);
  const readyMs = Math.round(performance.now() - began);
  // Its log grows.
  return runningOf(operator, readyMs, servedAt(operator, 'metrics'));
}

function runningOf(operator: ManagedProcess, readyMs: number, metricsAddress?: string): Running {
  const metrics = async (): Promise<string> => (await fetch(`http://${metricsAddress}/metrics`)).text();
  return {
    cost: () => costOf(operator.pid, readyMs).catch(() => ended(operator)),
    metrics,
    scrape: async () => (metricsAddress === undefined ? NOT_SCRAPED : scrapeOf(metrics)),
    stop: async () => void (await operator.stop(30_000)),
  };
}

const NOT_SCRAPED: Scrape = { ms: Number.NaN, mib: Number.NaN, pauseMs: Number.NaN };

/** How often the operator looks how late its event loop is: what it measures is never less. */
const PAUSES_EVERY_MS = 50;

async function scrapeOf(metrics: Running['metrics']): Promise<Scrape> {
  const began = performance.now();
  const text = await metrics();
  const [, pause = ''] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text) ?? [];
  const pauseMs = Math.max(0, Number(pause) * 1000 - PAUSES_EVERY_MS);
  return { ms: performance.now() - began, mib: Buffer.byteLength(text) / 2 ** 20, pauseMs };
}

/** Where it serves health or metrics, once it does. */
function servedAt(operator: ManagedProcess, what: 'health' | 'metrics'): string | undefined {
  const line = operator.logTail(10_000).split('\n').find((each) => each.includes(`serving ${what}`));
  return line === undefined ? undefined : (JSON.parse(line) as { readonly address: string }).address;
}

async function startCommand(command: string, kubeconfig: string): Promise<Running> {
  started += 1;
  const { PATH = '', HOME = '' } = process.env;
  const operator = await startProcess({
    name: 'the other operator', command: 'sh', args: ['-c', `exec ${command}`], env: { PATH, HOME, KUBECONFIG: kubeconfig },
    logFile: join(kubeconfig, `../other-${process.pid}-${started}.log`),
  });
  return runningOf(operator, Number.NaN);
}

async function ready(operator: ManagedProcess): Promise<void> {
  for (const deadline = performance.now() + 120_000; performance.now() < deadline; await sleep(20)) {
    const address = servedAt(operator, 'health');
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
  // Fields 14 and 15, in hundredths of a second; field 2 may contain blanks and parentheses.
  const [user = 0, system = 0] = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ').slice(11, 13).map(Number);
  return { readyMs, residentMiB, peakMiB, descriptors: (await readdir(`/proc/${pid}/fd`)).length, cpuMs: (user + system) * 10 };
}
