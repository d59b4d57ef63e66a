// The dashboard of the operator: what it reconciles, asks, writes and needs, and which replica leads.
import { dashboardFile, type Variable } from './dashboard.ts';
import { lines, stat, timeline, type Query, type Words } from './panels.ts';
import { OPERATOR, SERVERS } from './titles.ts';

const CHOSEN = 'namespace=~"$namespace",pod=~"$pod"';
const LEADS: Words = { 1: ['leads', 'green'], 0: ['stands by', 'blue'] };

const VARIABLES: readonly Variable[] = [
  { name: 'namespace', label: 'Namespace of the operator', of: 'mcp_operator_build_info', values: 'namespace' },
  { name: 'pod', label: 'Pod', of: 'mcp_operator_build_info{namespace=~"$namespace"}', values: 'pod' },
];

/** A metric of the chosen pods. */
function of(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${[...matchers, CHOSEN].join(',')}}`;
}

function rate(metric: string, ...matchers: readonly string[]): string {
  return `rate(${of(metric, ...matchers)}[$__rate_interval])`;
}

/** What a metric of processes says of the operator's, whatever else in its namespace is scraped. */
function ofOperator(metric: string): string {
  return `max by (pod) (${of(metric)} and on (namespace, pod) ${of('mcp_operator_build_info')})`;
}

/** How long it took at most in half of the cases, and in 95 %. */
function quantiles(histogram: string, what = ''): Query[] {
  return [[0.5, 'half'], [0.95, '95 %']].map(([quantile, legend]) =>
    ({ expr: `histogram_quantile(${quantile}, sum by (le) (${rate(`${histogram}_bucket`)}))`, legend: `${what}${legend}` }));
}

const FAILING = `sum(${rate('controller_runtime_reconcile_errors_total')}) / sum(${rate('controller_runtime_reconcile_total')})`;

const GLANCE = [
  stat({
    title: 'Leads', what: 'Whether some replica leads: only that one acts. Without election the only one always does.', unit: 'none', width: 4, steps: [['red'], ['green', 1]],
    empty: 'nobody', queries: [{ expr: `max(${of('leader_election_master_status')})`, legend: 'leads' }],
  }, { words: { 1: ['yes', 'green'], 0: ['nobody', 'red'] } }),
  stat({
    title: 'Version', what: 'Of the pods that are scraped; several during an update.', unit: 'none', width: 4, steps: [['blue']],
    queries: [{ expr: `count by (version) (${of('mcp_operator_build_info')})`, legend: '{{version}}' }],
  }, { byName: true }),
  stat({
    title: 'Reconciles that fail', what: 'Without a reason that a status can name.', unit: 'percentunit', width: 4, steps: [['green'], ['orange', 0.02], ['red', 0.1]],
    empty: 'none ran', queries: [{ expr: FAILING, legend: 'fail' }],
  }),
  stat({
    title: 'Waiting MCPServers', what: 'Keys in the queue.', unit: 'none', width: 4, steps: [['green'], ['orange', 11]],
    queries: [{ expr: `max(${of('workqueue_depth', 'name="mcpserver"')})`, legend: 'waiting' }],
  }),
  stat({
    title: 'Needless writes', what: 'Within the last hour, explained by no change. More than twenty, and two for each MCPServer, are too many.', unit: 'none', width: 4,
    steps: [['green'], ['orange', 21]],
    queries: [{ expr: `sum(increase(${of('mcp_operator_writes_total', 'cause="None"')}[1h]))`, legend: 'within an hour' }],
  }),
  stat({
    title: 'Restarts', what: 'Of one pod within the last hour, the most.', unit: 'none', width: 4, steps: [['green'], ['orange', 1], ['red', 3]],
    queries: [{ expr: `max(changes(${of('process_start_time_seconds')}[1h]) and on (namespace, pod) ${of('mcp_operator_build_info')})`, legend: 'most' }],
  }),
];

const RECONCILES = [
  lines({
    title: 'Reconciles', what: 'By what they ended with.', unit: 'ops', width: 8, steps: [['blue']],
    queries: [{ expr: `sum by (result) (${rate('controller_runtime_reconcile_total')})`, legend: '{{result}}' }],
  }, { stacked: true }),
  lines({
    title: 'Length of reconciles', what: 'In half of the cases at most, and in 95 %.', unit: 's', width: 8, steps: [['green'], ['orange', 1], ['red', 10]], empty: 'none ran',
    queries: quantiles('controller_runtime_reconcile_time_seconds'),
  }),
  lines({
    title: 'Workers', what: 'How many reconcile at once. As many as there are for long: raise maxConcurrentReconciles.', unit: 'none', width: 8, steps: [['blue']],
    queries: [
      { expr: `max(${of('controller_runtime_active_workers')})`, legend: 'busy' },
      { expr: `max(${of('controller_runtime_max_concurrent_reconciles')})`, legend: 'all' },
    ],
  }),
];

const QUEUE = [
  lines({
    title: 'Queue', what: 'MCPServers that wait for a worker, by pod of the operator.', unit: 'none', width: 8, steps: [['green'], ['orange', 11]],
    queries: [{ expr: `max by (pod) (${of('workqueue_depth', 'name="mcpserver"')})`, legend: '{{pod}}' }],
  }),
  lines({
    title: 'Waiting and working', what: 'How long MCPServers wait for a worker, how long the work takes, and how old the oldest work in progress is.', unit: 's', width: 8,
    steps: [['green'], ['orange', 60], ['red', 600]],
    queries: [
      { expr: `histogram_quantile(0.95, sum by (le) (${rate('workqueue_queue_duration_seconds_bucket')}))`, legend: 'wait, 95 %' },
      { expr: `histogram_quantile(0.95, sum by (le) (${rate('workqueue_work_duration_seconds_bucket')}))`, legend: 'work, 95 %' },
      { expr: `max(${of('workqueue_longest_running_processor_seconds', 'name="mcpserver"')})`, legend: 'oldest in progress' },
    ],
  }),
  lines({
    title: 'Added and tried again', what: 'Keys that came into the queue, and those of them that failed before.', unit: 'ops', width: 8, steps: [['blue']],
    queries: [{ expr: `sum(${rate('workqueue_adds_total')})`, legend: 'added' }, { expr: `sum(${rate('workqueue_retries_total')})`, legend: 'again' }],
  }),
];

const REQUESTS = [
  lines({
    title: 'API requests', what: 'To the API server, by what it answered.', unit: 'reqps', width: 6, steps: [['blue']],
    queries: [{ expr: `sum by (method, code) (${rate('rest_client_requests_total')})`, legend: '{{method}} {{code}}' }],
  }, { stacked: true }),
  lines({
    title: 'API latency', what: 'Of 95 % of the requests, by verb.', unit: 's', width: 6, steps: [['green'], ['orange', 1], ['red', 5]], empty: 'none sent',
    queries: [{ expr: `histogram_quantile(0.95, sum by (verb, le) (${rate('rest_client_request_duration_seconds_bucket')}))`, legend: '{{verb}}' }],
  }),
  lines({
    title: 'Since the API server was heard', what: 'By kind of object. Of a quiet one it tells within two minutes that the watch lives.', unit: 's', width: 6,
    steps: [['green'], ['orange', 150], ['red', 300]],
    queries: [{ expr: `time() - min by (resource) (${of('mcp_operator_watch_last_event_timestamp_seconds')})`, legend: '{{resource}}' }],
  }),
  lines({
    title: 'Watches begun again', what: 'Lists and watches that failed, by resource and kind of error.', unit: 'ops', width: 6, steps: [['green'], ['orange', 0.1]],
    empty: 'none failed', queries: [{ expr: `sum by (resource, reason) (${rate('mcp_operator_watch_restarts_total')})`, legend: '{{resource}}: {{reason}}' }],
  }),
];

const WRITES = [
  lines({
    title: 'Writes', what: 'By the change that explains them; None: no change does. A fleet at rest has none.', unit: 'wps', width: 8, steps: [['blue']],
    queries: [{ expr: `sum by (cause) (${rate('mcp_operator_writes_total')})`, legend: '{{cause}}' }],
  }, { stacked: true }),
  lines({
    title: 'Applies', what: 'By kind of object and outcome, those that were sent.', unit: 'wps', width: 8, steps: [['blue']], empty: 'none',
    queries: [{ expr: `sum by (kind, outcome) (${rate('mcp_operator_applies_total')}) > 0`, legend: '{{kind}} {{outcome}}' }],
  }, { stacked: true }),
  lines({
    title: 'Events', what: 'What became of the Kubernetes Events that it had to tell.', unit: 'wps', width: 8, steps: [['blue']], empty: 'none',
    queries: [{ expr: `sum by (result) (${rate('mcp_operator_events_total')})`, legend: '{{result}}' }],
  }, { stacked: true }),
];

const HANDSHAKES = [
  lines({
    title: 'Handshakes', what: 'With the pods of MCPServers, by outcome.', unit: 'ops', width: 8, steps: [['blue']], empty: 'none',
    queries: [{ expr: `sum by (outcome) (${rate('mcp_operator_handshakes_total')})`, legend: '{{outcome}}' }],
  }, { stacked: true }),
  lines({
    title: 'Length of handshakes', what: 'In half of the cases at most, and in 95 %, whether they pass or not.', unit: 's', width: 8, steps: [['green'], ['orange', 2], ['red', 8]],
    empty: 'none', queries: quantiles('mcp_operator_handshake_duration_seconds'),
  }),
  lines({
    title: 'Verdicts held back', what: 'MCPServers out of reach whose status stays as it was: so many at once that the operator suspects its own network.', unit: 'none', width: 8,
    steps: [['green'], ['red', 1]], queries: [{ expr: `max(${of('mcp_operator_held_verdicts')})`, legend: 'held' }],
  }),
];

const LEADER = timeline({
  title: 'Which replica leads', what: 'By pod. Two at a time for a moment are two scrapes of different age.', unit: 'none', width: 24, steps: [['blue'], ['green', 1]],
  queries: [{ expr: `max by (pod) (${of('leader_election_master_status')})`, legend: '{{pod}}' }],
}, LEADS);

const PROCESS = [
  lines({
    title: 'Memory', what: 'Of each pod. The installation limits it to 512 MiB, unless its prop resources says otherwise.', unit: 'bytes', width: 6,
    steps: [['green'], ['orange', 402_653_184], ['red', 482_344_960]],
    queries: [
      { expr: ofOperator('process_resident_memory_bytes'), legend: '{{pod}}' },
      { expr: ofOperator('nodejs_heap_size_used_bytes'), legend: '{{pod}}, heap' },
    ],
  }),
  lines({
    title: 'CPU', what: 'Cores of each pod.', unit: 'none', width: 6, steps: [['blue']],
    queries: [{ expr: `max by (pod) (${rate('process_cpu_seconds_total')} and on (namespace, pod) ${of('mcp_operator_build_info')})`, legend: '{{pod}}' }],
  }),
  lines({
    title: 'Late event loop', what: 'How late the process comes to its work, in 99 % of the looks at most.', unit: 's', width: 6, steps: [['green'], ['orange', 0.1], ['red', 0.5]],
    queries: [{ expr: ofOperator('nodejs_eventloop_lag_p99_seconds'), legend: '{{pod}}' }],
  }),
  lines({
    title: 'Objects in memory', what: 'In the caches by kind, and what MCPServers refer to.', unit: 'none', width: 6, steps: [['blue']],
    queries: [
      { expr: `max by (resource) (${of('mcp_operator_cache_objects')})`, legend: '{{resource}}' },
      { expr: `max(${of('mcp_operator_references_followed')})`, legend: 'referred to' },
    ],
  }),
];

/** The file. */
export function operatorDashboard(): string {
  return dashboardFile({
    ...OPERATOR, beside: SERVERS, variables: VARIABLES,
    what: 'Whether the operator keeps up: reconciles and their queue, API requests, writes, handshakes, which replica leads, memory.',
    rows: [
      ['At a glance', ...GLANCE],
      ['Reconciles', ...RECONCILES],
      ['Queue', ...QUEUE],
      ['API requests', ...REQUESTS],
      ['Writes', ...WRITES],
      ['Handshakes', ...HANDSHAKES],
      ['Leader', LEADER],
      ['Memory and CPU', ...PROCESS],
    ],
  });
}
