// The bridge as a whole: its two ports, its sessions, and the processes behind them; from the start to the end of it all.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundConnections } from '../transports/connections.ts';
import { drainHttpServer } from '../transports/http-drain.ts';
import { createEndpoint } from './endpoint.ts';
import { createHealthServer } from './health.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { Pool } from './pool.ts';
import { Prober, type ProberOptions } from './prober.ts';
import { Readiness } from './readiness.ts';
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

export interface BridgeOptions {
  readonly settings: Settings;
  /** The environment of the server's processes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
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
  const parts = createParts(options);
  const server = createServer(TIMEOUTS);
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
      const complete = await drainHttpServer(server, settings.drainMs);
      await parts.stop();
      health.closeAllConnections();
      await new Promise<void>((resolve) => void health.close(() => resolve()));
      return complete;
    },
  };
}

/** Everything behind the ports. */
function createParts({ settings, env, log }: BridgeOptions) {
  const isShared = settings.sessions === 'Shared';
  const metrics = new Metrics();
  metrics.watch({ name: 'process_resident_memory_bytes', help: 'Resident memory of the bridge.', read: () => process.memoryUsage.rss() });
  const readiness = new Readiness(metrics);
  const warm = (): number => (isShared ? 0 : Math.min(settings.warm, sessions.room));
  const pool: Pool = new Pool({ ...settings, env, log, metrics, readiness, warm });
  const common = { settings, pool, readiness, log, metrics };
  const sessions = new Sessions(common);
  const standing = {
    stateless: new StandingChild({ ...common, era: 'stateless', isNeeded: false }),
    sessions: new StandingChild({ ...common, era: 'sessions', isNeeded: isShared }),
  };
  const keep: ProberOptions['keep'] = (child, introduction) => {
    if (!isShared && introduction.era === 'sessions') return false;
    standing[introduction.era].adopt(child, introduction);
    return true;
  };
  const prober = new Prober({ ...common, keep });
  let isDraining = false;
  return {
    metrics,
    readiness,
    sessions: isShared ? new SharedService(standing.sessions) : new PerSessionService(sessions, () => isDraining),
    stateless: new Stateless({ ...common, prober, sessions, standing }),
    isDraining: () => isDraining,
    start: () => prober.start(),
    drain(): void {
      isDraining = true;
      readiness.drain();
      sessions.stopListening();
    },
    async stop(): Promise<void> {
      prober.stop();
      standing.stateless.stop();
      standing.sessions.stop();
      sessions.stop();
      await pool.stop();
    },
  };
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
