// The NetworkPolicy of a server: for the directions the user closes, and never without what operator and pods need themselves.
import { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec } from './api/spec.ts';
import { OPERATOR_LABELS, PORT_NAME, selectorLabels } from './api/labels.ts';
import { serverPorts } from './ports.ts';
import { withoutEmptyMatchLabels } from './selectors.ts';
import { hasPeers, objectMetadata, type ResolvedServer } from './server.ts';

type Peer = NonNullable<NonNullable<ResolvedSpec['networkPolicy']>['ingressFrom']>[number];

/** The operator's pods, in whichever namespace is labelled as the operator's: who labels a pod alone gains nothing. */
const OPERATOR: k8s.NetworkPolicyPeer = {
  namespaceSelector: { matchLabels: OPERATOR_LABELS },
  podSelector: { matchLabels: OPERATOR_LABELS },
};
/** DNS of the cluster, where nearly every distribution runs it. */
const DNS: k8s.NetworkPolicyPeer = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};
/** What every closed way out lets through: DNS, over UDP and TCP. */
export const DNS_RULE: k8s.NetworkPolicyEgressRule = {
  to: [DNS],
  ports: ['UDP', 'TCP'].map((protocol) => ({ port: k8s.IntOrString.fromNumber(53), protocol })),
};

/** Props of the policy; undefined while no direction is closed. */
export function networkPolicy(server: ResolvedServer): k8s.KubeNetworkPolicyProps | undefined {
  const { ingressFrom, egressTo } = server.spec.networkPolicy ?? {};
  if (ingressFrom === undefined && egressTo === undefined) return undefined;
  return {
    metadata: objectMetadata(server),
    spec: {
      podSelector: { matchLabels: selectorLabels(server.name) },
      policyTypes: [...(ingressFrom ? ['Ingress'] : []), ...(egressTo ? ['Egress'] : [])],
      ...(ingressFrom && { ingress: ingress(server, ingressFrom) }),
      ...(egressTo && { egress: egress(server, egressTo) }),
    },
  };
}

/** By the names of ports, so that while another number rolls out, pods of the old one stay reachable. */
function ingress(server: ResolvedServer, peers: readonly Peer[]): k8s.NetworkPolicyIngressRule[] {
  const ports = serverPorts(server).map(({ name }) => ({ port: k8s.IntOrString.fromString(name), protocol: 'TCP' }));
  return [{ from: [OPERATOR, ...replicas(server)], ports: ports.slice(0, 1) }, ...ruleFor(peers, (from) => ({ from, ports }))];
}

function egress(server: ResolvedServer, peers: readonly Peer[]): k8s.NetworkPolicyEgressRule[] {
  const ports = [{ port: k8s.IntOrString.fromString(PORT_NAME), protocol: 'TCP' }];
  return [DNS_RULE, ...replicas(server).map((to) => ({ to: [to], ports })), ...ruleFor(peers, (to) => ({ to }))];
}

/** The other pods of a server whose sessions live in one pod each: a request that reaches the wrong one is passed on. */
function replicas({ name, spec }: ResolvedServer): k8s.NetworkPolicyPeer[] {
  return hasPeers(spec) ? [{ podSelector: { matchLabels: selectorLabels(name) } }] : [];
}

/** A rule without peers would let everybody through. */
function ruleFor<T>(peers: readonly Peer[], rule: (peers: k8s.NetworkPolicyPeer[]) => T): T[] {
  return peers.length === 0 ? [] : [rule(peers.map((peer) => withoutEmptyMatchLabels(peer) as k8s.NetworkPolicyPeer))];
}
