#!/usr/bin/env node
// The operator's command line: reads arguments and environment, starts what was asked for, ends it on a signal.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InvalidMCPServerError } from '../charts/api/resource.ts';
import packageJson from '../package.json' with { type: 'json' };
import { KubernetesClient, type ClientOptions } from '../kubernetes/client.ts';
import { connect, NoCredentialsError } from '../kubernetes/connect.ts';
import type { Connection } from '../kubernetes/connection.ts';
import { KubeconfigError } from '../kubernetes/kubeconfig-error.ts';
import { runOperator, type OperatorOptions } from './operator.ts';
import { parseBindAddress } from './runtime/http-endpoints.ts';
import { LeaseLostError } from './runtime/leader-election.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from './runtime/log.ts';
import { createMetrics } from './runtime/metrics.ts';
import { POD_ACCESS, podExchange, type PodAccess } from './verification/pod-access.ts';

interface RunFlags {
  readonly kubeconfig?: string;
  readonly namespace: readonly string[];
  readonly metricsBindAddress: string;
  readonly healthProbeBindAddress: string;
  readonly maxConcurrentReconciles: number;
  readonly podAccess: PodAccess;
  readonly leaderElect?: true;
  readonly leaderElectResourceName: string;
  readonly leaderElectResourceNamespace?: string;
  readonly logLevel: LogLevel;
}

const USER_AGENT = 'mcp-operator';

const RUN_HELP = `
Credentials, strongest first: --kubeconfig, the environment variable KUBECONFIG, the service account of the pod.
Ends on SIGTERM or SIGINT: takes no more work, finishes what runs, exits with 0.
With --leader-elect of all replicas one works and the others stand by, ready to take over: at once when it ends on a signal,
up to 20 seconds after its last sign of life otherwise. A replica that loses the lease ends at once, with exit code 1.`;

const RENDER_HELP = `
Needs no cluster. The output is what \`cdk8s synth\` writes for the same MCPServer, and what the operator applies
apart from owner references and its own annotations.`;

const program = new Command('mcp-operator').description('Runs Model Context Protocol (MCP) servers on Kubernetes.').version(packageJson.version);

program
  .command('run')
  .description('run the operator: watch MCPServers and keep what they describe running')
  .option('--kubeconfig <file>', 'credentials of the cluster')
  .option('--namespace <name>', 'watch only this namespace; may be repeated; default: all', collect, [])
  .addOption(address('--metrics-bind-address <address>', 'HOST:PORT of /metrics, 0 to switch it off', '127.0.0.1:8080'))
  .addOption(address('--health-probe-bind-address <address>', 'HOST:PORT of /healthz and /readyz, 0 to switch it off', '127.0.0.1:8081'))
  .option('--max-concurrent-reconciles <number>', 'MCPServers worked on at the same time', positiveInteger, 4)
  .addOption(new Option('--pod-access <way>', 'how pods are reached to verify them; auto: direct in a cluster, api-server outside').choices(POD_ACCESS).default('auto'))
  .option('--leader-elect', 'work only while holding a Lease, so that several replicas can run')
  .addOption(new Option('--leader-elect-resource-name <name>', 'name of the Lease').argParser(objectName).default('mcp-operator'))
  .addOption(new Option('--leader-elect-resource-namespace <name>', 'namespace of the Lease; default: that of the pod').argParser(namespaceName))
  .addOption(new Option('--log-level <level>', 'least severe level that is logged').choices(LOG_LEVELS).default('info'))
  .addHelpText('after', RUN_HELP)
  .action(run);

program
  .command('render')
  .description('print the objects the operator would apply for the MCPServers in a file')
  .requiredOption('-f, --filename <file>', 'YAML file with MCPServers; - for standard input')
  .addHelpText('after', RENDER_HELP)
  .action(async ({ filename }: { filename: string }) => {
    const [source, name] = filename === '-' ? [await text(process.stdin), 'standard input'] : [await readFile(filename, 'utf8'), filename];
    // Loaded on use: the running operator reads no YAML.
    const { renderDocuments } = await import('./commands/render.ts');
    process.stdout.write(renderDocuments(source, name));
  });

async function run(flags: RunFlags): Promise<void> {
  const log = createLogger({ level: flags.logLevel });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A second signal means the same: Ctrl-C arrives twice through npm.
      if (!stop.signal.aborted) log.info({ signal }, 'stopping');
      stop.abort();
    });
  }
  const connection = await connect({ kubeconfig: flags.kubeconfig, env: process.env });
  const metrics = createMetrics();
  const clientOptions = { userAgent: USER_AGENT, onRequest: metrics.request(new URL(connection.server).host) };
  const leaderElection = electionOf(flags, connection, clientOptions);
  const client = new KubernetesClient(connection, clientOptions);
  log.info({ server: connection.server, inCluster: connection.inCluster }, 'starting');
  const { namespace: namespaces, maxConcurrentReconciles } = flags;
  const exchangeFor = podExchange(flags.podAccess, client);
  const metricsAddress = parseBindAddress(flags.metricsBindAddress);
  const healthAddress = parseBindAddress(flags.healthProbeBindAddress);
  try {
    await runOperator({ client, namespaces, metricsAddress, healthAddress, maxConcurrentReconciles, exchangeFor, leaderElection, metrics, log }, stop.signal);
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    log.error(error.message);
    // Another replica may be working by now, so whatever still runs here ends unfinished.
    process.exit(1);
  }
  log.info('stopped');
  // At once: a process that ends by itself takes its signal handlers down first, and a second signal would kill it.
  process.exit();
}

/** What `runOperator` needs for an election, with connections of its own: a renewal must not wait for a busy pool. */
function electionOf(flags: RunFlags, connection: Connection, clientOptions: ClientOptions): OperatorOptions['leaderElection'] {
  if (flags.leaderElect === undefined) return undefined;
  const namespace = flags.leaderElectResourceNamespace ?? (connection.inCluster ? connection.namespace : undefined);
  if (namespace === undefined) throw new Error('--leader-elect needs --leader-elect-resource-namespace NAME outside a cluster, to know where its Lease is');
  const client = new KubernetesClient(connection, { ...clientOptions, userAgent: `${USER_AGENT}/leader-election`, maxSockets: 2 });
  return { client, lease: { namespace, name: flags.leaderElectResourceName }, identity: `${hostname()}_${randomUUID()}` };
}

function address(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description)
    .argParser((value: string) => {
      try {
        parseBindAddress(value);
        return value;
      } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
      }
    })
    .default(fallback);
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, namespaceName(value)];
}

function namespaceName(value: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be the name of one namespace.');
  return value;
}

function objectName(value: string): string {
  if (value.length > 253 || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be a name an object can have: small letters, digits, - and .');
  return value;
}

function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

/** Mistakes a user can mend are one sentence; anything else is a defect and keeps its stack. */
function isUserError(error: unknown): error is Error {
  const code = (error as NodeJS.ErrnoException).code;
  return error instanceof NoCredentialsError || error instanceof KubeconfigError || error instanceof InvalidMCPServerError || code !== undefined || (error instanceof Error && error.constructor === Error);
}

program.parseAsync().catch((error: unknown) => {
  if (isUserError(error)) program.error(`error: ${error.message}`);
  throw error;
});
