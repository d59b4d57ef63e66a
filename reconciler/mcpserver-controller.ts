// Wires the controller of MCPServers: queue, retries, verification, references and events, all that writes. Where replicas elect a leader, only the leader does it.
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { MANAGED_BY } from '../charts/api/labels.ts';
import type { RenderSettings } from '../charts/settings.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { Fence } from './children/fence.ts';
import { answerToScaling, HELD } from './status/announcements.ts';
import type { Write } from './children/counted-client.ts';
import { ownDeployment } from './children/own-children.ts';
import { exposeReferences } from './metrics/caches.ts';
import { Causes, type Cause as WriteCause } from './metrics/causes.ts';
import { exposeHeld, handshakeCounter } from './metrics/handshakes.ts';
import { DEFAULT_MAX_SERVERS, serverMetrics } from './metrics/servers.ts';
import { writeCounter } from './metrics/writes.ts';
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
import type { PodAddress } from './verification/pod-access.ts';
import { keyReader } from './verification/read-key.ts';
import { DEFAULT_CONCURRENCY, Verifier } from './verification/verifier.ts';
import type { Cause, View } from './view/view.ts';

export interface ControllerOptions {
  readonly client: KubernetesClient;
  readonly maxConcurrentReconciles: number;
  /** What the labels of its MCPServers match, where several operators share the namespaces; undefined: it has them all. */
  readonly labelSelector?: string | undefined;
  /** Default 16. */
  readonly maxConcurrentHandshakes?: number | undefined;
  /** How pods are reached to verify them. */
  readonly exchangeFor: (pod: PodAddress) => HttpExchange;
  /** What the installation says about rendering. */
  readonly settings?: Partial<RenderSettings> | undefined;
  /** Whether what containers said before they ended is quoted. Default: Show. */
  readonly lastWords?: LastWords | undefined;
  /** Of more MCPServers than this the metrics show only those that are not Ready. Default 5000. */
  readonly metricsMaxServers?: number | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The parts that work together; `events` writes, too. */
interface Parts {
  readonly view: View;
  readonly events: EventRecorder;
  readonly clock: Clock;
  /** Has an MCPServer reconciled, because its pods answer something else. */
  readonly onChange: (key: string) => void;
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
  const { client, metrics, log, maxConcurrentReconciles, settings, lastWords, labelSelector } = options;
  const queue = new WorkQueue({ clock, metrics: metrics.workQueue(CONTROLLER) });
  const reportingInstance = `${MANAGED_BY}-${hostname()}`.slice(0, 128);
  const events = new EventRecorder({ client, reportingController: MANAGED_BY, reportingInstance, clock, log, onResult: metrics.events() });
  const causes = new Causes(clock);
  const actOn = (cause: WriteCause, priority?: Priority) => (key: string): void => {
    causes.note(key, cause);
    queue.add(key, priority);
  };
  const { verifier, starts } = createVerifiers(options, { view, events, clock, onChange: actOn('Handshake') });
  const references = new References({ client, clock, log, onChange: actOn('Reference') });
  const retries = new RetryTable({ clock, random: Math.random, onDue: actOn('Retry') });
  const fence = labelSelector === undefined ? undefined : new Fence({ labelSelector, clock });
  const followed = { client, view, verifier, starts, references, retries, fence, events, clock };
  const countWrite = writeCounter(metrics.registry);
  const onWrite = (key: string, write: Write): void => countWrite(write, causes.of(key));
  const reconcile = causes.explaining(createReconciler({ ...followed, settings, lastWords, onTurn: actOn('Turn'), onWrite }));
  const ofController = metrics.controller(CONTROLLER);
  const controller = new Controller({ name: CONTROLLER, queue, reconcile, maxConcurrentReconciles, metrics: ofController, log, clock });
  let isWorking = false;
  exposeServers(options, { view, verifier, references }, () => isWorking);
  view.onChange((key, cause) => {
    if (isWorking) actOn(cause === 'Observed' ? 'Object' : 'Generation', priorityOf(cause, queue.urgent))(key);
  });
  view.onServerChange(({ previous, object }) => {
    const answer = isWorking ? answerToScaling(previous, object) : undefined;
    if (answer !== undefined) events.record(object, answer);
  });
  return async (ending) => {
    isWorking = !ending.stop.aborted;
    if (isWorking) for (const key of view.serverKeys()) actOn('Start')(key);
    ending.waitsFor(() => `the reconciles of ${controller.running.join(', ')}`);
    if (!(await controller.run(ending))) {
      throw new UnfinishedError(`the reconciles of ${controller.running.join(', ')} did not end when they were given up`);
    }
    retries.stop();
    ending.waitsFor('handshakes and events');
    await Promise.all([verifier.stop(), starts.stop(), references.stop(), events.stop(ending.abandon)]);
  };
}

/** What is known of MCPServers. */
interface Sources {
  readonly view: View;
  readonly verifier: Verifier;
  readonly references: References;
}

/** Shows at each scrape what is known of MCPServers, while this process works. */
function exposeServers(options: ControllerOptions, { view, verifier, references }: Sources, isWorking: () => boolean): void {
  const { metrics, metricsMaxServers: maxServers = DEFAULT_MAX_SERVERS } = options;
  exposeReferences(metrics.registry, () => references.followed);
  metrics.add(serverMetrics({
    maxServers,
    servers: () => (isWorking() ? view.servers() : undefined),
    deployment: (server) => ownDeployment(view, server),
    lastPass: (key) => verifier.lastPass(key),
  }));
}

/** What a person just did comes before what is only to be followed. A whole fleet that is created at once does not come before an edit. */
function priorityOf(cause: Cause, urgent: number): Priority {
  return cause === 'Edited' || (cause === 'Created' && urgent < FEW) ? 'High' : 'Low';
}

/** One for the pods that serve, and one for those of stdio servers that are not ready, of which no verdict on others is made. */
function createVerifiers(options: ControllerOptions, { view, events, clock, onChange }: Parts): Record<'verifier' | 'starts', Verifier> {
  const { client, exchangeFor, maxConcurrentHandshakes: concurrency = DEFAULT_CONCURRENCY, metrics, log } = options;
  const onHandshake = handshakeCounter(metrics.registry);
  const common = { exchangeFor, readKey: keyReader(client), clock, random: Math.random, onChange, onHandshake, log };
  const starts = new Verifier({ ...common, concurrency: Math.ceil(concurrency / STARTS) });
  const verifier = new Verifier({
    ...common,
    concurrency,
    onHeld: (key) => {
      const server = view.serverOf(key);
      if (server !== undefined) events.record(server, HELD);
    },
  });
  exposeHeld(metrics.registry, () => verifier.held());
  return { verifier, starts };
}
