// The chart that installs the operator itself: everything but the CRD, which has a file and a life cycle of its own.
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { MANAGED_BY, OPERATOR_LABELS } from '../api/labels.ts';
import { addFlowSchema } from './flow-schema.ts';
import { Guards } from './guards/guards.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { networkPolicySpec } from './network-policy.ts';
import { LEADER_ELECTION_RULES, watchRules } from './permissions.ts';
import { METRICS_PORT, podSpec, SELECTOR } from './pod.ts';
import { resolveOperator, type OperatorProps, type ResolvedOperator } from './props.ts';

export type { OperatorProps } from './props.ts';

/** Namespace, identity, permissions, Deployment and what protects it. Its objects have fixed names, whatever the construct's path. */
export class Operator extends Construct {
  readonly #operator: ResolvedOperator;

  /** @throws Error naming every prop that cannot be meant, before anything is rendered. */
  constructor(scope: Construct, id: string, props: OperatorProps) {
    super(scope, id);
    this.#operator = resolveOperator(props);
    const { namespace, createNamespace, replicas, networkPolicy, priorityLevel, guards, monitoring } = this.#operator;

    if (createNamespace) {
      new k8s.KubeNamespace(this, 'namespace', { metadata: { name: namespace, labels: { ...OPERATOR_LABELS, ...restricted() } } });
    }
    new k8s.KubeServiceAccount(this, 'service-account', { metadata: this.#metadata(), automountServiceAccountToken: false });
    this.#permissions();
    new k8s.KubeService(this, 'metrics-service', {
      metadata: this.#metadata(`${MANAGED_BY}-metrics`),
      spec: {
        type: 'ClusterIP',
        selector: SELECTOR,
        ports: [{ name: 'metrics', port: METRICS_PORT, targetPort: k8s.IntOrString.fromString('metrics'), protocol: 'TCP' }],
      },
    });
    if (networkPolicy) new k8s.KubeNetworkPolicy(this, 'network-policy', { metadata: this.#metadata(), spec: networkPolicySpec(this.#operator) });
    // Not minAvailable, which with a single pod would block every drain.
    if (replicas > 1) {
      new k8s.KubePodDisruptionBudget(this, 'disruption-budget', {
        metadata: this.#metadata(),
        spec: { selector: { matchLabels: SELECTOR }, maxUnavailable: k8s.IntOrString.fromNumber(1), unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      });
    }
    this.#deployment();
    if (priorityLevel !== undefined) addFlowSchema(this, { name: this.#sharedName(), namespace, priorityLevel });
    if (monitoring !== undefined) new Monitoring(this, 'monitoring', { monitoring, place: this.#operator });
    if (guards !== undefined) new Guards(this, 'guards', { ...guards, namespace });
  }

  #deployment(): void {
    const { replicas, podLabels, podAnnotations = {} } = this.#operator;
    new k8s.KubeDeployment(this, 'deployment', {
      metadata: this.#metadata(),
      spec: {
        replicas,
        // A new pod must be Ready before an old one goes: a version that does not start takes nothing away.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) } },
        selector: { matchLabels: SELECTOR },
        template: {
          metadata: {
            labels: { ...podLabels, ...OPERATOR_LABELS },
            ...(Object.keys(podAnnotations).length > 0 && { annotations: podAnnotations }),
          },
          spec: podSpec(this.#operator),
        },
      },
    });
  }

  /** A ClusterRole for all namespaces, or a Role in each watched one; and the Lease in its own namespace. */
  #permissions(): void {
    const { watchNamespaces } = this.#operator;
    const rules = watchRules(this.#operator);
    const name = this.#sharedName();
    if (watchNamespaces === undefined) {
      const metadata = { name, labels: OPERATOR_LABELS };
      new k8s.KubeClusterRole(this, 'cluster-role', { metadata, rules });
      new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', { metadata, roleRef: roleRef('ClusterRole', name), subjects: this.#subjects() });
    }
    for (const namespace of watchNamespaces ?? []) this.#role(`watch-${namespace}`, { ...this.#metadata(name), namespace }, rules);
    this.#role('leader-election', this.#metadata(`${MANAGED_BY}-leader-election`), [...LEADER_ELECTION_RULES]);
  }

  #role(id: string, metadata: k8s.ObjectMeta & { readonly name: string }, rules: k8s.PolicyRule[]): void {
    new k8s.KubeRole(this, `${id}-role`, { metadata, rules });
    new k8s.KubeRoleBinding(this, `${id}-role-binding`, { metadata, roleRef: roleRef('Role', metadata.name), subjects: this.#subjects() });
  }

  /** Of objects outside its namespace: where several operators share a cluster by labels, each has its own. */
  #sharedName(): string {
    const { watchLabelSelector, namespace } = this.#operator;
    return watchLabelSelector === undefined ? MANAGED_BY : `${MANAGED_BY}.${namespace}`;
  }

  #metadata(name: string = MANAGED_BY): k8s.ObjectMeta & { readonly name: string } {
    return { name, namespace: this.#operator.namespace, labels: OPERATOR_LABELS };
  }

  #subjects(): k8s.Subject[] {
    return [{ kind: 'ServiceAccount', name: MANAGED_BY, namespace: this.#operator.namespace }];
  }
}

function roleRef(kind: 'ClusterRole' | 'Role', name: string): k8s.RoleRef {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}

function restricted(): Record<string, string> {
  return Object.fromEntries(['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']));
}
