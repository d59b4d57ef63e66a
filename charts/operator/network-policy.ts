// Who may connect to the operator's pods, and to whom they may.
import { k8s } from 'cdk8s-plus-28';
import { APP_NAME } from '../api/labels.ts';
import { DNS_RULE } from '../network-policy.ts';
import { SELECTOR } from './pod.ts';
import type { ResolvedOperator } from './props.ts';

/** Every namespace has this label from the API server. Unlike an empty selector it applies without a change each time. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
/** Where the API server listens in nearly every cluster. Its address cannot be selected. */
const API_SERVER_PORTS = [443, 6443].map((port) => ({ port: k8s.IntOrString.fromNumber(port), protocol: 'TCP' }));

/**
 * Lets in: everybody to the metrics. The kubelet's probes come from the node, which policies do not filter.
 * Lets out: to DNS, to the API server, and to pods of MCP servers, unless the API server asks them for the operator.
 */
export function networkPolicySpec({ podAccess, watchNamespaces }: ResolvedOperator): k8s.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: SELECTOR },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [{ port: k8s.IntOrString.fromString('metrics'), protocol: 'TCP' }] }],
    egress: [DNS_RULE, { ports: API_SERVER_PORTS }, ...(podAccess === 'api-server' ? [] : [handshake(watchNamespaces)])],
  };
}

/** On every port: each MCPServer chooses its own. */
function handshake(watchNamespaces: readonly string[] | undefined): k8s.NetworkPolicyEgressRule {
  const namespaces = watchNamespaces === undefined ? { operator: 'Exists' } : { operator: 'In', values: watchNamespaces.toSorted() };
  const to = {
    namespaceSelector: { matchExpressions: [{ key: NAMESPACE_NAME, ...namespaces }] },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': APP_NAME } },
  };
  return { to: [to], ports: [{ protocol: 'TCP' }] };
}
