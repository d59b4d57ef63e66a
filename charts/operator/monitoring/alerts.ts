// The alerts: few, each on something that people notice or are about to. One page of docs/runbooks/ for each says what to do.

/** Critical: MCP clients are turned away, or soon will be without anybody noticing. Warning: somebody should look today. */
export type Severity = 'critical' | 'warning';

/** An alert. In the texts `{{ $labels.NAME }}` and `{{ $value }}`, with how it is written, stand for what Prometheus found. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  /** When it is so, as PromQL says it. */
  readonly expr: string;
  /** For how long before anybody is told, as Prometheus writes durations. */
  readonly for: string;
  /** One line. */
  readonly summary: string;
  readonly description: string;
}

const SERVER = 'by (namespace, name)';

/** A condition of each MCPServer, whichever replica shows it. */
function condition(type: string): string {
  return `max ${SERVER} (mcp_operator_server_condition{type="${type}"})`;
}

const UNVERIFIED = `count(${condition('Verified')} == 0)`;

/** What MCPServers are in trouble. */
export const SERVER_ALERTS: readonly Alert[] = [
  {
    name: 'MCPServerNotReady',
    severity: 'warning',
    expr: `${condition('Ready')} < 1`,
    for: '15m',
    summary: 'MCPServer {{ $labels.namespace }}/{{ $labels.name }} has not been Ready for 15 minutes.',
    description: 'MCP clients may not be able to use it, or it does not run its newest spec. Its condition Ready says why and what to do: mcp-operator explain {{ $labels.name }} -n {{ $labels.namespace }}',
  },
  {
    name: 'MCPServerUnavailable',
    severity: 'critical',
    expr: `${condition('Available')} == 0`
      + ` and on (namespace, name) max ${SERVER} (mcp_operator_server_wanted_replicas) > 0`
      + ` and on (namespace, name) max ${SERVER} (max_over_time(mcp_operator_server_condition{type="Available"}[1d])) == 1`,
    for: '5m',
    summary: 'MCPServer {{ $labels.namespace }}/{{ $labels.name }} no longer serves.',
    description: 'It served within the last day, and for 5 minutes no pod of it has been one that an MCP client can use: mcp-operator explain {{ $labels.name }} -n {{ $labels.namespace }}',
  },
  {
    name: 'MCPServerStalled',
    severity: 'warning',
    expr: `${condition('Stalled')} == 1`,
    for: '5m',
    summary: 'MCPServer {{ $labels.namespace }}/{{ $labels.name }} waits for a human.',
    description: 'The operator cannot go on by itself. The condition Stalled says what is in the way: mcp-operator explain {{ $labels.name }} -n {{ $labels.namespace }}',
  },
  {
    name: 'MCPOperatorHandshakesFailing',
    severity: 'critical',
    expr: `(${UNVERIFIED} > 2 and ${UNVERIFIED} > 0.3 * sum(mcp_operator_servers)) or max(mcp_operator_held_verdicts) > 0`,
    for: '10m',
    summary: 'MCP handshakes fail with {{ $value }} MCPServers at once.',
    description: 'More than three in ten MCPServers fail the handshake, or so many are out of reach that the operator suspects its own network. Something that they share is likely to be wrong: mcp-operator status -A',
  },
];

/** What the operator itself is in trouble with. */
export const OPERATOR_ALERTS: readonly Alert[] = [
  {
    name: 'MCPOperatorNoLeader',
    severity: 'critical',
    expr: 'max by (namespace) (leader_election_master_status{name="mcp-operator"}) < 1 or absent(leader_election_master_status{name="mcp-operator"})',
    for: '3m',
    summary: 'No replica of the MCP operator leads.',
    description: 'MCP servers go on serving, but no change of an MCPServer is acted upon and no status is true any more. Either no pod of the operator runs, none gets the Lease, or Prometheus does not reach them: mcp-operator check',
  },
  {
    name: 'MCPOperatorReconcileErrors',
    severity: 'warning',
    expr: 'sum by (namespace, controller) (rate(controller_runtime_reconcile_errors_total[15m]))'
      + ' / sum by (namespace, controller) (rate(controller_runtime_reconcile_total[15m])) > 0.1',
    for: '30m',
    summary: 'More than one in ten reconciles of the MCP operator fail.',
    description: 'Of the reconciles in the last 15 minutes {{ $value | humanizePercentage }} failed for reasons that no status can name. The log of the operator has them.',
  },
  {
    name: 'MCPOperatorQueueNotDraining',
    severity: 'warning',
    expr: 'max by (namespace, name) (min_over_time(workqueue_depth{name="mcpserver"}[10m])) > 10'
      + ' or max by (namespace, name) (workqueue_longest_running_processor_seconds{name="mcpserver"}) > 600',
    for: '5m',
    summary: 'The MCP operator falls behind.',
    description: 'For ten minutes there have always been MCPServers waiting for a worker, or one reconcile has been running for as long; changes are acted upon late.',
  },
  {
    name: 'MCPOperatorWatchStale',
    severity: 'warning',
    expr: 'time() - min by (namespace, resource) (mcp_operator_watch_last_event_timestamp_seconds) > 300',
    for: '5m',
    summary: 'The MCP operator has heard nothing of {{ $labels.resource }} for {{ $value | humanizeDuration }}.',
    description: 'The API server tells within two minutes that a watch lives. What the operator knows of {{ $labels.resource }} may be out of date, and it acts on that.',
  },
  {
    name: 'MCPOperatorRestarts',
    severity: 'warning',
    expr: 'max by (namespace, pod, instance) (changes(process_start_time_seconds[1h]) and on (job, instance) last_over_time(mcp_operator_build_info[1h])) > 2',
    for: '0m',
    summary: 'A pod of the MCP operator restarts again and again.',
    description: 'It was started {{ $value }} times more within an hour. Its last log before the end says why; where there is none, look whether it ran out of memory.',
  },
  {
    name: 'MCPOperatorNeedlessWrites',
    severity: 'warning',
    expr: 'sum by (namespace) (increase(mcp_operator_writes_total{cause="None"}[1h])) > 20 + 2 * sum by (namespace) (mcp_operator_servers)',
    for: '15m',
    summary: 'The MCP operator writes without a reason.',
    description: 'Within an hour {{ $value | printf "%.0f" }} writes were explained by no change, or changed nothing. Each wakes everybody who watches: something contradicts what the operator applies, or the operator has a defect.',
  },
];

/** All of them. */
export const ALERTS: readonly Alert[] = [...SERVER_ALERTS, ...OPERATOR_ALERTS];

/** A rule as Prometheus reads it. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

/** What is in a rules file, and in the spec of a PrometheusRule. */
export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** All alerts. `runbookBase` stands before the paths of their pages, which are of this repository. */
export function ruleGroups(runbookBase = ''): RuleGroups {
  const ruleOf = ({ name, severity, expr, for: duration, summary, description }: Alert): Rule => ({
    alert: name,
    expr,
    for: duration,
    labels: { severity },
    annotations: { summary, description, runbook_url: `${runbookBase}${runbookOf(name)}` },
  });
  return {
    groups: [
      { name: 'mcp-servers', rules: SERVER_ALERTS.map(ruleOf) },
      { name: 'mcp-operator', rules: OPERATOR_ALERTS.map(ruleOf) },
    ],
  };
}

/** The page of an alert, from the root of the repository. */
export function runbookOf(alert: string): string {
  return `docs/runbooks/${alert}.md`;
}
