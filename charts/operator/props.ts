// The props of the operator's installation, their defaults, and what is refused before anything is rendered.
import type { k8s } from 'cdk8s-plus-28';
import { objectName } from '../api/fields.ts';
import { OPERATOR_NAMESPACE } from '../api/labels.ts';
import { parseQuantity } from '../api/quantity.ts';
import { bridgeImageBeside, settingsProblems, type BridgeBy } from '../settings.ts';
import type { GuardsProps } from './guards/props.ts';
import { labelSelectorProblem } from './label-selector.ts';
import { monitoringProblems, type MonitoringProps } from './monitoring/props.ts';

/** Values of `logLevel`, from quiet to talkative. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
/** Values of `podAccess`. */
export const POD_ACCESS = ['auto', 'direct', 'api-server'] as const;
/** Values of `lastWords`. */
export const LAST_WORDS = ['Show', 'Hide'] as const;

/** Amounts by resource, as in a pod: `{ cpu: '100m', memory: '128Mi' }`. */
export type Amounts = Readonly<Record<string, string | number>>;

/** Props of the operator's installation. */
export interface OperatorProps {
  /** Container image of the operator. */
  readonly image: string;
  /**
   * When the image is pulled: Always, IfNotPresent or Never.
   * @default "IfNotPresent"
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /**
   * Names of Secrets in the operator's namespace with credentials of the registry.
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * Namespace the operator runs in.
   * @default "mcp-operator-system"
   */
  readonly namespace?: string;
  /**
   * Whether that namespace is rendered, with Pod Security `restricted` enforced. Who makes it otherwise labels it with
   * `app.kubernetes.io/name: mcp-operator` and `app.kubernetes.io/component: operator`: network policies of MCPServers
   * let the operator in by these.
   * @default true
   */
  readonly createNamespace?: boolean;
  /**
   * The only namespaces whose MCPServers it runs. Its permissions are then a Role in each of them instead of a
   * ClusterRole. They must exist; only the operator's own is rendered.
   * @default - all namespaces
   */
  readonly watchNamespaces?: readonly string[];
  /**
   * The only MCPServers it runs, by their labels, such as `shard=blue`: where one operator is too small for a cluster. Each installation
   * then has a namespace of its own; its rights are called after that, `mcp-operator.NAMESPACE`. No MCPServer may match two of them.
   * @default - all MCPServers
   */
  readonly watchLabelSelector?: string;
  /**
   * Number of pods. One of them works, the others take over when it ends.
   * @default 2
   */
  readonly replicas?: number;
  /**
   * What the container requests and what it may use; `requests` and `limits` replace the default of the same name.
   * @default - requests of 100m CPU, 128Mi memory and 64Mi ephemeral storage; limits of 512Mi memory and 128Mi ephemeral storage
   */
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
  /**
   * Least severe level that is logged: silent, fatal, error, warn, info, debug or trace.
   * @default "info"
   */
  readonly logLevel?: (typeof LOG_LEVELS)[number];
  /**
   * How pods are reached to verify them: by their addresses (direct), or by the API server's pod proxy (api-server),
   * which needs one permission more. In a cluster, auto is direct.
   * @default "auto"
   */
  readonly podAccess?: (typeof POD_ACCESS)[number];
  /**
   * Whether the status of MCPServers, Events and the log quote what a container said before it ended. With Hide of no MCPServer,
   * whatever its spec says.
   * @default "Show"
   */
  readonly lastWords?: (typeof LAST_WORDS)[number];
  /**
   * Whether the operator may read events, once for a pod whose containers wait for more than 20 seconds to be created: the status
   * says then in their words what the pod waits for.
   * @default true
   */
  readonly readPodEvents?: boolean;
  /**
   * Container image of the stdio bridge, which serves MCPServers with `transport: stdio`.
   * @default - stdio-bridge of the bridge's own version, from where `image` comes from
   */
  readonly bridgeImage?: string;
  /**
   * How the bridge comes into pods: copied by an init container (InitContainer), or as a volume that is its image (ImageVolume),
   * once per node, which Kubernetes can by default from 1.35.
   * @default - what the operator chooses: InitContainer
   */
  readonly bridgeBy?: BridgeBy;
  /**
   * How many MCPServers are worked on at the same time.
   * @default - what the operator chooses: 16
   */
  readonly maxConcurrentReconciles?: number;
  /**
   * How many pods are asked at the same time whether they serve MCP. One namespace gets at most half.
   * @default - what the operator chooses: 16
   */
  readonly maxConcurrentHandshakes?: number;
  /**
   * Of more MCPServers than this the metrics show only those that are not Ready.
   * @default - what the operator chooses: 5000
   */
  readonly metricsMaxServers?: number;
  /**
   * Priority level of the API server's flow control for the operator's requests, given by a FlowSchema: the name of a
   * PriorityLevelConfiguration, such as `workload-high`. Not with `watchNamespaces`: a FlowSchema belongs to the whole cluster.
   * @default - that of all ServiceAccounts, `workload-low` unless the cluster says otherwise
   */
  readonly priorityLevel?: string;
  /**
   * Labels of the nodes it may run on.
   * @default - any node
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Taints of nodes it tolerates.
   * @default - none
   */
  readonly tolerations?: readonly k8s.Toleration[];
  /**
   * Replaces the default; `{}` is none.
   * @default - prefers nodes without another pod of the operator
   */
  readonly affinity?: k8s.Affinity;
  /**
   * Replaces the default; `[]` is none.
   * @default - evenly over nodes and zones where that is possible
   */
  readonly topologySpreadConstraints?: readonly k8s.TopologySpreadConstraint[];
  /**
   * Priority of the pods. `system-cluster-critical` may be refused outside `kube-system`.
   * @default - that of the cluster
   */
  readonly priorityClassName?: string;
  /**
   * Further labels of the pods. Those the operator's objects are selected by stay.
   * @default - none
   */
  readonly podLabels?: Readonly<Record<string, string>>;
  /**
   * Annotations of the pods.
   * @default - none
   */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /**
   * Whether a NetworkPolicy closes the pods but for metrics, DNS, the API server and the handshake.
   * @default true
   */
  readonly networkPolicy?: boolean;
  /**
   * Admission policies that bound what MCPServers may ask for and where and what the operator may write; `{}` has all
   * their defaults. Not with `watchNamespaces`: they belong to the whole cluster, and `Guards` renders them for its administrator.
   * @default - none
   */
  readonly guards?: Omit<GuardsProps, 'namespace'>;
  /**
   * ServiceMonitor, PodMonitor and PrometheusRule, for clusters with the Prometheus operator; `{}` has all their defaults. The operator
   * itself gets no right over them.
   * @default - none
   */
  readonly monitoring?: MonitoringProps;
}

