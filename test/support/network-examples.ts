// Accepted and rejected values of ports, Service and network policy; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';
import type { RuleExamples } from './rule-examples.ts';
import { CONDITION, labelSelectorExamples } from './scheduling-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const METRICS = { name: 'metrics', port: 9090 };
const HEALTH = { name: 'health', port: 8081 };

const QUALIFIED_NAME: FieldExamples = { accepted: ['http', 'kgateway.dev/mcp'], rejected: ['', 'a b', 'A/b', '-a', 'a/', long(318)] };
const LOAD_BALANCER = { service: { type: 'LoadBalancer' as const } };

const PODS = { podSelector: { matchLabels: { app: 'a' } } };
const ADDRESSES = { ipBlock: { cidr: '192.0.2.0/24' } };
const INTERNET = { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } };
const DIRECTIONS = ['networkPolicy.ingressFrom', 'networkPolicy.egressTo'];

const peers = (path: string): Examples => ({
  [path]: { accepted: [[], [PODS], [PODS, ADDRESSES]], rejected: [PODS, ['a'], numbered(17, () => PODS)] },
  ...labelSelectorExamples(`${path}[].podSelector`),
  ...labelSelectorExamples(`${path}[].namespaceSelector`),
  [`${path}[].ipBlock.cidr`]: {
    accepted: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1/32', '::1/128', 'fe80::1:2/64', '1:2:3:4:5:6:7:8/128', '1:2:3:4:5:6:7::/112', '::2:3:4:5:6:7:8/1', '255.255.255.255/1'],
    rejected: ['', '10.0.0.0', '10.0.0/8', '256.0.0.0/8', '10.0.0.0/33', '10.0.0.0/08', '2001:db8::', '2001:db8::/129', '1::2::3/64', '1:2:3:4:5:6:7:8:9/64', '1:2:3/64', ':::/8', 'g::/8', 'example.com/8'],
  },
  [`${path}[].ipBlock.except`]: { accepted: [['10.1.0.0/16'], ['10.1.0.0/16', '10.2.0.0/16']], rejected: [[], ['10.1.0.0'], numbered(17, () => '10.1.0.0/16')] },
});

/** Examples by path. */
export const NETWORK_EXAMPLES: Examples = {
  extraPorts: {
    accepted: [[METRICS], [METRICS, HEALTH], []],
    rejected: [
      [METRICS, { ...METRICS, port: 9091 }],
      [{ name: 'metrics' }],
      [{ port: 9090 }],
      METRICS,
      numbered(17, (index) => ({ name: `n${index}`, port: index + 1 })),
    ],
  },
  'extraPorts[].name': { accepted: ['a', '1-2a-b', long(15)], rejected: ['', '1', '1-2', '-a', 'a-', 'a--b', 'A', 'a_b', 'a.b', long(16), 1] },
  'extraPorts[].port': { accepted: [1, 65_535], rejected: [0, 65_536, '9090', 1.5] },
  'service.type': { accepted: ['NodePort', 'LoadBalancer', 'ClusterIP'], rejected: ['ExternalName', 'clusterip', ''] },
  'service.port': { accepted: [80, 65_535], rejected: [0, 65_536, '80', 1.5] },
  'service.appProtocol': QUALIFIED_NAME,
  'service.annotations': {
    accepted: [{ a: '1' }, { 'example.com/b': 'ü\n', c: '' }],
    rejected: [{ a: 1 }, { 'a b': '' }, { a: long(4097) }, Object.fromEntries(numbered(33, (index) => [`k${index}`, '']))],
  },
  'service.loadBalancerClass': { ...QUALIFIED_NAME, base: LOAD_BALANCER },
  'service.externalTrafficPolicy': { accepted: ['Local', 'Cluster'], rejected: ['local', ''], base: LOAD_BALANCER },
  'service.nodePort': { accepted: [30_071, 30_072], rejected: [0, 65_536, '31001'], base: { service: { type: 'NodePort' } } },
  'service.loadBalancerSourceRanges': { accepted: [['192.0.2.0/24'], ['192.0.2.0/24', '2001:db8::/32']], rejected: [[], ['192.0.2.0'], numbered(65, () => '192.0.2.0/24')], base: LOAD_BALANCER },
  'service.internalTrafficPolicy': { accepted: ['Local', 'Cluster'], rejected: ['local', ''] },
  'service.sessionAffinity': { accepted: ['None', 'ClientIP', 'Auto'], rejected: ['none', ''] },
  'service.sessionAffinityTimeoutSeconds': { accepted: [1, 86_400], rejected: [0, 86_401, '60', 1.5], base: { service: { sessionAffinity: 'ClientIP' } } },
  ...Object.assign({}, ...DIRECTIONS.map(peers)) as Examples,
};

/** What parents need besides the field under test. */
export const NETWORK_REQUIRED: Readonly<Record<string, object>> = {
  'extraPorts[]': METRICS,
  ...Object.fromEntries(DIRECTIONS.flatMap((path) => [
    [`${path}[].ipBlock`, { cidr: '10.0.0.0/8' }],
    ...['podSelector', 'namespaceSelector'].map((selector) => [`${path}[].${selector}.matchExpressions[]`, CONDITION]),
  ])),
};

