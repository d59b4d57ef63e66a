// Rules about ports, Service and network policy: see rules.ts.
import { PORT_NAME } from './labels.ts';
import { GROUP } from './group.ts';
import { freeAnnotationCel, isFreeAnnotation } from './metadata-rules.ts';
import { LABEL_KEY } from './scheduling-fields.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

function portsAreFree({ port, service, extraPorts = [] }: ResolvedSpec): boolean {
  const ports = extraPorts.map((extra) => extra.port);
  return new Set(ports).size === ports.length && !ports.includes(port) && !ports.includes(service?.port ?? port);
}

type Peer = NonNullable<NonNullable<ResolvedSpec['networkPolicy']>['egressTo']>[number];
type Selector = Peer['podSelector'];

const peersOf = ({ networkPolicy }: ResolvedSpec): Peer[] => [...(networkPolicy?.ingressFrom ?? []), ...(networkPolicy?.egressTo ?? [])];
/** CEL that holds when `condition` does for every peer `p`. */
const everyPeer = (condition: string): string =>
  `!has(self.networkPolicy) || ${['ingressFrom', 'egressTo'].map((list) => `(!has(self.networkPolicy.${list}) || self.networkPolicy.${list}.all(p, ${condition}))`).join(' && ')}`;

const isEmpty = (selector: Selector): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && selector?.matchExpressions === undefined;
const emptyCel = (selector: string): string => `(!has(${selector}) || ((!has(${selector}.matchLabels) || ${selector}.matchLabels.size() == 0) && !has(${selector}.matchExpressions)))`;

function isEverything({ ipBlock, namespaceSelector, podSelector }: Peer): boolean {
  if (ipBlock !== undefined) return ipBlock.cidr.endsWith('/0') && ipBlock.except === undefined;
  return namespaceSelector !== undefined && isEmpty(namespaceSelector) && isEmpty(podSelector);
}

/** `constructor` is no name for a map in JavaScript, and a selector that lost a label would select more. */
const isLabelKey = (key: string): boolean => LABEL_KEY.test(key);
const labelKeysCel = (selector: string): string => `(!has(${selector}) || !has(${selector}.matchLabels) || ${selector}.matchLabels.all(k, k.matches(r'${LABEL_KEY.source}')))`;
const labelKeys = (selector: Selector): string[] => Object.keys(selector?.matchLabels ?? {});

export const NETWORK_RULES: readonly SpecRule[] = [
  {
    field: 'extraPorts',
    cel: `!has(self.extraPorts) || self.extraPorts.all(p, p.name != '${PORT_NAME}')`,
    message: `the port name ${PORT_NAME} is taken: spec.port has it; choose another name`,
    holds: ({ extraPorts = [] }) => extraPorts.every(({ name }) => name !== PORT_NAME),
  },
  {
    field: 'extraPorts',
    cel: '!has(self.extraPorts) || self.extraPorts.all(p, p.port != self.port && (!has(self.service) || !has(self.service.port) || p.port != self.service.port) && self.extraPorts.exists_one(q, q.port == p.port))',
    message: 'every port number of extraPorts can be used once, and spec.port and service.port are taken: choose another number',
    holds: portsAreFree,
  },
  {
    field: 'service.loadBalancerClass',
    cel: "!has(self.service) || !has(self.service.loadBalancerClass) || self.service.type == 'LoadBalancer'",
    message: 'service.loadBalancerClass needs type LoadBalancer: set the type, or remove the class',
    holds: ({ service }) => service?.loadBalancerClass === undefined || service.type === 'LoadBalancer',
  },
  {
    field: 'service.externalTrafficPolicy',
    cel: "!has(self.service) || !has(self.service.externalTrafficPolicy) || self.service.type != 'ClusterIP'",
    message: 'service.externalTrafficPolicy needs type NodePort or LoadBalancer: set the type, or remove the policy',
    holds: ({ service }) => service?.externalTrafficPolicy === undefined || service.type !== 'ClusterIP',
  },
  {
    field: 'service.nodePort',
    cel: "!has(self.service) || !has(self.service.nodePort) || self.service.type != 'ClusterIP'",
    message: 'service.nodePort needs type NodePort or LoadBalancer: set the type, or remove the port',
    holds: ({ service }) => service?.nodePort === undefined || service.type !== 'ClusterIP',
  },
  {
    field: 'service.loadBalancerSourceRanges',
    cel: "!has(self.service) || !has(self.service.loadBalancerSourceRanges) || self.service.type == 'LoadBalancer'",
    message: 'service.loadBalancerSourceRanges needs type LoadBalancer: set the type, or remove the ranges',
    holds: ({ service }) => service?.loadBalancerSourceRanges === undefined || service.type === 'LoadBalancer',
  },
  {
    field: 'service.sessionAffinityTimeoutSeconds',
    cel: "!has(self.service) || !has(self.service.sessionAffinityTimeoutSeconds) || self.service.sessionAffinity != 'None'",
    message: 'service.sessionAffinityTimeoutSeconds means nothing with sessionAffinity None: remove it, or choose ClientIP or Auto',
    holds: ({ service }) => service?.sessionAffinityTimeoutSeconds === undefined || service.sessionAffinity !== 'None',
  },
  {
    field: 'service.annotations',
    cel: `!has(self.service) || !has(self.service.annotations) || self.service.annotations.all(k, ${freeAnnotationCel()})`,
    message: `service.annotations needs valid keys, and none of ${GROUP}/*, argocd.argoproj.io/*, kustomize.toolkit.fluxcd.io/* and last-applied: they mark owners`,
    holds: ({ service }) => Object.keys(service?.annotations ?? {}).every((key) => isFreeAnnotation(key)),
  },
  {
    field: 'networkPolicy',
    cel: '!has(self.networkPolicy) || has(self.networkPolicy.ingressFrom) || has(self.networkPolicy.egressTo)',
    message: 'networkPolicy restricts nothing without ingressFrom and egressTo: set one, if only to an empty list, or remove networkPolicy',
    holds: ({ networkPolicy: policy }) => policy === undefined || policy.ingressFrom !== undefined || policy.egressTo !== undefined,
  },
  {
    field: 'networkPolicy',
    cel: everyPeer('has(p.ipBlock) != (has(p.podSelector) || has(p.namespaceSelector))'),
    message: 'a peer of networkPolicy needs either ipBlock, or podSelector, namespaceSelector or both',
    holds: (spec) =>
      peersOf(spec).every(({ ipBlock, podSelector, namespaceSelector }) =>
        (ipBlock !== undefined) !== (podSelector !== undefined || namespaceSelector !== undefined)),
  },
  {
    field: 'networkPolicy',
    cel: everyPeer(`has(p.ipBlock) ? !p.ipBlock.cidr.endsWith('/0') || has(p.ipBlock.except) : !has(p.namespaceSelector) || !${emptyCel('p.namespaceSelector')} || !${emptyCel('p.podSelector')}`),
    message: 'a peer that is every pod or every address restricts nothing: leave that direction out of networkPolicy, or say which labels, or except addresses',
    holds: (spec) => !peersOf(spec).some(isEverything),
  },
  {
    field: 'networkPolicy',
    cel: everyPeer(`${labelKeysCel('p.podSelector')} && ${labelKeysCel('p.namespaceSelector')}`),
    message: 'the keys of matchLabels in networkPolicy must be valid label keys, such as kubernetes.io/metadata.name',
    holds: (spec) =>
      peersOf(spec)
        .flatMap(({ podSelector, namespaceSelector }) => [...labelKeys(podSelector), ...labelKeys(namespaceSelector)])
        .every(isLabelKey),
  },
];
