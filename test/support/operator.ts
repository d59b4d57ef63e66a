// Runs the operator for tests: within the test's process, or as a process of its own.
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { RenderSettings } from '../../charts/settings.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import { runOperator } from '../../reconciler/operator.ts';
import { DEFAULT_WORKERS } from '../../reconciler/runtime/controller.ts';
import { createLogger } from '../../reconciler/runtime/log.ts';
import { createMetrics } from '../../reconciler/runtime/metrics.ts';
import { directExchange } from '../../reconciler/verification/exchange-direct.ts';
import type { HttpExchange } from '../../reconciler/verification/exchange.ts';
import type { PodAddress } from '../../reconciler/verification/pod-access.ts';
import { startProcess, type ManagedProcess } from '../cluster/managed-process.ts';
import { auditEvents, isWrite, uniqueName, type AuditEvent } from './cluster.ts';
import { COMPILED } from './compiled.ts';

const MAIN = join(import.meta.dirname, '../../reconciler/main.ts');

export interface OperatorSettings {
  readonly namespace: string;
  /** Default: all MCPServers in it. */
  readonly labelSelector?: string;
  /** How pods answer; default: all of them do not. */
  readonly exchangeFor?: (pod: PodAddress) => HttpExchange;
  /** Default: one that may do everything on the shared control plane. */
  readonly kubeconfig?: string;
  /** Default: Show. */
  readonly lastWords?: 'Show' | 'Hide';
  /** Default: what the code has. */
  readonly settings?: Partial<RenderSettings>;
  /** Default: error. */
  readonly logLevel?: 'error' | 'trace';
}

/** An operator within this process. */
export interface TestOperator {
  /** What its requests carry in the audit log; no other operator has the same. */
  readonly userAgent: string;
  /** What it logged, as error unless told otherwise. */
  readonly errors: string[];
  /** How many reconciles have ended well. */
  readonly reconciles: () => Promise<number>;
  /** What a scrape of its metrics gives. */
  readonly scrape: () => Promise<string>;
  /** Ends it as a signal does; may be called again. */
  readonly stop: () => Promise<void>;
}

/** Reaches every pod at a port of this machine. */
export function onLoopback(port: number | ((pod: PodAddress) => number)): (pod: PodAddress) => HttpExchange {
  return (pod) => directExchange({ ip: '127.0.0.1', port: typeof port === 'number' ? port : port(pod) });
}

/** Starts an operator that watches one namespace. */
export async function startOperator({
  namespace,
  labelSelector,
  exchangeFor = onLoopback(1),
  kubeconfig = inject('operatorKubeconfig'),
  lastWords,
  settings,
  logLevel = 'error',
}: OperatorSettings): Promise<TestOperator> {
  const userAgent = uniqueName('operator');
  const client = new KubernetesClient(await connect({ kubeconfig, env: {} }), { userAgent });
  const errors: string[] = [];
  const log = createLogger({ level: logLevel, destination: { write: (line) => void errors.push(line) } });
  const stop = new AbortController();
  const metrics = createMetrics();
  const running = runOperator({
    client, namespaces: [namespace], labelSelector, metricsAddress: undefined, healthAddress: undefined,
    maxConcurrentReconciles: DEFAULT_WORKERS, exchangeFor, metrics, log, lastWords, settings,
  }, stop.signal);
  return {
    userAgent,
    errors,
    reconciles: async () => {
      const { values = [] } = (await metrics.registry.getSingleMetric('controller_runtime_reconcile_total')?.get()) ?? {};
      return values.filter(({ labels }) => labels['result'] !== 'error').reduce((sum, { value }) => sum + value, 0);
    },
    scrape: async () => (await Array.fromAsync(metrics.exposition.pieces())).join(''),
    stop: async () => {
      stop.abort();
      await running;
      client.close();
    },
  };
}

/** An operator as users start it. */
export interface OperatorProcess extends Omit<ManagedProcess, 'name'> {
  /** URL of an address it says to serve: `health` or `metrics`. Throws while it has not said so. */
  readonly url: (what: 'health' | 'metrics', path: string) => string;
}

/** Starts `mcp-operator run` for all namespaces, on free ports, with further flags, also of Node; its log lies beside the kubeconfig. The caller stops it. */
export async function startOperatorProcess(
  kubeconfig: string,
  flags: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<OperatorProcess> {
  const logFile = join(dirname(kubeconfig), `${uniqueName('operator')}.log`);
  const args = [...nodeFlags, MAIN, 'run', '--kubeconfig', kubeconfig, ...flags];
  const addresses = ['--metrics-bind-address', '127.0.0.1:0', '--health-probe-bind-address', '127.0.0.1:0'];
  const started = await startProcess({ name: 'operator', command: process.execPath, args: [...args, ...addresses], env: COMPILED, logFile });
  const url = (what: string, path: string): string => {
    const line = started.logTail(10_000).split('\n').find((each) => each.includes(`serving ${what}`));
    if (line === undefined) throw new Error(`the operator does not serve ${what} yet: ${started.logTail()}`);
    return `http://${(JSON.parse(line) as { address: string }).address}${path}`;
  };
  return { ...started, url };
}

/** The write requests in the audit log under a user agent. */
export function writesBy(userAgent: string, file?: string): Promise<AuditEvent[]> {
  return auditEvents((event) => event.userAgent === userAgent && isWrite(event), file);
}

/** The same once nothing has been written for a second: events may come after what they tell of. */
export async function writesAtRest(userAgent: string): Promise<AuditEvent[]> {
  for (let [last, rounds] = [-1, 0]; ; rounds += 1) {
    const writes = await writesBy(userAgent);
    if (writes.length === last) return writes;
    if (rounds === 60) throw new Error(`${userAgent} writes on and on`);
    last = writes.length;
    await sleep(1000);
  }
}

/** What an operator asked of the objects with a name, watches and the status of an MCPServer aside. */
export function requestsAbout(name: string, operator: string): Promise<AuditEvent[]> {
  return auditEvents(({ userAgent, objectRef, verb }) =>
    userAgent === operator && objectRef?.name === name && objectRef.subresource === undefined && verb !== 'watch');
}
