// The operator as one running thing: caches, work, leader election and endpoints, started and stopped together.
import { systemClock } from './runtime/clock.ts';
import { startEndpoints, type BindAddress, type Endpoints, type RunningEndpoints } from './runtime/http-endpoints.ts';
import { LeaderElector, type LeaderElectorOptions } from './runtime/leader-election.ts';
import { View } from './view.ts';
import { createWork, type WorkOptions } from './work.ts';

/** How the operator runs. */
export interface OperatorOptions extends WorkOptions {
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Undefined: no metrics endpoint. */
  readonly metricsAddress: BindAddress | undefined;
  /** Undefined: no health endpoint. */
  readonly healthAddress: BindAddress | undefined;
  /** For several replicas: only the one that leads works. Undefined: this process works without asking. */
  readonly leaderElection?: Pick<LeaderElectorOptions, 'client' | 'lease' | 'identity' | 'timing'> | undefined;
}

/**
 * Runs until `signal` aborts, then takes no more work, finishes what runs and resolves.
 * Rejects when an address cannot be bound; and with LeaseLostError the moment another replica may lead, though work goes on: end the process.
 */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { client, namespaces, log } = options;
  const clock = systemClock;
  const view = new View({ client, namespaces, clock, log });
  const work = createWork(options, view, clock);
  const elector = createElector(options);
  const endpoints = await serveEndpoints(options, view, elector);
  // Watches outlive the signal until running reconciles have ended: those still read the caches.
  const watches = new AbortController();
  const watching = view.run(watches.signal);
  await Promise.race([view.synced(), aborted(signal)]);
  const start = (until: AbortSignal): Promise<void> => {
    if (!until.aborted) log.info({ namespaces }, 'caches are filled, reconciling');
    return work(until);
  };
  await (elector === undefined ? start(signal) : elector.run(signal, start));
  watches.abort();
  await watching;
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
}

function createElector({ leaderElection, metrics, log }: OperatorOptions): LeaderElector | undefined {
  if (leaderElection === undefined) return undefined;
  return new LeaderElector({ ...leaderElection, clock: systemClock, random: Math.random, log, onLeading: metrics.leaderElection(leaderElection.lease.name) });
}

/** One server per address; an address used for both carries all paths. A replica that stands by is as ready as the one that leads. */
async function serveEndpoints({ metricsAddress, healthAddress, metrics, log }: OperatorOptions, view: View, elector: LeaderElector | undefined): Promise<RunningEndpoints[]> {
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
