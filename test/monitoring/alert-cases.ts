// For each alert what is scraped each minute, and when it is silent, fires, and is over: the timelines of `promtool test rules`.

/** What is scraped: by series, as promtool writes values: `1x9` is ten times 1, `0+2x9` counts up by 2, `stale` is gone. */
export type Scrapes = Readonly<Record<string, string>>;

/** A timeline of one alert, in minutes. */
export interface AlertCase {
  readonly alert: string;
  readonly what: string;
  readonly scrapes: Scrapes;
  readonly silent: readonly number[];
  /** Left out where it never fires. */
  readonly fires?: {
    readonly at: number;
    /** Without `severity`. */
    readonly labels: Readonly<Record<string, string>>;
    /** What stands for `{{ $value }}` in its texts. */
    readonly shown?: string;
  };
}

const ONE = 'namespace="tools",name="a"';
const IN = 'namespace="mcp-operator-system"';
const TOOLS_A = { namespace: 'tools', name: 'a' };
const SYSTEM = { namespace: 'mcp-operator-system' };

/** Conditions `type` of MCPServers, `failing` of which say 0 from minute 10 to 40. */
function verified(servers: number, failing: number): Scrapes {
  const series = Array.from({ length: servers }, (_, index): [string, string] =>
    [`mcp_operator_server_condition{namespace="tools",name="s${index}",type="Verified"}`, index < failing ? '1x9 0x30 1x60' : '1x100']);
  return { ...Object.fromEntries(series), 'mcp_operator_servers{ready="True"}': `${servers - 1}x100`, 'mcp_operator_servers{ready="False"}': '1x100' };
}

const OF_SERVERS: readonly AlertCase[] = [
  {
    alert: 'MCPServerNotReady', what: 'an MCPServer that is not Ready for a quarter of an hour, whichever replica shows it',
    scrapes: {
      [`mcp_operator_server_condition{${ONE},type="Ready",pod="x"}`]: '1x9 0x15 stale', [`mcp_operator_server_condition{${ONE},type="Ready",pod="y"}`]: '_x25 0x14 1x30',
    },
    silent: [9, 24, 41], fires: { at: 25, labels: TOOLS_A },
  },
  {
    alert: 'MCPServerNotReady', what: 'an MCPServer of which that is unknown', scrapes: { [`mcp_operator_server_condition{${ONE},type="Ready"}`]: '1x9 -1x30 1x30' },
    silent: [9, 24, 41], fires: { at: 25, labels: TOOLS_A },
  },
  {
    alert: 'MCPServerUnavailable', what: 'an MCPServer that served and does no more',
    scrapes: { [`mcp_operator_server_condition{${ONE},type="Available"}`]: '1x9 0x30 1x30', [`mcp_operator_server_wanted_replicas{${ONE}}`]: '2x100' },
    silent: [9, 14, 41], fires: { at: 15, labels: TOOLS_A },
  },
  {
    alert: 'MCPServerUnavailable', what: 'one that was scaled to zero',
    scrapes: { [`mcp_operator_server_condition{${ONE},type="Available"}`]: '1x9 0x90', [`mcp_operator_server_wanted_replicas{${ONE}}`]: '2x9 0x90' },
    silent: [15, 60],
  },
  {
    alert: 'MCPServerUnavailable', what: 'one that has never served',
    scrapes: { [`mcp_operator_server_condition{${ONE},type="Available"}`]: '0x100', [`mcp_operator_server_wanted_replicas{${ONE}}`]: '2x100' },
    silent: [15, 60],
  },
  {
    alert: 'MCPServerStalled', what: 'an MCPServer that waits for a human', scrapes: { [`mcp_operator_server_condition{${ONE},type="Stalled"}`]: '_x10 1x30 stale' },
    silent: [9, 14, 41], fires: { at: 15, labels: TOOLS_A },
  },
  {
    alert: 'MCPOperatorHandshakesFailing', what: 'three of nine MCPServers that fail', scrapes: verified(9, 3),
    silent: [9, 19, 41], fires: { at: 20, labels: {}, shown: '3' },
  },
  { alert: 'MCPOperatorHandshakesFailing', what: 'three of ten', scrapes: verified(10, 3), silent: [20, 39] },
  { alert: 'MCPOperatorHandshakesFailing', what: 'two, however few there are', scrapes: verified(2, 2), silent: [20, 39] },
  {
    alert: 'MCPOperatorHandshakesFailing', what: 'an operator that suspects itself', scrapes: { [`mcp_operator_held_verdicts{${IN},pod="x"}`]: '0x9 5x30 0x30' },
    silent: [9, 19, 41], fires: { at: 20, labels: {}, shown: '5' },
  },
];

