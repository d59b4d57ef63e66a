// Wires the controller of MCPServers: queue, retries, verification, references and events, all that writes. Where replicas elect a leader, only the leader does it.
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { MANAGED_BY } from '../charts/api/labels.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { answerToScaling, HELD } from './status/announcements.ts';
import { createReconciler } from './reconcile.ts';
import { References } from './references/references.ts';
import type { Clock } from './runtime/clock.ts';
import { Controller } from './runtime/controller.ts';
import { UnfinishedError, type Ending } from './runtime/ending.ts';
import { EventRecorder } from './runtime/events.ts';
import type { Metrics } from './runtime/metrics.ts';
import { RetryTable } from './runtime/retry-table.ts';
import { WorkQueue } from './runtime/work-queue.ts';
import type { LastWords } from './status/trouble.ts';
import type { HttpExchange } from './verification/exchange.ts';
import { exposeAges, exposeHeld, handshakeCounter } from './verification/metrics.ts';
import type { PodAddress } from './verification/pod-access.ts';
import { keyReader } from './verification/read-key.ts';
import { Verifier } from './verification/verifier.ts';
import type { View } from './view/view.ts';

export interface ControllerOptions {
  readonly client: KubernetesClient;
  readonly maxConcurrentReconciles: number;
  /** Default 16. */
  readonly maxConcurrentHandshakes?: number | undefined;
  /** How pods are reached to verify them. */
  readonly exchangeFor: (pod: PodAddress) => HttpExchange;
  /** Whether what containers said before they ended is quoted. Default: Show. */
  readonly lastWords?: LastWords | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The parts that work together; `events` writes, too. */
interface Parts {
  readonly view: View;
  readonly queue: WorkQueue;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

const CONTROLLER = 'mcpserver';

/**
 * Makes the work on the MCPServers of a view; call it before the view runs. Nothing is done until the returned function is called, once,
 * with filled caches: it works until the end begins, then takes no more work, finishes what runs, or gives it up, and resolves when nothing
 * writes any more. Rejects with UnfinishedError when something may.
 */
export function createMCPServerController(options: ControllerOptions, view: View, clock: Clock): (ending: Ending) => Promise<void> {
  const { client, metrics, log, maxConcurrentReconciles, lastWords } = options;
  const queue = new WorkQueue({ clock, metrics: metrics.workQueue(CONTROLLER) });
  const reportingInstance = `${MANAGED_BY}-${hostname()}`.slice(0, 128);
  const events = new EventRecorder({ client, reportingController: MANAGED_BY, reportingInstance, clock, log, onResult: metrics.events() });
  const verifier = createVerifier(options, { view, queue, events, clock });
  const references = new References({ client, clock, log, onChange: (key) => queue.add(key) });
  const retries = new RetryTable({ clock, random: Math.random, onDue: (key) => queue.add(key) });
  const reconcile = createReconciler({ client, view, verifier, references, retries, events, clock, lastWords });
  const ofController = metrics.controller(CONTROLLER);
  const controller = new Controller({ name: CONTROLLER, queue, reconcile, maxConcurrentReconciles, metrics: ofController, log, clock });
  let isWorking = false;
  view.onChange((key) => {
    if (isWorking) queue.add(key);
  });
  view.onServerChange(({ previous, object }) => {
    const answer = isWorking ? answerToScaling(previous, object) : undefined;
    if (answer !== undefined) events.record(object, answer);
  });
  return async (ending) => {
    isWorking = !ending.stop.aborted;
    if (isWorking) for (const key of view.serverKeys()) queue.add(key);
    ending.waitsFor(() => `the reconciles of ${controller.running.join(', ')}`);
    if (!(await controller.run(ending))) {
      throw new UnfinishedError(`the reconciles of ${controller.running.join(', ')} did not end when they were given up`);
    }
    retries.stop();
    ending.waitsFor('handshakes and events');
    await Promise.all([verifier.stop(), references.stop(), events.stop(ending.abandon)]);
  };
}

function createVerifier(options: ControllerOptions, { view, queue, events, clock }: Parts): Verifier {
  const { client, exchangeFor, maxConcurrentHandshakes: concurrency, metrics, log } = options;
  const verifier = new Verifier({
    exchangeFor,
    concurrency,
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
  return verifier;
}
