// `mcp-operator run`: from flags and environment to the running operator, and how it ends.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { inspect } from 'node:util';
import type { Logger } from 'pino';
import type { BridgeBy } from '../../../charts/settings.ts';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect, type ConnectOptions } from '../../../kubernetes/connect.ts';
import type { Connection } from '../../../kubernetes/connection.ts';
import { runOperator } from '../../operator.ts';
import { onAbort, UnfinishedError } from '../../runtime/ending.ts';
import { parseBindAddress } from '../../runtime/http-endpoints.ts';
import { LeaseLostError } from '../../runtime/leader-election.ts';
import { createLogger, type LogLevel } from '../../runtime/log.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import type { LastWords } from '../../status/trouble.ts';
import { podExchange, type PodAccess } from '../../verification/pod-access.ts';
import type { Surroundings } from '../surroundings.ts';
import { isUserError, UserError } from '../user-error.ts';

/** The flags of the command. */
export interface RunFlags {
  readonly kubeconfig?: string;
  readonly namespace: readonly string[];
  readonly watchLabelSelector?: string;
  readonly metricsBindAddress: string;
  readonly metricsMaxServers: number;
  readonly healthProbeBindAddress: string;
  readonly maxConcurrentReconciles: number;
  readonly maxConcurrentHandshakes: number;
  readonly podAccess: PodAccess;
  readonly lastWords: LastWords;
  readonly bridgeImage: string;
  readonly bridgeBy: BridgeBy;
  readonly leaderElect?: true;
  readonly leaderElectResourceName: string;
  readonly leaderElectResourceNamespace?: string;
  readonly logLevel: LogLevel;
}

const USER_AGENT = 'mcp-operator';

/** What ends the operator: `abandon` aborts, after `stop`, when what runs is not to be waited for. */
interface Ends {
  readonly stop: AbortController;
  readonly abandon: AbortController;
}

/**
 * Runs the operator until `stop` aborts, and ends the process: with 0, or with 1 when it did not run or end as it should.
 * Rejects with what isUserError tells, before anything was written.
 */
export async function run(flags: RunFlags, { env, stderr, stop, exit }: Surroundings): Promise<never> {
  const log = createLogger({ level: flags.logLevel });
  const ends: Ends = { stop: new AbortController(), abandon: new AbortController() };
  onAbort(stop, () => {
    log.info({ signal: stop.reason as string }, 'stopping');
    ends.stop.abort();
  });
  process.on('uncaughtException', (error) => {
    tellDefect(error, { log, stderr });
    // What is half done is no longer to be trusted, but another replica need not wait for the lease.
    ends.stop.abort();
    ends.abandon.abort();
  });
  try {
    await operate(flags, { env, log, ends });
  } catch (error) {
    if (isUserError(error)) throw error;
    if (error instanceof LeaseLostError || error instanceof UnfinishedError) log.error(error.message);
    else tellDefect(error, { log, stderr });
    // Another replica may be working by now, so whatever still runs here ends unfinished.
    return exit(1);
  }
  log.info('stopped');
  // At once: a process that ends by itself takes its signal handlers down first, and a second signal would kill it.
  return exit(ends.abandon.signal.aborted ? 1 : 0);
}

/** With its stack trace, whatever the level of the log. */
function tellDefect(error: unknown, { log, stderr }: Pick<Surroundings, 'stderr'> & { readonly log: Logger }): void {
  if (log.isLevelEnabled('fatal')) log.fatal({ err: error }, 'the operator failed');
  else stderr.write(`${inspect(error)}\n`);
}

interface Running extends Pick<Surroundings, 'env'> {
  readonly log: Logger;
  readonly ends: Ends;
}

async function operate(flags: RunFlags, { env, log, ends: { stop, abandon } }: Running): Promise<void> {
  const ended = new Promise<undefined>((resolve) => onAbort(stop.signal, () => resolve(undefined)));
  // A credential plugin may take as long as it likes.
  const connecting: ConnectOptions = { kubeconfig: flags.kubeconfig, env };
  // The thread of the election runs one of its own, which would complain of the same.
  const onComplaint: ConnectOptions['onComplaint'] = (complaint) => log.debug(complaint, 'a credential plugin complained');
  const connection = await Promise.race([ended, connect({ ...connecting, onComplaint })]);
  if (connection === undefined) return;
  const metrics = createMetrics();
  const onRequest = metrics.request(new URL(connection.server).host);
  const lease = leaseOf(flags, connection);
  const identity = `${hostname()}_${randomUUID()}`;
  const leaderElection = lease && { connect: connecting, userAgent: `${USER_AGENT}/leader-election`, onRequest, lease, identity };
  const client = new KubernetesClient(connection, { userAgent: USER_AGENT, onRequest });
  log.info({ server: connection.server, inCluster: connection.inCluster }, 'starting');
  const { namespace: namespaces, watchLabelSelector: labelSelector, metricsMaxServers, lastWords, bridgeImage, bridgeBy } = flags;
  const { maxConcurrentReconciles, maxConcurrentHandshakes } = flags;
  const exchangeFor = podExchange(flags.podAccess, client);
  const metricsAddress = parseBindAddress(flags.metricsBindAddress);
  const healthAddress = parseBindAddress(flags.healthProbeBindAddress);
  const serving = { client, namespaces, labelSelector, metricsAddress, healthAddress, metrics, metricsMaxServers, log };
  const settings = { bridgeImage, bridgeBy };
  const working = { maxConcurrentReconciles, maxConcurrentHandshakes, lastWords, settings, exchangeFor, leaderElection };
  await runOperator({ ...serving, ...working, abandon: abandon.signal }, stop.signal);
}

/** The Lease that this replica competes for, if it does. */
function leaseOf(flags: RunFlags, connection: Connection): { namespace: string; name: string } | undefined {
  if (flags.leaderElect === undefined) return undefined;
  const namespace = flags.leaderElectResourceNamespace ?? (connection.inCluster ? connection.namespace : undefined);
  if (namespace === undefined) throw new UserError('--leader-elect needs --leader-elect-resource-namespace NAME outside a cluster, to know where its Lease is');
  return { namespace, name: flags.leaderElectResourceName };
}
