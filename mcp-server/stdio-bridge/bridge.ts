// The bridge as a whole: its two ports, its sessions, and the processes behind them; from the start to the end of it all.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { boundConnections } from '../transports/connections.ts';
import { drainHttpServer } from '../transports/http-drain.ts';
import { createEndpoint } from './endpoint.ts';
import { createHealthServer } from './health.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { Peers } from './peers.ts';
import { systemLookup, type Lookup } from './peer-addresses.ts';
import { Program } from './packages/program.ts';
import { OperatorPlace } from './operator-place.ts';
import { Pool } from './pool.ts';
import { Prober, type ProberOptions } from './prober.ts';
import { Readiness } from './readiness.ts';
import { Recollection } from './recollection.ts';
import { PerSessionService } from './session-service.ts';
import { Sessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { SharedService } from './shared-service.ts';
import { StandingChild } from './standing-child.ts';
import { Stateless } from './stateless-service.ts';

/** Bounds slow clients; idle connections outlive the usual 60 s of proxies, so that those close first and lose no request. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5000 };
/** Connections the system keeps until they are accepted. */
const BACKLOG = 4096;
/** So often it is seen whether all is answered. */
const STEP_MS = 50;

export interface BridgeOptions {
  readonly settings: Settings;
  /** The environment of the server's processes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Asks for the addresses of other replicas: the system, unless said otherwise. */
  readonly lookup?: Lookup;
}

/** A bridge that serves. */
export interface Bridge {
  readonly port: number;
  readonly healthPort: number;
  /** Answers what is being asked, for so long as the settings say, then ends all. Resolves to whether nothing was cut off. */
  stop(): Promise<boolean>;
}

/** Starts the bridge. Rejects with the system's error when an address cannot be used. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { settings } = options;
  const server = createServer(TIMEOUTS);
  const parts = createParts(options, () => portOf(server));
  const connections = boundConnections(server, createEndpoint({ settings, ...parts }));
  parts.metrics.watch({ name: 'mcp_bridge_connections', help: 'Open connections to the MCP port.', read: connections });
  const health = createHealthServer(parts.readiness, parts.metrics);
  await listen(health, settings.healthPort, settings.host);
  try {
    await listen(server, settings.port, settings.host);
  } catch (error) {
    health.close();
    await parts.stop();
    throw error;
  }
  parts.start();
  return {
    port: portOf(server),
    healthPort: portOf(health),
    async stop() {
      parts.drain();
      const end = performance.now() + settings.drainMs;
      if (parts.hasPeers) await untilAnswered(server, parts.openRequests, end);
      const complete = await drainHttpServer(server, Math.max(0, end - performance.now()));
      await parts.stop();
      health.closeAllConnections();
      await new Promise<void>((resolve) => void health.close(() => resolve()));
      return complete;
    },
  };
}

/** Everything behind the ports. */
function createParts({ settings, env, log, lookup = systemLookup }: BridgeOptions, port: () => number) {
  const isShared = settings.sessions === 'Shared';
  const metrics = new Metrics();
  metrics.watch({ name: 'process_resident_memory_bytes', help: 'Resident memory of the bridge.', read: () => process.memoryUsage.rss() });
  const readiness = new Readiness(metrics);
  const program = new Program({
    written: { ...settings, env },
    packages: settings.packages,
    timeoutMs: settings.startupTimeoutMs,
    log,
    onInstall: (sentence) => readiness.prepares(sentence),
  });
  const endsIdle = settings.idleChildren === 'End';
  const warm = (): number => (isShared || endsIdle ? 0 : Math.min(settings.warm, sessions.room));
  const pool: Pool = new Pool({ ...settings, env, launch: () => program.launch(), log, metrics, readiness, warm });
  const common = { settings, pool, readiness, log, metrics };
  const sessions = new Sessions(common);
  const operator = new OperatorPlace(common);
  const standing = {
    stateless: new StandingChild({ ...common, era: 'stateless', isNeeded: false }),
    sessions: new StandingChild({ ...common, era: 'sessions', isNeeded: isShared && !endsIdle }),
  };
  const recollection = endsIdle ? new Recollection(common) : undefined;
  const keep: ProberOptions['keep'] = (child, introduction) => {
    if (recollection !== undefined) {
      standing[introduction.era].succeeded();
      return recollection.take(child, introduction).then(() => true);
    }
    if (!isShared && introduction.era === 'sessions') return false;
    standing[introduction.era].adopt(child, introduction);
    return true;
  };
  const prober = new Prober({ ...common, keep });
  const { address } = settings;
  const hasPeers = !isShared && settings.peers.length > 0 && address !== undefined;
  const peers = hasPeers ? new Peers({ ...common, settings: { ...settings, address }, lookup, port }) : undefined;
  let isDraining = false;
  return {
    metrics,
    readiness,
    recollection,
    sessions: isShared ? new SharedService(standing.sessions) : new PerSessionService(sessions, operator, () => isDraining),
    stateless: new Stateless({ ...common, prober, sessions, standing }),
    peers,
    hasPeers,
    openRequests: () => sessions.open,
    isDraining: () => isDraining,
    start: () => prober.start(),
    drain(): void {
      isDraining = true;
      readiness.drain();
      sessions.stopListening();
      peers?.stopListening();
    },
    async stop(): Promise<void> {
      program.stop();
      prober.stop();
      standing.stateless.stop();
      standing.sessions.stop();
      sessions.stop();
      peers?.stop();
      operator.stop();
      await pool.stop();
    },
  };
}

/** While something is being answered, what belongs to it comes through other replicas, over connections that are yet to be opened. */
async function untilAnswered(server: Server, open: () => number, end: number): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('Connection', 'close'));
  while (open() > 0 && performance.now() < end) await delay(STEP_MS);
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