const OF_THE_OPERATOR: readonly AlertCase[] = [
  {
    alert: 'MCPOperatorNoLeader', what: 'two replicas of which none leads',
    scrapes: {
      [`leader_election_master_status{name="mcp-operator",${IN},pod="x"}`]: '1x9 0x80', [`leader_election_master_status{name="mcp-operator",${IN},pod="y"}`]: '0x39 1x30',
    },
    silent: [9, 12, 41], fires: { at: 13, labels: SYSTEM },
  },
  {
    alert: 'MCPOperatorNoLeader', what: 'an operator that is not there', scrapes: { [`leader_election_master_status{name="mcp-operator",${IN}}`]: '1x9 stale _x29 1x30' },
    silent: [9, 12, 41], fires: { at: 13, labels: { name: 'mcp-operator' } },
  },
  {
    alert: 'MCPOperatorReconcileErrors', what: 'more than one reconcile in ten that fails',
    scrapes: {
      [`controller_runtime_reconcile_errors_total{controller="mcpserver",${IN},pod="x"}`]: '0x9 1.2+1.2x60 73.2x100',
      [`controller_runtime_reconcile_total{controller="mcpserver",result="success",${IN},pod="x"}`]: '0+10x200',
    },
    silent: [9, 40, 90], fires: { at: 60, labels: { ...SYSTEM, controller: 'mcpserver' }, shown: '12%' },
  },
  {
    alert: 'MCPOperatorReconcileErrors', what: 'fewer than one in ten',
    scrapes: {
      [`controller_runtime_reconcile_errors_total{controller="mcpserver",${IN}}`]: '0+0.9x200', [`controller_runtime_reconcile_total{controller="mcpserver",${IN}}`]: '0+10x200',
    },
    silent: [60, 120],
  },
  {
    alert: 'MCPOperatorQueueNotDraining', what: 'more than ten MCPServers that wait all the time', scrapes: { [`workqueue_depth{name="mcpserver",${IN},pod="x"}`]: '0x9 11x59 0x60' },
    silent: [19, 24, 70], fires: { at: 25, labels: { ...SYSTEM, name: 'mcpserver' } },
  },
  {
    alert: 'MCPOperatorQueueNotDraining', what: 'a queue that is short now and then, or never longer than ten',
    scrapes: { [`workqueue_depth{name="mcpserver",${IN},pod="x"}`]: '900x8 0 900x8 0 900x8 0 900x8', [`workqueue_depth{name="mcpserver",${IN},pod="y"}`]: '10x100' },
    silent: [25, 35],
  },
  {
    alert: 'MCPOperatorQueueNotDraining', what: 'a reconcile that does not end', scrapes: { [`workqueue_longest_running_processor_seconds{name="mcpserver",${IN}}`]: '0+60x30 0x60' },
    silent: [10, 15, 31], fires: { at: 16, labels: { ...SYSTEM, name: 'mcpserver' } },
  },
  {
    alert: 'MCPOperatorWatchStale', what: 'a watch that says nothing for more than five minutes',
    scrapes: { [`mcp_operator_watch_last_event_timestamp_seconds{resource="pods",${IN},pod="x"}`]: '0+60x10 600x29 2460+60x30' },
    silent: [10, 20, 42], fires: { at: 21, labels: { ...SYSTEM, resource: 'pods' }, shown: '11m 0s' },
  },
  {
    alert: 'MCPOperatorRestarts', what: 'an operator that was started three times more in an hour',
    scrapes: {
      [`process_start_time_seconds{job="op",instance="x",${IN},pod="op-1"}`]: '100x9 700x4 1000x4 1300x100', [`mcp_operator_build_info{job="op",instance="x",${IN},pod="op-1"}`]: '1x30 stale',
    },
    silent: [9, 19, 85], fires: { at: 22, labels: { ...SYSTEM, instance: 'x', pod: 'op-1' }, shown: '3' },
  },
  {
    alert: 'MCPOperatorRestarts', what: 'another program that is', scrapes: { [`process_start_time_seconds{job="other",instance="z",${IN}}`]: '0+60x100' },
    silent: [30, 60],
  },
  {
    alert: 'MCPOperatorNeedlessWrites', what: 'a needless write each minute beside ten MCPServers',
    scrapes: {
      [`mcp_operator_writes_total{cause="None",${IN},pod="x"}`]: '0x59 0+1x120 120x200', [`mcp_operator_writes_total{cause="Object",${IN},pod="x"}`]: '0+100x400',
      [`mcp_operator_servers{ready="True",${IN},pod="x"}`]: '10x400',
    },
    silent: [59, 110, 215], fires: { at: 117, labels: SYSTEM, shown: '57' },
  },
  {
    alert: 'MCPOperatorNeedlessWrites', what: 'fewer than two for each MCPServer and twenty more in an hour',
    scrapes: { [`mcp_operator_writes_total{cause="None",${IN},pod="x"}`]: '0+0.65x400', [`mcp_operator_servers{ready="False",${IN},pod="x"}`]: '10x400' },
    silent: [90, 200],
  },
];

/** At least one for each alert that fires and is over. */
export const ALERT_CASES: readonly AlertCase[] = [...OF_SERVERS, ...OF_THE_OPERATOR];
