// The command `run` and its flags.
import { Option, type Command } from 'commander';
import { DEFAULT_MAX_SERVERS } from '../../metrics/servers.ts';
import { DEFAULT_WORKERS } from '../../runtime/controller.ts';
import { LOG_LEVELS } from '../../runtime/log.ts';
import { LAST_WORDS } from '../../status/trouble.ts';
import { POD_ACCESS } from '../../verification/pod-access.ts';
import { DEFAULT_CONCURRENCY } from '../../verification/verifier.ts';
import { explain, type Manual } from '../manual.ts';
import { address, bridgeBy, bridgeImage, labelSelector, namespaceName, objectName, positiveInteger, repeated } from '../options.ts';
import type { Surroundings } from '../surroundings.ts';
import { run, type RunFlags } from './run.ts';

const MANUAL: Manual = {
  notes: `Credentials, strongest first: --kubeconfig, the environment variable KUBECONFIG,
the service account of the pod.
Ends on SIGTERM or SIGINT: takes no more work, finishes what runs, exits with 0
within 40 seconds. What does not finish in half of that is given up; what cannot
be given up makes it 1.
With --leader-elect of all replicas one works and the others stand by, ready to
take over: at once when it ends on a signal, up to 20 seconds after its last
sign of life otherwise. A replica that loses the lease ends at once, with
exit code 1.`,
  exitCodes: { 0: 'it was asked to end, and did', 1: 'it did not start, or did not end as it should' },
  heedsSignals: true,
  examples: [
    'mcp-operator run --kubeconfig ~/.kube/config --namespace tools',
    'mcp-operator run --watch-label-selector shard=blue',
    'mcp-operator run --leader-elect --metrics-bind-address :8080',
  ],
};

/** Adds the command. */
export function addRun(program: Command, surroundings: Surroundings): void {
  explain(program.command('run'), MANUAL)
    .description('run the operator: watch MCPServers and keep what they describe running')
    .option('--kubeconfig <file>', 'credentials of the cluster')
    .option('--namespace <name>', 'watch only this namespace; may be repeated; default: all', repeated(namespaceName), [])
    .option('--watch-label-selector <selector>', 'watch only MCPServers whose labels match, where several operators share a cluster; default: all', labelSelector)
    .addOption(address('--metrics-bind-address <address>', 'HOST:PORT of /metrics, 0 to switch it off', '127.0.0.1:8080'))
    .option('--metrics-max-servers <number>', 'of more MCPServers than this the metrics show only those that are not Ready', positiveInteger, DEFAULT_MAX_SERVERS)
    .addOption(address('--health-probe-bind-address <address>', 'HOST:PORT of /healthz and /readyz, 0 to switch it off', '127.0.0.1:8081'))
    .option('--max-concurrent-reconciles <number>', 'MCPServers worked on at the same time', positiveInteger, DEFAULT_WORKERS)
    .option('--max-concurrent-handshakes <number>', 'pods asked at the same time whether they serve MCP; one namespace gets at most half', positiveInteger, DEFAULT_CONCURRENCY)
    .addOption(new Option('--pod-access <way>', 'how pods are reached to verify them; auto: direct in a cluster, api-server outside').choices(POD_ACCESS).default('auto'))
    .addOption(new Option('--last-words <choice>', 'whether status, events and log quote what a container said before it ended; Hide: of no MCPServer').choices(LAST_WORDS).default('Show'))
    .addOption(bridgeImage())
    .addOption(bridgeBy())
    .option('--leader-elect', 'work only while holding a Lease, so that several replicas can run')
    .addOption(new Option('--leader-elect-resource-name <name>', 'name of the Lease').argParser(objectName).default('mcp-operator'))
    .addOption(new Option('--leader-elect-resource-namespace <name>', 'namespace of the Lease; default: that of the pod').argParser(namespaceName))
    .addOption(new Option('--log-level <level>', 'least severe level that is logged').choices(LOG_LEVELS).default('info'))
    .action((flags: RunFlags) => run(flags, surroundings));
}
