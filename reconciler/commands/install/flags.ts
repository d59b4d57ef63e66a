// The flags of `install`: the props of the installation, as far as a flag can say them.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { OPERATOR_NAMESPACE } from '../../../charts/api/labels.ts';
import { LOG_LEVELS, LAST_WORDS, POD_ACCESS, type OperatorProps } from '../../../charts/operator/props.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { BRIDGE_WAYS } from '../../../charts/api/stdio-fields.ts';
import { labelSelector, namespaceName, positiveInteger, repeated } from '../options.ts';

/** The image that is installed where nothing else is said. */
export const OPERATOR_IMAGE = `${packageJson.config.registry}/operator:${packageJson.version}`;

type Toleration = NonNullable<OperatorProps['tolerations']>[number];
type Pair = readonly [string, string];
type Pairs = readonly Pair[];

/** What the flags say, by commander's names for them. */
export interface InstallFlags extends Pick<OperatorProps,
  'image' | 'watchLabelSelector' | 'imagePullPolicy' | 'replicas' | 'logLevel' | 'podAccess' | 'lastWords' | 'bridgeImage' | 'bridgeBy' | 'maxConcurrentReconciles' | 'maxConcurrentHandshakes' | 'metricsMaxServers' | 'priorityLevel'> {
  readonly imagePullSecret?: readonly string[];
  readonly namespace?: string;
  readonly createNamespace: boolean;
  readonly watchNamespace?: readonly string[];
  readonly request?: Pairs;
  readonly limit?: Pairs;
  readonly readPodEvents: boolean;
  readonly networkPolicy: boolean;
  readonly nodeSelector?: Pairs;
  readonly toleration?: readonly Toleration[];
  readonly priorityClass?: string;
  readonly podLabel?: Pairs;
  readonly podAnnotation?: Pairs;
  readonly guards?: true;
}

/** Where it runs and whose MCPServers it runs: which objects there are, and what they are called. */
export function placeFlags(command: Command): Command {
  return command
    .addOption(new Option('-n, --namespace <name>', 'namespace the operator runs in').argParser(namespaceName).default(OPERATOR_NAMESPACE))
    .option('--watch-namespace <name>', 'namespace whose MCPServers it runs, which must exist; may be repeated; then it has Roles there and no ClusterRole; default: all', repeated(namespaceName))
    .option('--watch-label-selector <selector>', 'labels of the only MCPServers it runs, where several operators share a cluster, each in a namespace of its own; default: all', labelSelector);
}

/** Everything else. */
export function installFlags(command: Command): Command {
  return placeFlags(command)
    .option('--no-create-namespace', 'leave the namespace out, where somebody else makes and labels it')
    .option('--image <image>', 'image of the operator', OPERATOR_IMAGE)
    .addOption(new Option('--image-pull-policy <policy>', 'when it is pulled; default: IfNotPresent').choices(['Always', 'IfNotPresent', 'Never']))
    .option('--image-pull-secret <name>', 'Secret with credentials of the registry; may be repeated', repeated((value) => value))
    .option('--replicas <number>', 'pods: one works, the others take over; default: 2', positiveInteger)
    .option('--request <name=amount>', 'what a pod requests, instead of all defaults; may be repeated', repeated(pair))
    .option('--limit <name=amount>', 'what a pod may use, instead of all defaults; may be repeated', repeated(pair))
    .addOption(new Option('--log-level <level>', 'least severe level that is logged; default: info').choices(LOG_LEVELS))
    .addOption(new Option('--pod-access <way>', 'how pods are reached to verify them; default: auto').choices(POD_ACCESS))
    .addOption(new Option('--last-words <choice>', 'whether status, events and log quote what a container said before it ended; default: Show').choices(LAST_WORDS))
    .option('--no-read-pod-events', 'without the permission to read the events of pods that wait')
    .option('--bridge-image <image>', 'image of the bridge that serves stdio servers; default: stdio-bridge beside the image')
    .addOption(new Option('--bridge-by <way>', 'how the bridge comes into pods; default: what the operator chooses').choices(BRIDGE_WAYS))
    .option('--max-concurrent-reconciles <number>', 'MCPServers worked on at the same time; default: what the operator chooses', positiveInteger)
    .option('--max-concurrent-handshakes <number>', 'pods asked at the same time; default: what the operator chooses', positiveInteger)
    .option('--metrics-max-servers <number>', 'MCPServers beyond which the metrics show only those that are not Ready; default: what the operator chooses', positiveInteger)
    .option('--priority-level <name>', "priority level of the API server's flow control for its requests, such as workload-high; not with --watch-namespace")
    .option('--node-selector <label=value>', 'label of the nodes it may run on; may be repeated', repeated(pair))
    .option('--toleration <key[=value][:effect]>', 'taint that it tolerates; may be repeated', repeated(toleration))
    .option('--priority-class <name>', 'priority of the pods')
    .option('--pod-label <label=value>', 'further label of the pods; may be repeated', repeated(pair))
    .option('--pod-annotation <key=value>', 'annotation of the pods; may be repeated', repeated(pair))
    .option('--no-network-policy', 'without the NetworkPolicy that closes the pods')
    .option('--guards', 'with admission policies that bound what MCPServers may ask for; not with --watch-namespace');
}

/** The props that flags mean. */
export function propsOf(flags: InstallFlags): OperatorProps {
  const { imagePullSecret, watchNamespace, request, limit, nodeSelector, toleration: tolerations, priorityClass, ...others } = flags;
  const { podLabel, podAnnotation, guards, ...same } = others;
  const resources = { ...(request && { requests: record(request) }), ...(limit && { limits: record(limit) }) };
  return {
    ...same,
    ...(imagePullSecret && { imagePullSecrets: imagePullSecret }),
    ...(watchNamespace && { watchNamespaces: watchNamespace }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(nodeSelector && { nodeSelector: record(nodeSelector) }),
    ...(tolerations && { tolerations }),
    ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
    ...(podLabel && { podLabels: record(podLabel) }),
    ...(podAnnotation && { podAnnotations: record(podAnnotation) }),
    ...(guards && { guards: {} }),
  };
}

function record(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(pairs);
}

function pair(text: string): Pair {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return [name, value];
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function toleration(text: string): Toleration {
  const [, key = '', value, effect] = /^([^=:]+)(?:=([^:]*))?(?::(\w+))?$/.exec(text) ?? [];
  if (key === '' || (effect !== undefined && !EFFECTS.includes(effect))) throw new InvalidArgumentError(`It must be KEY, KEY=VALUE, or either with :EFFECT, one of ${EFFECTS.join(', ')}.`);
  return { key, operator: value === undefined ? 'Exists' : 'Equal', ...(value !== undefined && { value }), ...(effect !== undefined && { effect }) };
}
