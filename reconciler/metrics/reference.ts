// Which metrics an operator has, asked of the code that makes them, and the page about them: docs/metrics.md.
import type { Registry } from 'prom-client';
import { createMetrics } from '../runtime/metrics.ts';
import { exposeBuild } from './build.ts';
import { exposeCaches, exposeReferences, watchRestarts } from './caches.ts';
import { exposeHeld, handshakeCounter } from './handshakes.ts';
import { DEFAULT_MAX_SERVERS, serverMetrics } from './servers.ts';
import { writeCounter } from './writes.ts';

/** A metric. A histogram has `le` on its buckets besides its labels. */
export interface Described {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** What a value counts, or measures; `–` where it says nothing. */
  readonly unit: string;
}

/** All metrics of an operator that elects a leader, on Linux. */
export function describedMetrics(): Described[] {
  const metrics = createMetrics();
  metrics.controller('mcpserver');
  metrics.workQueue('mcpserver');
  metrics.leaderElection('mcp-operator');
  metrics.events();
  for (const add of [exposeBuild, watchRestarts, handshakeCounter, writeCounter]) add(metrics.registry);
  exposeCaches(metrics.registry, () => []);
  for (const add of [exposeReferences, exposeHeld]) add(metrics.registry, () => 0);
  const { families } = serverMetrics({ servers: () => [], deployment: () => undefined, lastPass: () => undefined, maxServers: 1 });
  return [...registered(metrics.registry), ...families.map((family) => ({ ...family, type: 'gauge' }))]
    .map(({ name, type, help, labels }) => ({ name, type, help, labels, unit: unitOf(name) }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function registered(registry: Registry): Omit<Described, 'unit'>[] {
  return registry.getMetricsAsArray().map((metric) => {
    // What prom-client keeps and does not declare.
    const { labelNames } = metric as unknown as { readonly labelNames: readonly string[] };
    return { name: metric.name, help: metric.help, type: String(metric.type), labels: labelNames };
  });
}

function unitOf(name: string): string {
  if (name.endsWith('_info')) return '–';
  if (/_(condition|master_status)$/.test(name)) return 'yes or no';
  if (/_(timestamp|start_time)_seconds$/.test(name)) return 'seconds since 1970';
  return /_(seconds|bytes)(_total)?$/.exec(name)?.[1] ?? 'count';
}

/** A part of the page: the first whose metrics fit has them. */
interface Part {
  readonly title: string;
  readonly text: string;
  readonly has: RegExp;
}

const PARTS: readonly Part[] = [
  {
    title: 'Of each MCPServer',
    text: 'As the status of the MCPServer and the caches have it at the moment of the scrape; what is gone is gone. Only the replica that '
      + `leads shows these. Of more than ${DEFAULT_MAX_SERVERS} MCPServers, or as many as \`--metrics-max-servers\` says, only those are shown that are not Ready; \`mcp_operator_servers\` counts all.`,
    has: /^mcp_operator_server/,
  },
  {
    title: 'Of the operator',
    text: 'What it asks, writes and knows. `cause` says which change explains a write: `Generation`, the MCPServer is new, or its spec changed; '
      + '`Object`, an object, a pod or an endpoint of it changed; `Reference`, a Secret or ConfigMap that it refers to; `Handshake`, what its pods answer; '
      + '`Turn`, its turn to have a newer bridge; `Retry`, what was refused is tried again; `Start`, the operator has just begun to work; `None`, nothing: '
      + 'such writes are needless, and few. A change explains writes for a quarter of an hour, as long as what it leads to is under way.',
    has: /^mcp_operator_/,
  },
  {
    title: 'By the names of controller-runtime and client-go',
    text: 'So that dashboards for operators fit. `controller` and `name` of the queue are `mcpserver`, `name` of the lease is `mcp-operator` unless told otherwise.',
    has: /^(controller_runtime|workqueue|rest_client|leader_election)_/,
  },
  { title: 'Of the process', text: 'On Linux; elsewhere some are missing.', has: /^(process|nodejs)_/ },
];

/** The page. */
export function metricsReference(): string {
  const all = describedMetrics();
  const parts = PARTS.map(({ title, text }) => {
    const rows = all.filter(({ name }) => PARTS.find(({ has }) => has.test(name))?.title === title);
    return `## ${title}\n\n${text}\n\n| metric | type | labels | unit | what it is |\n|---|---|---|---|---|\n${rows.map(rowOf).join('\n')}\n`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

const HEAD = `# Metrics

<!-- Made from reconciler/metrics/reference.ts by npm run generate. -->

What the operator answers at \`/metrics\`. How to scrape it, and which alerts there are, says [monitoring.md](monitoring.md); metrics of the pods are those of
[the stdio bridge](stdio.md) and of the servers themselves. A test compares this page with what a running operator answers.

The number of series is bounded by the number of MCPServers: eleven of each at most while its conditions are the usual six, one more for each that is there only while it
is true, and some hundred of the operator, whatever users and servers say. None is by pod, user or tool.
`;

function rowOf({ name, type, labels, unit, help }: Described): string {
  const listed = labels.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${listed} | ${unit} | ${help.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`;
}