type Defaulted =
  | 'imagePullPolicy' | 'namespace' | 'createNamespace' | 'replicas' | 'resources' | 'logLevel' | 'podAccess' | 'lastWords' | 'readPodEvents' | 'networkPolicy'
  | 'bridgeImage';

/** The props with every default filled in; undefined `watchNamespaces` are all. */
export type ResolvedOperator = OperatorProps & Required<Pick<OperatorProps, Defaulted>> & {
  readonly resources: { readonly requests: Amounts; readonly limits: Amounts };
};

/** No CPU limit: it would slow the operator down on an idle node. */
const DEFAULT_RESOURCES = {
  requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
  limits: { memory: '512Mi', 'ephemeral-storage': '128Mi' },
};

/**
 * Fills in the defaults.
 * @throws Error that names every prop which cannot be meant, and what to write instead.
 */
export function resolveOperator(props: OperatorProps): ResolvedOperator {
  const resolved = {
    imagePullPolicy: 'IfNotPresent', namespace: OPERATOR_NAMESPACE, createNamespace: true, replicas: 2, logLevel: 'info',
    podAccess: 'auto', lastWords: 'Show', readPodEvents: true, networkPolicy: true, bridgeImage: bridgeImageBeside(props.image), ...defined(props),
    resources: { ...DEFAULT_RESOURCES, ...defined(props.resources ?? {}) },
  } as const satisfies ResolvedOperator;
  const problems = problemsOf(resolved);
  if (problems.length > 0) throw new Error(`the operator cannot be installed like this: ${problems.join('; ')}`);
  return resolved;
}