/** Examples by message of the rule. */
export const NETWORK_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'the port name mcp is taken: spec.port has it; choose another name': {
    accepted: [{ extraPorts: [{ ...METRICS, name: 'mcp2' }] }],
    rejected: [{ extraPorts: [METRICS, { name: 'mcp', port: 1 }] }],
  },
  'every port number of extraPorts can be used once, and spec.port and service.port are taken: choose another number': {
    accepted: [{ extraPorts: [METRICS, HEALTH] }, { port: 9000, extraPorts: [{ ...METRICS, port: 8080 }] }],
    rejected: [
      { extraPorts: [METRICS, { ...METRICS, name: 'other' }] },
      { extraPorts: [{ ...METRICS, port: 8080 }] },
      { port: 9090, extraPorts: [METRICS] },
      { service: { port: 9090 }, extraPorts: [METRICS] },
    ],
  },
  'networkPolicy restricts nothing without ingressFrom and egressTo: set one, if only to an empty list, or remove networkPolicy': {
    accepted: [{ networkPolicy: { ingressFrom: [] } }, { networkPolicy: { egressTo: [] } }],
    rejected: [{ networkPolicy: {} }],
  },
  'a peer of networkPolicy needs either ipBlock, or podSelector, namespaceSelector or both': {
    accepted: [{ networkPolicy: { ingressFrom: [PODS, ADDRESSES, { ...PODS, namespaceSelector: {} }] } }],
    rejected: [
      { networkPolicy: { ingressFrom: [PODS, {}] } },
      { networkPolicy: { egressTo: [{ ...PODS, ...ADDRESSES }] } },
      { networkPolicy: { egressTo: [{ ...ADDRESSES, namespaceSelector: { matchLabels: { a: '1' } } }] } },
    ],
  },
  'a peer that is every pod or every address restricts nothing: leave that direction out of networkPolicy, or say which labels, or except addresses': {
    accepted: [
      {
        networkPolicy: {
          ingressFrom: [{ podSelector: {} }, { podSelector: {}, namespaceSelector: { matchExpressions: [CONDITION] } }],
          egressTo: [INTERNET, { ipBlock: { cidr: '10.0.0.0/10' } }],
        },
      },
    ],
    rejected: [
      { networkPolicy: { ingressFrom: [PODS, { namespaceSelector: {} }] } },
      { networkPolicy: { ingressFrom: [], egressTo: [{ namespaceSelector: { matchLabels: {} }, podSelector: {} }] } },
      { networkPolicy: { egressTo: [{ ipBlock: { cidr: '0.0.0.0/0' } }] } },
      { networkPolicy: { ingressFrom: [{ ipBlock: { cidr: '::/0' } }] } },
      { networkPolicy: { ingressFrom: [{ ipBlock: { cidr: '192.0.2.1/0' } }] } },
    ],
  },
  'the keys of matchLabels in networkPolicy must be valid label keys, such as kubernetes.io/metadata.name': {
    accepted: [{ networkPolicy: { ingressFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'a' } } }] } }],
    rejected: [
      { networkPolicy: { ingressFrom: [{ podSelector: { matchLabels: { 'a b': 'c' } } }] } },
    ],
  },
  'service.loadBalancerClass needs type LoadBalancer: set the type, or remove the class': {
    accepted: [{ service: { type: 'LoadBalancer', loadBalancerClass: 'example.com/internal' } }],
    rejected: [{ service: { loadBalancerClass: 'a' } }, { service: { type: 'NodePort', loadBalancerClass: 'a' } }],
  },
  'service.externalTrafficPolicy needs type NodePort or LoadBalancer: set the type, or remove the policy': {
    accepted: [{ service: { type: 'NodePort', externalTrafficPolicy: 'Local' } }, { service: { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' } }],
    rejected: [{ service: { externalTrafficPolicy: 'Cluster' } }, { service: { type: 'ClusterIP', externalTrafficPolicy: 'Local' } }],
  },
  'service.sessionAffinityTimeoutSeconds means nothing with sessionAffinity None: remove it, or choose ClientIP or Auto': {
    accepted: [{ service: { sessionAffinityTimeoutSeconds: 60 } }, { service: { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: 60 } }],
    rejected: [{ service: { sessionAffinity: 'None', sessionAffinityTimeoutSeconds: 60 } }],
  },
  'service.annotations needs valid keys, and none of mcp.example.com/*, argocd.argoproj.io/*, kustomize.toolkit.fluxcd.io/* and last-applied: they mark owners': {
    accepted: [{ service: { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' } } }],
    rejected: [
      { service: { annotations: { 'mcp.example.com/adopt-by': 'other' } } },
      { service: { annotations: { 'argocd.argoproj.io/tracking-id': 'a' } } },
      { service: { annotations: { 'kustomize.toolkit.fluxcd.io/name': 'a' } } },
      { service: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } },
      { service: { annotations: { '-a': 'b' } } },
    ],
  },
};
