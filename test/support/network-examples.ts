// Accepted and rejected values of ports, Service and network policy; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';
import type { RuleExamples } from './rule-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const METRICS = { name: 'metrics', port: 9090 };
const HEALTH = { name: 'health', port: 8081 };

const QUALIFIED_NAME: FieldExamples = { accepted: ['http', 'kgateway.dev/mcp'], rejected: ['', 'a b', 'A/b', '-a', 'a/', long(318)] };
const LOAD_BALANCER = { service: { type: 'LoadBalancer' as const } };

/** Examples by path. */
export const NETWORK_EXAMPLES: Examples = {
  extraPorts: {
    accepted: [[METRICS], [METRICS, HEALTH], []],
    rejected: [[METRICS, { ...METRICS, port: 9091 }], [{ name: 'metrics' }], [{ port: 9090 }], METRICS, numbered(17, (index) => ({ name: `n${index}`, port: index + 1 }))],
  },
  'extraPorts[].name': { accepted: ['a', '1-2a-b', long(15)], rejected: ['', '1', '1-2', '-a', 'a-', 'a--b', 'A', 'a_b', 'a.b', long(16), 1] },
  'extraPorts[].port': { accepted: [1, 65_535], rejected: [0, 65_536, '9090', 1.5] },
  'service.type': { accepted: ['NodePort', 'LoadBalancer', 'ClusterIP'], rejected: ['ExternalName', 'clusterip', ''] },
  'service.port': { accepted: [80, 65_535], rejected: [0, 65_536, '80', 1.5] },
  'service.appProtocol': QUALIFIED_NAME,
  'service.annotations': { accepted: [{ a: '1' }, { 'example.com/b': 'ü\n', c: '' }], rejected: [{ a: 1 }, { 'a b': '' }, { a: long(4097) }, Object.fromEntries(numbered(33, (index) => [`k${index}`, '']))] },
  'service.loadBalancerClass': { ...QUALIFIED_NAME, base: LOAD_BALANCER },
  'service.externalTrafficPolicy': { accepted: ['Local', 'Cluster'], rejected: ['local', ''], base: LOAD_BALANCER },
  'service.sessionAffinity': { accepted: ['None', 'ClientIP', 'Auto'], rejected: ['none', ''] },
  'service.sessionAffinityTimeoutSeconds': { accepted: [1, 86_400], rejected: [0, 86_401, '60', 1.5], base: { service: { sessionAffinity: 'ClientIP' } } },
};

/** What parents need besides the field under test. */
export const NETWORK_REQUIRED: Readonly<Record<string, object>> = {
  'extraPorts[]': METRICS,
};

/** Examples by message of the rule. */
export const NETWORK_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'a stdio server has no Service and no ports: remove extraPorts or choose an HTTP transport': {
    accepted: [{ transport: 'http', extraPorts: [METRICS] }, { transport: 'stdio', extraPorts: [] }],
    rejected: [{ transport: 'stdio', extraPorts: [METRICS] }],
  },
  'the port name mcp is taken: spec.port has it; choose another name': {
    accepted: [{ extraPorts: [{ ...METRICS, name: 'mcp2' }] }],
    rejected: [{ extraPorts: [METRICS, { name: 'mcp', port: 1 }] }],
  },
  'every port number of extraPorts can be used once, and spec.port and service.port are taken: choose another number': {
    accepted: [{ extraPorts: [METRICS, HEALTH] }, { port: 9000, extraPorts: [{ ...METRICS, port: 8080 }] }],
    rejected: [{ extraPorts: [METRICS, { ...METRICS, name: 'other' }] }, { extraPorts: [{ ...METRICS, port: 8080 }] }, { port: 9090, extraPorts: [METRICS] }, { service: { port: 9090 }, extraPorts: [METRICS] }],
  },
  'a stdio server has no Service: remove service or choose an HTTP transport': {
    accepted: [{ transport: 'http', service: {} }, { transport: 'stdio' }],
    rejected: [{ transport: 'stdio', service: {} }, { transport: 'stdio', service: { port: 80 } }],
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
