// The operator as one running thing: caches, work, leader election and endpoints, started and stopped together.
import { GRACE_PERIOD_SECONDS } from '../charts/operator/grace-period.ts';
import { exposeBuild } from './metrics/build.ts';
import { exposeCaches, watchRestarts } from './metrics/caches.ts';
import { systemClock } from './runtime/clock.ts';
import { Ending, onAbort } from './runtime/ending.ts';
import { startEndpoints, type BindAddress, type Endpoints, type RunningEndpoints } from './runtime/http-endpoints.ts';
import { ThreadedElector, type ThreadedElectorOptions } from './runtime/threaded-elector.ts';
import { View } from './view/view.ts';
import { createMCPServerController, type ControllerOptions } from './mcpserver-controller.ts';

/** How the operator runs. */
export interface OperatorOptions extends ControllerOptions {
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Undefined: no metrics endpoint. */
  readonly metricsAddress: BindAddress | undefined;
  /** Undefined: no health endpoint. */
  readonly healthAddress: BindAddress | undefined;
  /** For several replicas: only the one that leads works. Undefined: this process works without asking. */
  readonly leaderElection?: Omit<ThreadedElectorOptions, 'log' | 'onLeading' | 'onRunningOut'> | undefined;
  /** Aborts, never before the signal that ends, when what runs is not to be waited for. */
  readonly abandon?: AbortSignal | undefined;
}

/**
 * What the end may take in all: 20 s for what runs to finish, 2 s to give up what did not, 2 s for events, 15 s for the lease, in which a
 * last renewal and a release fit. The rest of the pod's grace period is for a slow machine.
 */
const END_WITHIN_MS = (GRACE_PERIOD_SECONDS - 5) * 1000;

/**
 * Runs until `signal` aborts, then takes no more work, finishes what runs, or gives it up where it cannot end in time, and resolves.
 * Rejects with ListenError when an address cannot be bound; with LeaseLostError the moment another replica may lead, though work goes on;
 * with UnfinishedError when something did not end in time, five seconds before the pod is killed: end the process then.
 */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { abandon, log } = options;
  const ending = new Ending({ stop: signal, abandon, totalMs: END_WITHIN_MS, clock: systemClock, log });
  await ending.bound(operate(options, ending));
}

async function operate(options: OperatorOptions, ending: Ending): Promise<void> {
  const { client, namespaces, labelSelector, metrics, log } = options;
  const clock = systemClock;
  const view = new View({ client, namespaces, labelSelector, clock, log, onRestart: watchRestarts(metrics.registry) });
  exposeBuild(metrics.registry);
  exposeCaches(metrics.registry, () => view.caches());
  const work = createMCPServerController(options, view, clock);
  const elector = createElector(options, ending);
  const endpoints = await serveEndpoints(options, view, elector);
  // Watches outlive the signal until running reconciles have ended: those still read the caches.
  const watches = new AbortController();
  const watching = view.run(watches.signal);
  await Promise.race([view.synced(), aborted(ending.stop)]);
  const start = async (): Promise<void> => {
    if (!ending.stop.aborted) log.info({ namespaces, labelSelector }, 'caches are filled, reconciling');
    await work(ending);
    ending.waitsFor('the lease');
  };
  ending.waitsFor('the lease');
  await (elector === undefined ? start() : elector.run(ending.stop, start));
  ending.waitsFor('watches and endpoints');
  watches.abort();
  await watching;
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
}

function createElector({ leaderElection, metrics, log }: OperatorOptions, ending: Ending): ThreadedElector | undefined {
  if (leaderElection === undefined) return undefined;
  const onRunningOut = (): void => ending.giveUp('the lease cannot be renewed');
  const onLeading = metrics.leaderElection(leaderElection.lease.name);
  return new ThreadedElector({ ...leaderElection, log, onRunningOut, onLeading });
}

/** One server per address; an address used for both carries all paths. A replica that stands by is as ready as the one that leads. */
async function serveEndpoints(options: OperatorOptions, view: View, elector: ThreadedElector | undefined): Promise<RunningEndpoints[]> {
  const { metricsAddress, healthAddress, metrics, log } = options;
  const leaderElection = elector === undefined ? {} : { leaderElection: () => elector.check() };
  const health: Endpoints = { healthz: { ping: () => undefined, ...leaderElection }, readyz: { caches: () => view.notSynced() } };
  const running: RunningEndpoints[] = [];
  const serve = async (name: string, address: BindAddress | undefined, endpoints: Endpoints): Promise<void> => {
    if (address === undefined) return;
    const started = await startEndpoints(address, endpoints);
    running.push(started);
    log.info({ address: started.address }, `serving ${name}`);
  };
  try {
    await serve('health', healthAddress, health);
    await serve('metrics', metricsAddress, { metrics: metrics.exposition });
  } catch (error) {
    await Promise.all(running.map((endpoint) => endpoint.close()));
    throw error;
  }
  return running;
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => onAbort(signal, resolve));
}
