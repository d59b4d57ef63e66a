// The operator's pod: one hardened container, its flags, probes and bounds, and where it runs.
import { k8s } from 'cdk8s-plus-28';
import { MANAGED_BY } from '../api/labels.ts';
import { canonicalQuantity } from '../api/quantity.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { GRACE_PERIOD_SECONDS } from './grace-period.ts';
import type { Amounts, ResolvedOperator } from './props.ts';

/** Number of the port `metrics`. */
export const METRICS_PORT = 8080;
/** Number of the port `health`, which the kubelet asks. */
const HEALTH_PORT = 8081;
/** What selects the operator's pods. A Deployment's selector is immutable and installed clusters exist: it stays. */
export const SELECTOR = { 'app.kubernetes.io/name': MANAGED_BY };

/** The pod. */
export function podSpec(operator: ResolvedOperator): k8s.PodSpec {
  const { imagePullSecrets = [], nodeSelector, tolerations, priorityClassName } = operator;
  return {
    serviceAccountName: MANAGED_BY,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    terminationGracePeriodSeconds: GRACE_PERIOD_SECONDS,
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container(operator)],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } }],
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations?.length && { tolerations: [...tolerations] }),
    ...placement(operator),
  };
}

/** Soft, so that one node can run all of them. */
function placement({ affinity = antiAffinity(), topologySpreadConstraints = spread() }: ResolvedOperator): Partial<k8s.PodSpec> {
  return {
    ...(Object.keys(affinity).length > 0 && { affinity }),
    ...(topologySpreadConstraints.length > 0 && { topologySpreadConstraints: [...topologySpreadConstraints] }),
  };
}

function antiAffinity(): k8s.Affinity {
  const podAffinityTerm = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: SELECTOR } };
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}

/** Counts pods of one version only: those about to go must not push two new ones onto the same node. */
function spread(): k8s.TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: SELECTOR }, matchLabelKeys: ['pod-template-hash'],
  }));
}

function container(operator: ResolvedOperator): k8s.Container {
  const { image, imagePullPolicy, resources: { requests, limits } } = operator;
  return {
    name: 'operator',
    image,
    imagePullPolicy,
    args: args(operator),
    ports: [
      { name: 'metrics', containerPort: METRICS_PORT, protocol: 'TCP' },
      { name: 'health', containerPort: HEALTH_PORT, protocol: 'TCP' },
    ],
    // Looked at each second, so that a pod counts as Ready soon after it is. A slow node has a minute to start it.
    startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 1, failureThreshold: 3 },
    // Also fails while a leader cannot renew its Lease and does not end.
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    resources: { ...(filled(requests) && { requests: quantities(requests) }), ...(filled(limits) && { limits: quantities(limits) }) },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

/** Leader election also with one replica: while a Deployment rolls out or a node is lost, there are two pods. */
function args(operator: ResolvedOperator): string[] {
  const { logLevel, podAccess, lastWords, bridgeImage, bridgeBy, watchNamespaces = [], watchLabelSelector } = operator;
  const { maxConcurrentReconciles, maxConcurrentHandshakes, metricsMaxServers } = operator;
  return [
    'run',
    '--leader-elect',
    `--log-level=${logLevel}`,
    `--metrics-bind-address=:${METRICS_PORT}`,
    `--health-probe-bind-address=:${HEALTH_PORT}`,
    ...(podAccess === 'auto' ? [] : [`--pod-access=${podAccess}`]),
    ...(lastWords === 'Show' ? [] : [`--last-words=${lastWords}`]),
    ...(bridgeImage === DEFAULT_SETTINGS.bridgeImage ? [] : [`--bridge-image=${bridgeImage}`]),
    ...(bridgeBy === undefined ? [] : [`--bridge-by=${bridgeBy}`]),
    ...(maxConcurrentReconciles === undefined ? [] : [`--max-concurrent-reconciles=${maxConcurrentReconciles}`]),
    ...(maxConcurrentHandshakes === undefined ? [] : [`--max-concurrent-handshakes=${maxConcurrentHandshakes}`]),
    ...(metricsMaxServers === undefined ? [] : [`--metrics-max-servers=${metricsMaxServers}`]),
    ...watchNamespaces.map((name) => `--namespace=${name}`),
    ...(watchLabelSelector === undefined ? [] : [`--watch-label-selector=${watchLabelSelector}`]),
  ];
}

function filled(values: object): boolean {
  return Object.keys(values).length > 0;
}

function quantities(values: Amounts): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, k8s.Quantity.fromString(canonicalQuantity(value))]));
}

function probe(path: string): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString('health') } };
}
