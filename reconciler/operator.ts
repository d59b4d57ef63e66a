// The operator as one running thing: caches, controller, verification and endpoints, started and stopped together.
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { MANAGED_BY } from '../charts/labels.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { answerToScaling, HELD } from './announcements.ts';
import { createReconciler } from './reconcile.ts';
import { References } from './references/references.ts';
import { systemClock } from './runtime/clock.ts';
import { Controller } from './runtime/controller.ts';
import { EventRecorder } from './runtime/events.ts';
import { startEndpoints, type BindAddress, type Endpoints, type RunningEndpoints } from './runtime/http-endpoints.ts';
import type { Metrics } from './runtime/metrics.ts';
import { WorkQueue } from './runtime/work-queue.ts';
import type { HttpExchange } from './verification/exchange.ts';
import { exposeAges, exposeHeld, handshakeCounter } from './verification/metrics.ts';
import type { PodAddress } from './verification/pod-access.ts';
import { keyReader } from './verification/read-key.ts';
import { Verifier } from './verification/verifier.ts';
import { View } from './view.ts';

/** How the operator runs. */
export interface OperatorOptions {
  readonly client: KubernetesClient;
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Undefined: no metrics endpoint. */
  readonly metricsAddress: BindAddress | undefined;
  /** Undefined: no health endpoint. */
  readonly healthAddress: BindAddress | undefined;
  readonly maxConcurrentReconciles: number;
  /** How pods are reached to verify them. */
  readonly exchangeFor: (pod: PodAddress) => HttpExchange;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const CONTROLLER = 'mcpserver';

/**
 * Runs until `signal` aborts, then takes no more work, finishes what runs and resolves.
 * Rejects when an address cannot be bound.
 */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { client, namespaces, exchangeFor, metrics, log, maxConcurrentReconciles } = options;
  const clock = systemClock;
  const view = new View({ client, namespaces, clock, log });
  const queue = new WorkQueue({ clock, metrics: metrics.workQueue(CONTROLLER) });
  const verifier = new Verifier({
    exchangeFor,
    readKey: keyReader(client),
    clock,
    random: Math.random,
    onChange: (key) => queue.add(key),
    onHandshake: handshakeCounter(metrics.registry),
    onHeld: (key) => {
      const [namespace = '', name = ''] = key.split('/');
      const server = view.server({ namespace, name });
      if (server !== undefined) events.record(server, HELD);
    },
    log,
  });
  exposeAges(metrics.registry, () => verifier.ages());
  exposeHeld(metrics.registry, () => verifier.held());
  const references = new References({ client, clock, log, onChange: (key) => queue.add(key) });
  view.onChange((key) => queue.add(key));
  const events = new EventRecorder({ client, reportingController: MANAGED_BY, reportingInstance: `${MANAGED_BY}-${hostname()}`.slice(0, 128), clock, log, onResult: metrics.events() });
  view.onServerChange(({ previous, object }) => {
    const answer = answerToScaling(previous, object);
    if (answer !== undefined) events.record(object, answer);
  });
  const reconcile = createReconciler({ client, view, verifier, references, events, clock });
  const controller = new Controller({ name: CONTROLLER, queue, reconcile, maxConcurrentReconciles, metrics: metrics.controller(CONTROLLER), log, clock });

  const endpoints = await serveEndpoints(options, view);
  // Watches outlive the signal until running reconciles have ended: those still read the caches.
  const watches = new AbortController();
  const watching = view.run(watches.signal);
  await Promise.race([view.synced(), aborted(signal)]);
  if (!signal.aborted) log.info({ namespaces }, 'caches are filled, reconciling');
  await controller.run(signal);
  await verifier.stop();
  await references.stop();
  await events.stop();
  watches.abort();
  await watching;
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
}

/** One server per address; an address used for both carries all paths. */
async function serveEndpoints({ metricsAddress, healthAddress, metrics, log }: OperatorOptions, view: View): Promise<RunningEndpoints[]> {
  const health: Endpoints = { healthz: { ping: () => undefined }, readyz: { caches: () => view.notSynced() } };
  const running: RunningEndpoints[] = [];
  const serve = async (name: string, address: BindAddress | undefined, endpoints: Endpoints): Promise<void> => {
    if (address === undefined) return;
    const started = await startEndpoints(address, endpoints);
    running.push(started);
    log.info({ address: started.address }, `serving ${name}`);
  };
  try {
    await serve('health', healthAddress, health);
    await serve('metrics', metricsAddress, { metrics: metrics.registry });
  } catch (error) {
    await Promise.all(running.map((endpoint) => endpoint.close()));
    throw error;
  }
  return running;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
