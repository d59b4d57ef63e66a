// The Kubernetes MCP server's command line: from flags and environment to one transport that is served until it is to stop.
import { Command } from 'commander';
import { pino, type Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { createCatalog, type CatalogOptions } from './catalog.ts';
import type { PluginComplaint } from '../kubernetes/kubeconfig.ts';
import { openCluster } from './cluster/api.ts';
import { createLogger } from './log.ts';
import { readSettings, SettingsError, type Flags, type Settings } from './settings.ts';
import { readTracing } from './tracing/settings.ts';
import { CallTurns } from './transports/call-turns.ts';
import type { Tracing } from './tracing/port.ts';

/** What the system was asked when it says that an address cannot be used. */
const LISTENING = new Set(['listen', 'getaddrinfo']);

/** How long requests that are being answered may hold up the end of the process. */
const DRAIN_MS = 10_000;

const HELP = `
Environment (a flag is stronger, the config file weaker):
  MCP_TRANSPORT         as --transport
  MCP_HOST, MCP_PORT    as --host, --port
  KUBECONFIG            as --kubeconfig; in a pod its service account is used
  MCP_ALLOWED_HOSTS     further host names to answer to, separated by commas
  MCP_ALLOWED_ORIGINS   web origins that may call, separated by commas
  MCP_CONFIG_FILE       JSON object of strings with any of the following keys
  MCP_SERVER_NAME       display name shown to clients
  LOG_LEVEL             trace, debug, info (default), warn, error, fatal, silent
  ENABLE_METRICS        true: Prometheus metrics on /metrics
  RATE_LIMIT_REQUESTS   requests per minute and client address; 0 (default): no limit

Traces (OpenTelemetry's variables, of the environment alone; off while there is no endpoint):
  OTEL_EXPORTER_OTLP_ENDPOINT   URL of a collector that takes OTLP by http/protobuf; for traces alone with TRACES_ before ENDPOINT
  OTEL_SERVICE_NAME             name of the service (default: kubernetes-mcp-server)
  OTEL_TRACES_SAMPLER           which traces are sent (default: parentbased_always_on)
  OTEL_SDK_DISABLED             true: off`;

const program = new Command('mcp-server')
  .description('Lets MCP clients read and change a Kubernetes cluster, over stdio or Streamable HTTP.')
  .version(packageJson.version)
  .option('--transport <name>', 'stdio or streamable-http (http means the same) (default: stdio)')
  .option('--host <address>', 'address to listen on (default: 127.0.0.1; in a pod all addresses)')
  .option('--port <number>', 'port to listen on, 0 for any free one (default: 3001)')
  .option('--kubeconfig <file>', 'credentials of the cluster (default: KUBECONFIG, else the service account of the pod)')
  .addHelpText('after', HELP)
  .allowExcessArguments(false);

/** What the process gives: its arguments, its environment, and a signal with the name of the one that ends it. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stop: AbortSignal;
}

/** Serves what the arguments say. Mistakes of users end the process with one sentence; rejects for defects only. */
export async function runCommandLine(surroundings: Surroundings): Promise<void> {
  try {
    await run(surroundings);
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (error instanceof SettingsError) program.error(`error: ${error.message}`);
    if (syscall !== undefined && LISTENING.has(syscall)) program.error(`error: cannot listen: ${(error as Error).message}`);
    throw error;
  }
}

async function run({ argv, env, stop: stopped }: Surroundings): Promise<void> {
  const flags = program.parse(argv).opts<Flags>();
  const settings = readSettings(flags, env);
  const traces = readTracing(env);
  // Standard output belongs to the protocol.
  const log = createLogger(settings.logLevel, pino.destination({ dest: 2, sync: true }));
  if (settings.unknownKeys.length > 0) log.warn({ at: settings.unknownKeys }, 'the config file has keys that mean nothing to the Kubernetes MCP server');
  const onComplaint = (complaint: PluginComplaint): void => log.debug(complaint, 'a credential plugin complained');
  const tracing = traces === undefined ? undefined : (await import('./tracing/otlp.ts')).startTracing(traces, log);
  const cluster = openCluster({ kubeconfig: flags.kubeconfig, env, onComplaint, onRequest: tracing?.onRequest });
  const { admit } = new CallTurns();
  const options = { cluster, log, title: settings.title, admit: tracing?.timed(admit) ?? admit, traceIds: tracing?.ids, tracing };
  const started = settings.transport === 'stdio' ? serveStdio(options) : serveHttp(options, settings);
  const end = endOnce(log, async () => {
    const { stop } = await started;
    const complete = await stop(DRAIN_MS);
    await tracing?.stop();
    cluster.close();
    return complete;
  });
  if (stopped.aborted) end(String(stopped.reason));
  else stopped.addEventListener('abort', () => end(String(stopped.reason)), { once: true });
  const { gone } = await started;
  void gone?.then(() => end('the client closed the connection'));
}

interface Serving {
  /** Resolves when the only client is gone; absent when others may come. */
  readonly gone?: Promise<void>;
  /** Resolves to false when something had to be cut off. */
  readonly stop: (deadlineMs: number) => Promise<boolean>;
}

/** What is served, over whichever transport. */
interface ServingOptions extends CatalogOptions {
  readonly tracing: Tracing | undefined;
}

async function serveStdio({ tracing, ...options }: ServingOptions): Promise<Serving> {
  const { startStdioServer } = await import('./transports/stdio.ts');
  const onError = (error: Error): void => options.log.warn({ err: error }, 'protocol error');
  const server = startStdioServer({ catalog: createCatalog(options), onError, tracing });
  options.log.info({ transport: 'stdio' }, 'serving MCP');
  return server;
}

/** Parts that only HTTP needs are loaded only for it: over stdio a client waits for the start. */
async function serveHttp({ tracing, ...options }: ServingOptions, settings: Settings): Promise<Serving> {
  const { startHttpServer } = await import('./transports/http.ts');
  const { readinessOf } = await import('./cluster/api-server-readiness.ts');
  const metrics = settings.metrics ? (await import('./transports/request-metrics.ts')).createMetrics() : undefined;
  // Whoever reaches the port may ask.
  const catalog = createCatalog({ ...options, onCall: metrics?.onCall, tellsDetails: false });
  const { cluster, log } = options;
  const server = await startHttpServer({ catalog, settings, readiness: readinessOf(cluster, { log }), log, metrics, tracing });
  options.log.info({ transport: 'streamable-http', host: settings.host ?? 'all addresses', port: server.port, path: '/mcp' }, 'serving MCP');
  return server;
}

/** Ends the process the first time it is called; a repeated signal changes nothing. */
function endOnce(log: Logger, stop: () => Promise<boolean>): (reason: string) => void {
  let ending = false;
  return (reason) => {
    if (ending) return;
    ending = true;
    log.info({ reason }, 'stopping');
    stop().then(
      (complete) => {
        if (!complete) log.warn(`requests were cut off after ${DRAIN_MS} ms`);
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
}
