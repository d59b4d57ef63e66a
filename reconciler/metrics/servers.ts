// The metrics of each MCPServer: its status as the cache has it, its replicas, its last handshake and its name, read at each scrape.
import { CONDITION_TYPES, type Condition } from '../../charts/api/status.ts';
import { plain } from '../../kubernetes/text.ts';
import type { DeploymentObject, MCPServerObject } from '../kinds.ts';
import type { Family, Sample, Source } from '../runtime/exposition.ts';
import type { Pass } from '../verification/observation.ts';
import { idOf } from '../view/view.ts';

/** Of more MCPServers than this only those are shown that are not Ready, unless told otherwise. */
export const DEFAULT_MAX_SERVERS = 5000;
/** Characters of a name or version that a server gives itself. */
const MAX_TEXT = 100;

const OF_SERVER = ['namespace', 'name'];
const VALUES = { True: 1, False: 0, Unknown: -1 } as const;
const OURS: ReadonlySet<string> = new Set(CONDITION_TYPES);
const NONE: readonly Sample[] = [];

/** How many there are, whether they are shown or not. */
const TOTAL: Family = {
  name: 'mcp_operator_servers', help: 'MCPServers by the status of their condition Ready.', labels: ['ready'],
};

/** What is known of MCPServers. */
export interface ServersSource {
  /** All there are; undefined while this process does not lead. */
  readonly servers: () => readonly MCPServerObject[] | undefined;
  /** Its Deployment, where something else than the spec says how many pods there are. */
  readonly deployment: (server: MCPServerObject) => DeploymentObject | undefined;
  /** By `namespace/name`. */
  readonly lastPass: (key: string) => Pass | undefined;
  /** Of more than so many only those are shown that are not Ready. */
  readonly maxServers: number;
}

/** A metric of each MCPServer. */
interface Shown extends Family {
  readonly read: (server: MCPServerObject, source: ServersSource) => readonly Sample[];
}

const FAMILIES: readonly Shown[] = [
  {
    name: 'mcp_operator_server_condition', labels: [...OF_SERVER, 'type'],
    help: 'Conditions in the status of the MCPServer: 1 True, 0 False, -1 Unknown. Those the status does not have are not there.',
    read: ({ metadata: { namespace, name }, status }) => (status?.conditions ?? []).filter(isOurs)
      .map(({ type, status: value }): Sample => [VALUES[value], namespace, name, type]),
  },
  {
    name: 'mcp_operator_server_wanted_replicas', labels: OF_SERVER,
    help: 'Pods the MCPServer should have: as its spec says, or who else scales it.',
    read: (server, { deployment }) => one(server, isManaged(server) ? (server.spec.replicas ?? 1) : deployment(server)?.spec.replicas),
  },
  {
    name: 'mcp_operator_server_ready_replicas', labels: OF_SERVER,
    help: 'Pods of the MCPServer that are ready, as its status says.',
    read: (server) => one(server, server.status?.readyReplicas),
  },
  {
    name: 'mcp_operator_server_last_passed_handshake_timestamp_seconds', labels: OF_SERVER,
    help: 'When an MCP handshake with the MCPServer last passed, in seconds since 1970. Not there before the first one, and while no pod serves.',
    read: (server, { lastPass }) => one(server, atOf(lastPass(idOf(server.metadata)))),
  },
  {
    name: 'mcp_operator_server_handshake_latency_seconds', labels: OF_SERVER,
    help: 'How long the last MCP handshake with the MCPServer took that passed.',
    read: (server, { lastPass }) => one(server, lastPass(idOf(server.metadata))?.seconds),
  },
  {
    name: 'mcp_operator_server_info', labels: [...OF_SERVER, 'server_name', 'server_version'],
    help: 'Always 1: the name and version that the server behind the MCPServer gives itself, as its status has them.',
    read: ({ metadata: { namespace, name }, status }) => {
      if (status?.server === undefined) return NONE;
      const { name: title = '', version = '' } = status.server;
      return [[1, namespace, name, plain(title, MAX_TEXT), plain(version, MAX_TEXT)]];
    },
  },
];

/** The metrics of all MCPServers. Their number is that of MCPServers times a constant, whatever servers and users say. */
export function serverMetrics(source: ServersSource): Source {
  return {
    families: [TOTAL, ...FAMILIES],
    *read() {
      const all = source.servers();
      if (all === undefined) return;
      const shown = all.length > source.maxServers ? all.filter((server) => readiness(server) !== 'True') : all;
      yield [TOTAL, totals(all)];
      for (const family of FAMILIES) yield [family, samples(shown, family, source)];
    },
  };
}

function* samples(servers: readonly MCPServerObject[], { read }: Shown, source: ServersSource): Generator<Sample> {
  for (const server of servers) yield* read(server, source);
}

function totals(servers: readonly MCPServerObject[]): Sample[] {
  const counts = { True: 0, False: 0, Unknown: 0 };
  for (const server of servers) counts[readiness(server)] += 1;
  return Object.entries(counts).map(([ready, count]) => [count, ready]);
}

function readiness({ status }: MCPServerObject): keyof typeof VALUES {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
}

/** Others may add conditions of their own, of as many types as they like. */
function isOurs({ type }: Condition): boolean {
  return OURS.has(type);
}

function isManaged({ spec: { scaling, autoscaling } }: MCPServerObject): boolean {
  return scaling !== 'External' && autoscaling === undefined;
}

function one({ metadata: { namespace, name } }: MCPServerObject, value: number | undefined): readonly Sample[] {
  return value === undefined ? NONE : [[value, namespace, name]];
}

function atOf(pass: Pass | undefined): number | undefined {
  return pass && pass.at.getTime() / 1000;
}
