// The chart that installs the operator itself: everything but the CRD, which has a file and a life cycle of its own.
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { GROUP, PLURAL } from './api/group.ts';
import { MANAGED_BY, OPERATOR_LABELS } from './labels.ts';

/** Props of the operator's installation. */
export interface OperatorProps {
  /** Container image of the operator. */
  readonly image: string;
  /**
   * Namespace the operator runs in; it is created.
   * @default "mcp-operator-system"
   */
  readonly namespace?: string;
  /**
   * Least severe level that is logged: trace, debug, info, warn or error.
   * @default "info"
   */
  readonly logLevel?: string;
}

const METRICS_PORT = 8080;
const HEALTH_PORT = 8081;
const SELECTOR = { 'app.kubernetes.io/name': MANAGED_BY };

/** The fewest permissions that let the operator work in every namespace. */
const RULES: k8s.PolicyRule[] = [
  { apiGroups: [GROUP], resources: [PLURAL], verbs: ['list', 'watch'] },
  { apiGroups: [GROUP], resources: [`${PLURAL}/status`], verbs: ['patch'] },
  // Never deleted by the operator: every MCPServer has one.
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'create', 'patch'] },
  { apiGroups: [''], resources: ['services', 'configmaps', 'serviceaccounts'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
];

/** Namespace, identity, permissions and Deployment of the operator. */
export class Operator extends Construct {
  constructor(scope: Construct, id: string, props: OperatorProps) {
    super(scope, id);
    const { image, namespace = 'mcp-operator-system', logLevel = 'info' } = props;
    const metadata = { name: MANAGED_BY, namespace, labels: OPERATOR_LABELS };
    const clusterMetadata = { name: MANAGED_BY, labels: OPERATOR_LABELS };

    new k8s.KubeNamespace(this, 'namespace', { metadata: { name: namespace, labels: { ...OPERATOR_LABELS, ...restricted() } } });
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeClusterRole(this, 'cluster-role', { metadata: clusterMetadata, rules: RULES });
    new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', {
      metadata: clusterMetadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: MANAGED_BY },
      subjects: [{ kind: 'ServiceAccount', name: MANAGED_BY, namespace }],
    });
    new k8s.KubeService(this, 'metrics-service', {
      metadata: { ...metadata, name: `${MANAGED_BY}-metrics` },
      spec: { type: 'ClusterIP', selector: SELECTOR, ports: [{ name: 'metrics', port: METRICS_PORT, targetPort: k8s.IntOrString.fromString('metrics'), protocol: 'TCP' }] },
    });
    new k8s.KubeDeployment(this, 'deployment', {
      metadata,
      spec: {
        replicas: 1,
        // One process at a time: a second one has nothing to do until the first is gone.
        strategy: { type: 'Recreate' },
        selector: { matchLabels: SELECTOR },
        template: { metadata: { labels: OPERATOR_LABELS }, spec: podSpec(image, logLevel) },
      },
    });
  }
}

function restricted(): Record<string, string> {
  return Object.fromEntries(['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']));
}

function podSpec(image: string, logLevel: string): k8s.PodSpec {
  return {
    serviceAccountName: MANAGED_BY,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    // Longer than the 30 s the operator gives running reconciles to finish.
    terminationGracePeriodSeconds: 45,
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container(image, logLevel)],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } }],
  };
}

function container(image: string, logLevel: string): k8s.Container {
  return {
    name: 'operator',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['run', `--log-level=${logLevel}`, `--metrics-bind-address=:${METRICS_PORT}`, `--health-probe-bind-address=:${HEALTH_PORT}`],
    ports: [
      { name: 'metrics', containerPort: METRICS_PORT, protocol: 'TCP' },
      { name: 'health', containerPort: HEALTH_PORT, protocol: 'TCP' },
    ],
    livenessProbe: { ...probe('/healthz'), periodSeconds: 20, failureThreshold: 3 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5 },
    resources: {
      requests: quantities({ cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' }),
      limits: quantities({ memory: '512Mi', 'ephemeral-storage': '128Mi' }),
    },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

function quantities(values: Record<string, string>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));
}

function probe(path: string): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString('health') } };
}
