#!/usr/bin/env node
// The operator's command line: reads arguments and environment, starts what was asked for, ends it on a signal.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { InvalidMCPServerError } from '../charts/api/resource.ts';
import packageJson from '../package.json' with { type: 'json' };
import { KubernetesClient } from '../kubernetes/client.ts';
import { connect, NoCredentialsError } from '../kubernetes/connect.ts';
import { KubeconfigError } from '../kubernetes/kubeconfig-error.ts';
import { runOperator } from './operator.ts';
import { parseBindAddress } from './runtime/http-endpoints.ts';
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
  readonly logLevel: LogLevel;
}

const RUN_HELP = `
Credentials, strongest first: --kubeconfig, the environment variable KUBECONFIG, the service account of the pod.
Ends on SIGTERM or SIGINT: takes no more work, finishes what runs, exits with 0.`;

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
  const client = new KubernetesClient(connection, { userAgent: 'mcp-operator', onRequest: metrics.request(new URL(connection.server).host) });
  log.info({ server: connection.server, inCluster: connection.inCluster }, 'starting');
  const { namespace: namespaces, maxConcurrentReconciles } = flags;
  const exchangeFor = podExchange(flags.podAccess, client);
  const metricsAddress = parseBindAddress(flags.metricsBindAddress);
  const healthAddress = parseBindAddress(flags.healthProbeBindAddress);
  await runOperator({ client, namespaces, metricsAddress, healthAddress, maxConcurrentReconciles, exchangeFor, metrics, log }, stop.signal);
  log.info('stopped');
  // At once: a process that ends by itself takes its signal handlers down first, and a second signal would kill it.
  process.exit();
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
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be the name of one namespace.');
  return [...previous, value];
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
