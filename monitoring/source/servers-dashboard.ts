// The dashboard of MCPServers: how many are Ready, which are not and why, and how that changes.
import { dashboardFile, type Variable } from './dashboard.ts';
import { BAD_WHEN_TRUE, GOOD_WHEN_TRUE, lines, stat, table, timeline, type CellLink, type Column } from './panels.ts';
import { OPERATOR, SERVERS } from './titles.ts';

const BY = 'by (namespace, name)';
const CHOSEN = 'namespace=~"$namespace",name=~"$server"';
/** What must be so before MCP clients can use a server, in the order in which it comes about. */
const NEEDED = ['ConfigurationValid', 'DeploymentReady', 'ServiceReady', 'Verified', 'Available'];

const VARIABLES: readonly Variable[] = [
  { name: 'namespace', label: 'Namespace', of: 'mcp_operator_server_condition', values: 'namespace' },
  { name: 'server', label: 'MCPServer', of: 'mcp_operator_server_condition{namespace=~"$namespace"}', values: 'name' },
];

/** One value for each MCPServer, whichever replica of the operator shows it. */
function each(metric: string, ...matchers: readonly string[]): string {
  return `max ${BY} (mcp_operator_server_${metric}{${[...matchers, CHOSEN].join(',')}})`;
}

function condition(type: string): string {
  return each('condition', `type="${type}"`);
}

/** All of them, also those beyond what is shown of each: of every operator that is scraped, once. */
function totals(by: string, matcher = ''): string {
  return `sum${by} (max by (namespace, ready) (mcp_operator_servers${matcher}))`;
}

const READY = condition('Ready');
const MISSING = `${each('wanted_replicas')} - ${each('ready_replicas')}`;
const SINCE_HANDSHAKE = `time() - ${each('last_passed_handshake_timestamp_seconds')}`;

const GLANCE = [
  stat({
    title: 'MCPServers', what: 'How many there are, in all namespaces that the operator watches.', unit: 'none', width: 4, steps: [['blue']],
    queries: [{ expr: totals(''), legend: 'MCPServers' }],
  }),
  stat({
    title: 'Ready', what: 'The share of them that MCP clients can use as their newest spec says.', unit: 'percentunit', width: 4,
    steps: [['red'], ['orange', 0.7], ['green', 0.95]],
    queries: [{ expr: `${totals('', '{ready="True"}')} / ${totals('')}`, legend: 'Ready' }],
  }),
  stat({
    title: 'Not Ready', what: 'Those of the chosen ones that are not, or of which nobody can tell.', unit: 'none', width: 4, steps: [['green'], ['orange', 1]],
    queries: [{ expr: `count(${READY} < 1) or vector(0)`, legend: 'not Ready' }],
  }),
  stat({
    title: 'Not serving', what: 'Those without any pod that an MCP client can use, though pods are wanted.', unit: 'none', width: 4,
    steps: [['green'], ['red', 1]],
    queries: [{ expr: `count((${condition('Available')} == 0) and on (namespace, name) (${each('wanted_replicas')} > 0)) or vector(0)`, legend: 'not serving' }],
  }),
  stat({
    title: 'Waiting for a human', what: 'Those that the operator cannot help by itself: their condition Stalled says what is in the way.', unit: 'none', width: 4,
    steps: [['green'], ['red', 1]],
    queries: [{ expr: `count(${condition('Stalled')} == 1) or vector(0)`, legend: 'waiting' }],
  }),
  stat({
    title: 'Slowest handshake', what: 'The longest that a last MCP handshake took which passed.', unit: 's', width: 4, steps: [['green'], ['orange', 2], ['red', 8]],
    queries: [{ expr: `max(${each('handshake_latency_seconds')})`, legend: 'slowest' }], empty: 'none passed',
  }),
];

const CELL_LINKS: readonly CellLink[] = [
  {
    column: 'name', title: 'Only this MCPServer',
    url: `/d/${SERVERS.uid}?var-datasource=\${datasource}&var-namespace=\${__data.fields.namespace}&var-server=\${__value.raw}&\${__url_time_range}`,
  },
  {
    column: 'namespace', title: 'All of this namespace',
    url: `/d/${SERVERS.uid}?var-datasource=\${datasource}&var-namespace=\${__value.raw}&var-server=$__all&\${__url_time_range}`,
  },
];

/** Each condition of the MCPServers that are not Ready. */
function lacking(type: string): Column {
  const words = type === 'Stalled' ? BAD_WHEN_TRUE : GOOD_WHEN_TRUE;
  return { expr: type === 'Ready' ? `${READY} < 1` : `${condition(type)} and on (namespace, name) (${READY} < 1)`, legend: type, words };
}

