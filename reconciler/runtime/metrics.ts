// The operator's Prometheus registry, with the names controller-runtime uses so that existing dashboards fit.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics, exponentialBuckets } from 'prom-client';
import type { ControllerMetrics } from './controller.ts';
import type { EventResult } from './events.ts';
import { exposition, type Exposition, type Source } from './exposition.ts';
import type { WorkQueueMetrics, WorkQueueState } from './work-queue.ts';

/** All metrics of one process. Nothing is registered globally. */
export interface Metrics {
  readonly registry: Registry;
  /** Adds metrics that are written at each scrape. */
  add(source: Source): void;
  /** Everything, for a scrape. */
  readonly exposition: Exposition;
  /** The metrics of one controller; its name becomes a label. */
  controller(name: string): ControllerMetrics;
  /** The metrics of one work queue; its name becomes a label. */
  workQueue(name: string): WorkQueueMetrics;
  /** Shows whether this process holds the lease of a name; give it to LeaderElector as `onLeading`. */
  leaderElection(name: string): (leading: boolean) => void;
  /** Counts what became of events; give it to EventRecorder as `onResult`. */
  events(): (result: EventResult) => void;
  /** Counts a request to the API server at `host`; give it to KubernetesClient as `onRequest`. */
  request(host: string): (request: { method: string; status: number | undefined; seconds: number }) => void;
}

// The forty buckets of controller-runtime.
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BUCKETS = exponentialBuckets(1e-8, 10, 12);
const REQUEST_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** How often it is looked whether the event loop is late, in milliseconds: a look every 10 takes a third of a percent of a core at rest. */
const LOOP_LOOKS_MS = 50;

/** Sums of metrics that are there, called like counters, which they are not. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Makes a registry with the metrics of the process and, as they are asked for, of controllers, queues and requests. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOKS_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const sources: Source[] = [];
  return {
    registry,
    add: (source) => void sources.push(source),
    exposition: exposition(registry, sources),
    controller: controllerMetrics(registry),
    workQueue: workQueueMetrics(registry),
    leaderElection: leaderElectionMetrics(registry),
    events: () => eventMetrics(registry),
    request: requestMetrics(registry),
  };
}

function controllerMetrics(registry: Registry): Metrics['controller'] {
  const common = { registers: [registry], labelNames: ['controller'] };
  const prefix = 'controller_runtime_';
  const total = new Counter({
    registers: [registry], labelNames: ['controller', 'result'],
    name: `${prefix}reconcile_total`, help: 'Reconciles by result.',
  });
  const errors = new Counter({ ...common, name: `${prefix}reconcile_errors_total`, help: 'Failed reconciles.' });
  const seconds = new Histogram({
    ...common, name: `${prefix}reconcile_time_seconds`, help: 'Length of reconciles.', buckets: RECONCILE_BUCKETS,
  });
  const max = new Gauge({ ...common, name: `${prefix}max_concurrent_reconciles`, help: 'Workers of the controller.' });
  const active = new Gauge({ ...common, name: `${prefix}active_workers`, help: 'Workers that are reconciling.' });

  return (controller) => {
    for (const result of ['success', 'error', 'requeue_after']) total.inc({ controller, result }, 0);
    for (const metric of [errors, active]) metric.inc({ controller }, 0);
    seconds.zero({ controller });
    return {
      configured: (workers) => max.set({ controller }, workers),
      started: () => active.inc({ controller }),
      finished: (outcome, duration) => {
        active.dec({ controller });
        seconds.observe({ controller }, duration);
        total.inc({ controller, result: outcome });
        if (outcome === 'error') errors.inc({ controller });
      },
    };
  };
}

function workQueueMetrics(registry: Registry): Metrics['workQueue'] {
  const common = { registers: [registry], labelNames: ['name'] };
  const adds = new Counter({ ...common, name: 'workqueue_adds_total', help: 'Keys added.' });
  const retries = new Counter({ ...common, name: 'workqueue_retries_total', help: 'Keys added again after a failure.' });
  const waited = new Histogram({
    ...common, name: 'workqueue_queue_duration_seconds', help: 'How long keys waited for a worker.', buckets: QUEUE_BUCKETS,
  });
  const worked = new Histogram({
    ...common, name: 'workqueue_work_duration_seconds', help: 'How long the work on a key took.', buckets: QUEUE_BUCKETS,
  });
  const states = new Map<string, WorkQueueState>();
  const onScrape = (name: string, help: string, read: (state: WorkQueueState) => number): void => {
    const gauge = new Gauge({
      ...common, name, help,
      collect: () => { for (const [queue, state] of states) gauge.set({ name: queue }, read(state)); },
    });
  };
  onScrape('workqueue_depth', 'Keys waiting for a worker.', (state) => state.depth());
  onScrape('workqueue_unfinished_work_seconds', 'Time spent so far on all work in progress.', (state) =>
    state.runningSeconds().reduce((sum, each) => sum + each, 0));
  onScrape('workqueue_longest_running_processor_seconds', 'Time spent so far on the oldest work in progress.', (state) =>
    Math.max(0, ...state.runningSeconds()));

  return (name) => {
    for (const metric of [adds, retries]) metric.inc({ name }, 0);
    return {
      attach: (state) => states.set(name, state),
      added: () => adds.inc({ name }),
      retried: () => retries.inc({ name }),
      started: (seconds) => waited.observe({ name }, seconds),
      finished: (seconds) => worked.observe({ name }, seconds),
    };
  };
}

function leaderElectionMetrics(registry: Registry): Metrics['leaderElection'] {
  return (name) => {
    const status = new Gauge({
      registers: [registry], labelNames: ['name'],
      name: 'leader_election_master_status', help: 'Whether this process leads (1) or stands by (0), by the name of the lease.',
    });
    status.set({ name }, 0);
    return (leading) => status.set({ name }, leading ? 1 : 0);
  };
}

function eventMetrics(registry: Registry): (result: EventResult) => void {
  const total = new Counter({
    registers: [registry], labelNames: ['result'],
    name: 'mcp_operator_events_total', help: 'Kubernetes Events by what became of them: sent, failed, or dropped by a limit.',
  });
  for (const result of ['sent', 'failed', 'dropped']) total.inc({ result }, 0);
  return (result) => total.inc({ result });
}

function requestMetrics(registry: Registry): Metrics['request'] {
  const total = new Counter({
    registers: [registry], labelNames: ['code', 'method', 'host'],
    name: 'rest_client_requests_total', help: 'Requests to the API server by status code, or <error> without an answer.',
  });
  const duration = new Histogram({
    registers: [registry], labelNames: ['verb', 'host'],
    name: 'rest_client_request_duration_seconds', help: 'Length of requests to the API server.', buckets: REQUEST_BUCKETS,
  });
  return (host) => ({ method, status, seconds }) => {
    total.inc({ code: status === undefined ? '<error>' : String(status), method, host });
    duration.observe({ verb: method, host }, seconds);
  };
}
