// Decides whether NetworkPolicies let a connection through, from https://kubernetes.io/docs/concepts/services-networking/network-policies/
import { BlockList, isIPv6 } from 'node:net';

type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** A peer of a rule. */
export interface PolicyPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly { readonly port?: number | string; readonly endPort?: number; readonly protocol?: string }[];
}

/** A NetworkPolicy as the API server takes it. */
export interface Policy {
  readonly metadata: { readonly namespace?: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** One end of a connection: a pod, or an address outside the cluster. */
export interface Party {
  readonly ip: string;
  readonly pod?: { readonly namespace: string; readonly labels: Labels; readonly ports?: Readonly<Record<string, number>> };
}

/** An attempt to connect. */
export interface Flow {
  readonly from: Party;
  readonly to: Party;
  readonly port: number;
  /** Default TCP. */
  readonly protocol?: string;
}

/** What there is besides the flow. */
export interface Network {
  readonly policies: readonly Policy[];
  /** Labels of namespaces by name; that with the name is added, as the API server does. */
  readonly namespaces: Readonly<Record<string, Labels>>;
}

/** Whether the egress policies of the one pod and the ingress policies of the other let the connection through. */
export function isAllowed(flow: Flow, network: Network): boolean {
  return flow.from === flow.to || (passes('Egress', flow, network) && passes('Ingress', flow, network));
}

function passes(direction: 'Ingress' | 'Egress', flow: Flow, network: Network): boolean {
  const [self, other] = direction === 'Ingress' ? [flow.to, flow.from] : [flow.from, flow.to];
  const { pod } = self;
  if (pod === undefined) return true;
  const isIsolating = ({ metadata, spec }: Policy): boolean =>
    metadata.namespace === pod.namespace && typesOf(spec).includes(direction) && selects(spec.podSelector, pod.labels);
  const policies = network.policies.filter(isIsolating);
  if (policies.length === 0) return true;
  return policies.some(({ spec }) =>
    (spec[direction === 'Ingress' ? 'ingress' : 'egress'] ?? []).some((rule) => {
      const peers = rule.from ?? rule.to ?? [];
      return (
        portMatches(rule, flow) &&
        (peers.length === 0 || peers.some((peer) => isPeer(peer, other, { namespace: pod.namespace, namespaces: network.namespaces })))
      );
    }),
  );
}

/** Without a list, a policy is about ingress, and about egress if it has rules for it. */
function typesOf({ policyTypes, egress }: Policy['spec']): readonly string[] {
  return policyTypes ?? ['Ingress', ...(egress === undefined ? [] : ['Egress'])];
}

function portMatches({ ports = [] }: Rule, { to, port, protocol = 'TCP' }: Flow): boolean {
  if (ports.length === 0) return true;
  return ports.some(({ port: wanted, endPort, protocol: wantedProtocol = 'TCP' }) => {
    if (wantedProtocol !== protocol) return false;
    if (typeof wanted === 'string') return to.pod?.ports?.[wanted] === port;
    return wanted === undefined || (wanted <= port && port <= (endPort ?? wanted));
  });
}

/** Whether a party is meant by a peer of a policy in a namespace. */
export function isPeer(
  { ipBlock, podSelector, namespaceSelector }: PolicyPeer,
  { ip, pod }: Party,
  { namespace, namespaces }: { namespace: string; namespaces: Network['namespaces'] },
): boolean {
  if (ipBlock !== undefined) return isWithin(ip, ipBlock.cidr) && !(ipBlock.except ?? []).some((cidr) => isWithin(ip, cidr));
  if (pod === undefined) return false;
  const labels = { ...namespaces[pod.namespace], 'kubernetes.io/metadata.name': pod.namespace };
  const inNamespace = namespaceSelector === undefined ? pod.namespace === namespace : selects(namespaceSelector, labels);
  return inNamespace && selects(podSelector ?? {}, pod.labels);
}

function family(address: string): 'ipv6' | 'ipv4' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function isWithin(ip: string, cidr: string): boolean {
  const [address = '', length] = cidr.split('/');
  if (family(ip) !== family(address)) return false;
  const block = new BlockList();
  block.addSubnet(address, Number(length), family(address));
  return block.check(ip, family(ip));
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const hasLabels = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return hasLabels && matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isListed = value !== undefined && values.includes(value);
    return operator === 'In' ? isListed : !isListed;
  });
}