const TROUBLES = [
  table({
    title: 'Which are not Ready, and why',
    what: 'The first condition from the left that is not True is what is in the way. What it says, and what to do: mcp-operator explain NAME -n NAMESPACE', unit: 'none',
    width: 24, height: 7, steps: [['blue']], empty: '–',
    queries: [
      ...['Ready', ...NEEDED, 'Stalled'].map(lacking),
      { expr: `(${MISSING}) and on (namespace, name) (${READY} < 1)`, legend: 'replicas missing', steps: [['green'], ['orange', 1]] },
    ],
  }, { links: CELL_LINKS }),
  lines({
    title: 'What they lack', what: 'How many MCPServers have each condition False or Unknown.', unit: 'none', width: 12, steps: [['green'], ['orange', 1]],
    empty: 'nothing is lacking',
    queries: [{ expr: `count by (type) (max by (namespace, name, type) (mcp_operator_server_condition{type=~"${NEEDED.join('|')}",${CHOSEN}}) < 1)`, legend: '{{type}}' }],
  }),
  lines({
    title: 'Handshakes that do not pass', what: 'What the pods answer instead, in the words that the condition Verified has as its reason; of all MCPServers.',
    unit: 'ops', width: 12, steps: [['green'], ['orange', 0.1], ['red', 1]], empty: 'all pass',
    queries: [{ expr: 'sum by (reason) (rate(mcp_operator_handshakes_total{outcome!="Passed"}[$__rate_interval]))', legend: '{{reason}}' }],
  }),
];

const CHANGES = [
  lines({
    title: 'Ready, not Ready, unknown', what: 'How many there are of each status of the condition Ready, in all namespaces.', unit: 'none', width: 12, steps: [['blue']],
    queries: [{ expr: totals(' by (ready)'), legend: 'Ready {{ready}}' }],
  }, { stacked: true }),
  lines({
    title: 'Changes of Ready', what: 'How often MCPServers became Ready or ceased to be. Many, and again and again, are servers that flap.', unit: 'none', width: 12,
    steps: [['green'], ['orange', 10]], empty: 'none',
    queries: [{ expr: `sum by (namespace) (changes(mcp_operator_server_condition{type="Ready",${CHOSEN}}[$__rate_interval]))`, legend: '{{namespace}}' }],
  }, { bars: true }),
  timeline({
    title: 'When they were not Ready', what: 'The condition Ready of those that were not at some time within the last hour.', unit: 'none', width: 24,
    steps: [['red'], ['green', 1]], empty: 'all were, all the time',
    queries: [{
      expr: `${READY} and on (namespace, name) (min ${BY} (min_over_time(mcp_operator_server_condition{type="Ready",${CHOSEN}}[1h])) < 1)`,
      legend: '{{namespace}}/{{name}}',
    }],
  }, GOOD_WHEN_TRUE),
];

const HANDSHAKES = [
  lines({
    title: 'Handshake latency', what: 'How long the last handshake of each MCPServer took that passed: of half of them at most, of 95 %, and of the slowest.', unit: 's',
    width: 8, steps: [['green'], ['orange', 2], ['red', 8]], empty: 'none passed',
    queries: [
      { expr: `quantile(0.5, ${each('handshake_latency_seconds')})`, legend: 'half' },
      { expr: `quantile(0.95, ${each('handshake_latency_seconds')})`, legend: '95 %' },
      { expr: `max(${each('handshake_latency_seconds')})`, legend: 'slowest' },
    ],
  }),
  lines({
    title: 'Since a handshake passed', what: 'The five that were longest not seen to speak MCP. A server is asked every five minutes, unless its spec says otherwise.', unit: 's',
    width: 8, steps: [['green'], ['orange', 400], ['red', 900]], empty: 'none passed',
    queries: [{ expr: `topk(5, ${SINCE_HANDSHAKE})`, legend: '{{namespace}}/{{name}}' }],
  }),
  lines({
    title: 'Replicas', what: 'Pods that should be there, and those that are ready.', unit: 'none', width: 8, steps: [['blue']],
    queries: [{ expr: `sum(${each('wanted_replicas')})`, legend: 'wanted' }, { expr: `sum(${each('ready_replicas')})`, legend: 'ready' }],
  }),
];

const ALL = table({
  title: 'The MCPServers', what: 'Each with its replicas, its last handshake, and the name and version that its server gives itself.', unit: 'none', width: 24, height: 12,
  steps: [['blue']], empty: '–',
  queries: [
    { expr: READY, legend: 'Ready', words: GOOD_WHEN_TRUE },
    { expr: each('ready_replicas'), legend: 'ready' },
    { expr: each('wanted_replicas'), legend: 'wanted' },
    { expr: each('handshake_latency_seconds'), legend: 'handshake', unit: 's', steps: [['green'], ['orange', 2], ['red', 8]] },
    { expr: SINCE_HANDSHAKE, legend: 'since the last one', unit: 's', steps: [['green'], ['orange', 400], ['red', 900]] },
    { expr: `max by (namespace, name, server_name, server_version) (mcp_operator_server_info{${CHOSEN}})`, legend: 'info' },
  ],
}, { hidden: ['Value #F'], renamed: { server_name: 'server', server_version: 'version' }, links: CELL_LINKS });

/** The file. */
export function serversDashboard(): string {
  return dashboardFile({
    ...SERVERS, beside: OPERATOR, variables: VARIABLES,
    what: 'How many MCPServers are Ready, which are not and why, how their handshakes, replicas and Ready change, and each of them in a table.',
    rows: [
      ['At a glance', ...GLANCE],
      ['Which are not Ready, and why', ...TROUBLES],
      ['Changes', ...CHANGES],
      ['Handshakes and replicas', ...HANDSHAKES],
      ['Each of them', ALL],
    ],
  });
}