/** Without what is undefined, which a spread would put over a default. */
function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function problemsOf(operator: ResolvedOperator): string[] {
  const { image, namespace, watchNamespaces, watchLabelSelector, replicas, resources, logLevel, podAccess, lastWords } = operator;
  const { maxConcurrentReconciles, maxConcurrentHandshakes, metricsMaxServers, priorityLevel } = operator;
  return [
    ...(/^\S+$/.test(image) ? [] : [`image is ${JSON.stringify(image)}: name an image`]),
    ...settingsProblems(operator),
    ...(operator.monitoring === undefined ? [] : monitoringProblems(operator.monitoring)),
    ...nameProblems('namespace', namespace),
    ...(watchNamespaces?.length === 0 ? ['watchNamespaces is empty: leave it out to watch all namespaces, or name some'] : []),
    ...(watchNamespaces ?? []).flatMap((name, index) => nameProblems(`watchNamespaces[${index}]`, name)),
    ...selectorProblems(watchLabelSelector),
    ...(operator.guards !== undefined && watchNamespaces !== undefined
      ? ['guards are cluster-wide, which an installation with watchNamespaces is not: render them with Guards, for an administrator to apply once']
      : []),
    ...(priorityLevel !== undefined && watchNamespaces !== undefined
      ? ['priorityLevel needs a FlowSchema, which is cluster-wide, as an installation with watchNamespaces is not: leave it out']
      : []),
    ...(priorityLevel === undefined || objectName().safeParse(priorityLevel).success ? [] : [`priorityLevel is ${JSON.stringify(priorityLevel)}: it must be the name of a PriorityLevelConfiguration`]),
    ...(new Set(watchNamespaces).size < (watchNamespaces?.length ?? 0) ? ['watchNamespaces names a namespace twice'] : []),
    ...countProblems('replicas', replicas),
    ...countProblems('maxConcurrentReconciles', maxConcurrentReconciles ?? 1),
    ...countProblems('maxConcurrentHandshakes', maxConcurrentHandshakes ?? 1),
    ...countProblems('metricsMaxServers', metricsMaxServers ?? 1),
    ...oneOf('logLevel', logLevel, LOG_LEVELS),
    ...oneOf('podAccess', podAccess, POD_ACCESS),
    ...oneOf('lastWords', lastWords, LAST_WORDS),
    ...(['requests', 'limits'] as const).flatMap((list) =>
      Object.entries(resources[list]).flatMap(([name, amount]) => amountProblems(`resources.${list}.${name}`, amount))),
  ];
}

function nameProblems(field: string, name: string): string[] {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name) ? [] : [`${field} is ${JSON.stringify(name)}: it must be the name of one namespace`];
}

function selectorProblems(selector: string | undefined): string[] {
  const problem = selector === undefined ? undefined : labelSelectorProblem(selector);
  return problem === undefined ? [] : [`watchLabelSelector is ${JSON.stringify(selector)}: ${problem}`];
}

function countProblems(field: string, value: number): string[] {
  return Number.isInteger(value) && value >= 1 ? [] : [`${field} is ${value}: it must be a whole number above 0`];
}

function oneOf(field: string, value: string, accepted: readonly string[]): string[] {
  return accepted.includes(value) ? [] : [`${field} is ${JSON.stringify(value)}: use one of ${accepted.join(', ')}`];
}

function amountProblems(field: string, amount: string | number): string[] {
  try {
    parseQuantity(amount);
    return [];
  } catch (error) {
    return [`${field}: ${(error as Error).message}`];
  }
}
