// What has which colour: by the title of a panel, or of a column of a table, values and their colours at both sides of each threshold.

type Case = readonly [value: number, color: 'green' | 'orange' | 'red' | 'blue'];

const LATENCY: readonly Case[] = [[1.9, 'green'], [2, 'orange'], [7.9, 'orange'], [8, 'red']];
const SINCE: readonly Case[] = [[399, 'green'], [400, 'orange'], [899, 'orange'], [900, 'red']];
const ONE_IS_BAD: readonly Case[] = [[0, 'green'], [1, 'red']];
const ONE_IS_ODD: readonly Case[] = [[0, 'green'], [1, 'orange']];
const ONE_IS_GOOD: readonly Case[] = [[0, 'red'], [1, 'green']];

/** Every panel and column that has more than one colour. */
export const THRESHOLD_CASES: Readonly<Record<string, readonly Case[]>> = {
  'Ready': [[0.69, 'red'], [0.7, 'orange'], [0.94, 'orange'], [0.95, 'green'], [1, 'green']],
  'Not Ready': ONE_IS_ODD,
  'Not serving': ONE_IS_BAD,
  'Waiting for a human': ONE_IS_BAD,
  'Slowest handshake': LATENCY,
  'Which are not Ready, and why: replicas missing': ONE_IS_ODD,
  'What they lack': ONE_IS_ODD,
  'Handshakes that do not pass': [[0.09, 'green'], [0.1, 'orange'], [0.99, 'orange'], [1, 'red']],
  'Changes of Ready': [[9, 'green'], [10, 'orange']],
  'When they were not Ready': ONE_IS_GOOD,
  'Handshake latency': LATENCY,
  'Since a handshake passed': SINCE,
  'The MCPServers: handshake': LATENCY,
  'The MCPServers: since the last one': SINCE,
  'Leads': ONE_IS_GOOD,
  'Reconciles that fail': [[0.019, 'green'], [0.02, 'orange'], [0.09, 'orange'], [0.1, 'red']],
  'Waiting MCPServers': [[10, 'green'], [11, 'orange']],
  'Needless writes': [[20, 'green'], [21, 'orange']],
  'Restarts': [[0, 'green'], [1, 'orange'], [2, 'orange'], [3, 'red']],
  'Length of reconciles': [[0.9, 'green'], [1, 'orange'], [9.9, 'orange'], [10, 'red']],
  'Queue': [[10, 'green'], [11, 'orange']],
  'Waiting and working': [[59, 'green'], [60, 'orange'], [599, 'orange'], [600, 'red']],
  'API latency': [[0.9, 'green'], [1, 'orange'], [4.9, 'orange'], [5, 'red']],
  'Since the API server was heard': [[149, 'green'], [150, 'orange'], [299, 'orange'], [300, 'red']],
  'Watches begun again': [[0.09, 'green'], [0.1, 'orange']],
  'Length of handshakes': LATENCY,
  'Verdicts held back': ONE_IS_BAD,
  'Which replica leads': [[0, 'blue'], [1, 'green']],
  'Memory': [[383 * 2 ** 20, 'green'], [384 * 2 ** 20, 'orange'], [459 * 2 ** 20, 'orange'], [460 * 2 ** 20, 'red']],
  'Late event loop': [[0.09, 'green'], [0.1, 'orange'], [0.49, 'orange'], [0.5, 'red']],
};

/** Panels whose last colour begins where an alert counts: what the alert's expression has, and the value that the colour is from. */
export const AS_ALERTS: readonly (readonly [title: string, alert: string, compared: string, from: number])[] = [
  ['Reconciles that fail', 'MCPOperatorReconcileErrors', '> 0.1', 0.1],
  ['Waiting MCPServers', 'MCPOperatorQueueNotDraining', '> 10', 11],
  ['Queue', 'MCPOperatorQueueNotDraining', '> 10', 11],
  ['Waiting and working', 'MCPOperatorQueueNotDraining', '> 600', 600],
  ['Since the API server was heard', 'MCPOperatorWatchStale', '> 300', 300],
  ['Restarts', 'MCPOperatorRestarts', '> 2', 3],
  ['Needless writes', 'MCPOperatorNeedlessWrites', '> 20', 21],
  ['Verdicts held back', 'MCPOperatorHandshakesFailing', '> 0', 1],
];
