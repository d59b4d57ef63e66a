// Wires the controller of MCPServers: queue, retries, verification, references and events, all that writes. Where replicas elect a leader, only the leader does it.
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { MANAGED_BY } from '../charts/api/labels.ts';
import type { RenderSettings } from '../charts/settings.ts';
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
import { WorkQueue, type Priority } from './runtime/work-queue.ts';
import type { LastWords } from './status/trouble.ts';
import type { HttpExchange } from './verification/exchange.ts';
import { exposeAges, exposeHeld, handshakeCounter } from './verification/metrics.ts';
import type { PodAddress } from './verification/pod-access.ts';
import { keyReader } from './verification/read-key.ts';
import { DEFAULT_CONCURRENCY, Verifier } from './verification/verifier.ts';
import type { Cause, View } from './view/view.ts';

export interface ControllerOptions {
  readonly client: KubernetesClient;
  readonly maxConcurrentReconciles: number;
  /** Default 16. */
  readonly maxConcurrentHandshakes?: number | undefined;
  /** How pods are reached to verify them. */
  readonly exchangeFor: (pod: PodAddress) => HttpExchange;
  /** What the installation says about rendering. */
  readonly settings?: Partial<RenderSettings> | undefined;
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
/** While so many wait urgently, a new MCPServer waits with those that do not. */
const FEW = 4;
/** For each so many handshakes at a time with pods that serve there may be one more with a pod that starts. */
const STARTS = 4;

/**
 * Makes the work on the MCPServers of a view; call it before the view runs. Nothing is done until the returned function is called, once,
 * with filled caches: it works until the end begins, then takes no more work, finishes what runs, or gives it up, and resolves when nothing
 * writes any more. Rejects with UnfinishedError when something may.
 */
export function createMCPServerController(options: ControllerOptions, view: View, clock: Clock): (ending: Ending) => Promise<void> {
  const { client, metrics, log, maxConcurrentReconciles, settings, lastWords } = options;
  const queue = new WorkQueue({ clock, metrics: metrics.workQueue(CONTROLLER) });
  const reportingInstance = `${MANAGED_BY}-${hostname()}`.slice(0, 128);
  const events = new EventRecorder({ client, reportingController: MANAGED_BY, reportingInstance, clock, log, onResult: metrics.events() });
  const { verifier, starts } = createVerifiers(options, { view, queue, events, clock });
  const references = new References({ client, clock, log, onChange: (key) => queue.add(key) });
  const retries = new RetryTable({ clock, random: Math.random, onDue: (key) => queue.add(key) });
  const onTurn = (key: string): void => queue.add(key);
  const reconcile = createReconciler({ client, view, verifier, starts, references, retries, events, clock, settings, lastWords, onTurn });
  const ofController = metrics.controller(CONTROLLER);
  const controller = new Controller({ name: CONTROLLER, queue, reconcile, maxConcurrentReconciles, metrics: ofController, log, clock });
  let isWorking = false;
  view.onChange((key, cause) => {
    if (isWorking) queue.add(key, priorityOf(cause, queue.urgent));
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
    await Promise.all([verifier.stop(), starts.stop(), references.stop(), events.stop(ending.abandon)]);
  };
}

/** What a person just did comes before what is only to be followed. A whole fleet that is created at once does not come before an edit. */
function priorityOf(cause: Cause, urgent: number): Priority {
  return cause === 'Edited' || (cause === 'Created' && urgent < FEW) ? 'High' : 'Low';
}

/** One for the pods that serve, and one for those of stdio servers that are not ready, of which no verdict on others is made. */
function createVerifiers(options: ControllerOptions, { view, queue, events, clock }: Parts): Record<'verifier' | 'starts', Verifier> {
  const { client, exchangeFor, maxConcurrentHandshakes: concurrency = DEFAULT_CONCURRENCY, metrics, log } = options;
  const onHandshake = handshakeCounter(metrics.registry);
  const onChange = (key: string): void => queue.add(key);
  const common = { exchangeFor, readKey: keyReader(client), clock, random: Math.random, onChange, onHandshake, log };
  const starts = new Verifier({ ...common, concurrency: Math.ceil(concurrency / STARTS) });
  const verifier = new Verifier({
    ...common,
    concurrency,
    onHeld: (key) => {
      const [namespace = '', name = ''] = key.split('/');
      const server = view.server({ namespace, name });
      if (server !== undefined) events.record(server, HELD);
    },
  });
  exposeAges(metrics.registry, () => verifier.ages());
  exposeHeld(metrics.registry, () => verifier.held());
  return { verifier, starts };
}
