// Accepted and rejected values of what Deployments and pods say besides: metadata, rollouts, hooks, names; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';
import type { RuleExamples } from './rule-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const keys = (count: number): object => Object.fromEntries(numbered(count, (index) => [`k${index}`, '1']));

const LABELS: FieldExamples = { accepted: [{ team: 'a' }, { 'example.com/b': '', team: 'a' }, {}], rejected: [{ a: 1 }, { a: 'a b' }, { 'a b': '1' }, keys(33)] };
const ANNOTATIONS: FieldExamples = { accepted: [{ team: 'a' }, { 'example.com/b': 'ü\n' }, {}], rejected: [{ a: 1 }, { 'a b': '1' }, keys(33)] };
const NAME: FieldExamples = { accepted: ['a', '1.b-c'], rejected: ['', 'A', 'a_b', long(254)] };
const ADDRESSES = { accepted: ['192.0.2.1', '2001:DB8::1', '::1'], rejected: ['', '192.0.2', '256.0.0.1', '1::2::3', 'example.com', '192.0.2.1/24'] } as const;
const PODS: FieldExamples = { accepted: [1, '50%', '100%'], rejected: [-1, 1001, '101%', '50', 'a', ''] };
const ROLLING = { type: 'RollingUpdate' as const };
const TEXT: FieldExamples = { accepted: ['a', long(63)], rejected: ['', 'a b', long(64), 1] };
const GET = 'postStart.httpGet';

/** Examples by path. */
export const WORKLOAD_EXAMPLES: Examples = {
  ...Object.fromEntries(['all', 'deployment', 'service', 'serviceAccount'].flatMap((object) => [
    [`metadata.${object}.labels`, LABELS], [`metadata.${object}.annotations`, ANNOTATIONS],
  ])),
  'strategy.maxUnavailable': { ...PODS, base: { strategy: ROLLING } },
  'strategy.maxSurge': { ...PODS, accepted: [1, '150%'], rejected: [-1, 1001, '1000%', '50', ''], base: { strategy: ROLLING } },
  progressDeadlineSeconds: { accepted: [1, 86_400], rejected: [0, 86_401, '600'] },
  revisionHistoryLimit: { accepted: [0, 1000], rejected: [-1, 1001, '10'] },
  operatorEnv: { accepted: ['Omit', 'Set'], rejected: ['omit', '', true] },
  workingDir: { accepted: ['/app', '/'], rejected: ['', 'app', '/ä', '/a\n', `/${long(1024)}`] },
  'postStart.exec.command': { accepted: [['a'], ['a', '']], rejected: [[], 'a', [long(8193)], numbered(129, () => 'a')] },
  [`${GET}.path`]: { accepted: ['/', 'a'], rejected: ['', `/${long(1024)}`] },
  [`${GET}.port`]: { accepted: [1, 'mcp', 65_535], rejected: [0, 65_536, '', 'A', 'a_b', long(16)], base: { transport: 'http' } },
  [`${GET}.host`]: { accepted: ['a', long(253)], rejected: ['', long(254)] },
  [`${GET}.scheme`]: { accepted: ['HTTPS', 'HTTP'], rejected: ['https'] },
  [`${GET}.httpHeaders`]: { accepted: [[{ name: 'A', value: '1' }], [{ name: 'A', value: '1' }, { name: 'A', value: '2' }]], rejected: [[], [{ name: 'A' }]] },
  [`${GET}.httpHeaders[].name`]: { accepted: ['A', 'x-B-1'], rejected: ['', 'a b', 'a_b', long(254)] },
  [`${GET}.httpHeaders[].value`]: { accepted: ['a', 'a b'], rejected: ['', long(1025)] },
  schedulerName: NAME,
  hostAliases: {
    accepted: [[{ ip: '192.0.2.1', hostnames: ['a'] }], [{ ip: '192.0.2.1', hostnames: ['a'] }, { ip: '::1', hostnames: ['a', 'b.c'] }], []],
    rejected: [
      [{ ip: '::1' }],
      [{ ip: '::1', hostnames: ['a'] }, { ip: '::1', hostnames: ['b'] }],
      numbered(33, (index) => ({ ip: `10.0.0.${index}`, hostnames: ['a'] })),
    ],
  },
  'hostAliases[].ip': ADDRESSES,
  'hostAliases[].hostnames': { accepted: [['a'], ['a', 'b.example.com']], rejected: [[], ['A'], ['a_b'], numbered(33, () => 'a')] },
  dnsPolicy: { accepted: ['Default', 'ClusterFirst', 'ClusterFirstWithHostNet'], rejected: ['default', ''] },
  'dnsConfig.nameservers': { accepted: [['192.0.2.1'], ['192.0.2.1', '2001:db8::1']], rejected: [[], ['a'], numbered(4, () => '192.0.2.1')] },
  'dnsConfig.searches': { accepted: [['example.com'], ['a', '_b.c.', '.']], rejected: [[], ['A b'], ['..'], [long(254)], numbered(33, (index) => `a${index}`)] },
  'dnsConfig.options': { accepted: [[{ name: 'ndots', value: '2' }], [{ name: 'edns0' }]], rejected: [[], [{ value: '2' }], numbered(17, () => ({ name: 'a' }))] },
  'dnsConfig.options[].name': TEXT,
  'dnsConfig.options[].value': TEXT,
};

/** What parents need besides the field under test. */
export const WORKLOAD_REQUIRED: Readonly<Record<string, object>> = {
  [GET]: { port: 1 },
  [`${GET}.httpHeaders[]`]: { name: 'A', value: '1' },
  'hostAliases[]': { ip: '192.0.2.1', hostnames: ['a'] },
  'dnsConfig.options[]': { name: 'ndots' },
};

const rolling = (...strategies: object[]): [object] => strategies.map((strategy) => ({ strategy })) as [object];
const FOREIGN = ['mcp.example.com/adopt-by', 'argocd.argoproj.io/tracking-id', 'kustomize.toolkit.fluxcd.io/name'];

const OBJECTS = ['all', 'deployment', 'service', 'serviceAccount'];
const withMap = (object: string, part: string) => (map: object): object => ({ metadata: { [object]: { [part]: map } } });

function labelsOf(object: string): [message: string, examples: RuleExamples] {
  const spec = withMap(object, 'labels');
  const message = `metadata.${object}.labels needs valid keys, and none of the operator's own (app.kubernetes.io/{name,instance,component,managed-by}, example.com/transport) or of GitOps tools`;
  const rejected = [{ 'app.kubernetes.io/name': 'a' }, { 'example.com/transport': 'a' }, { '-a': 'a' }, ...FOREIGN.map((key) => ({ [key]: 'a' }))];
  return [message, { accepted: [spec({ team: 'a', 'app.kubernetes.io/part-of': 'b', 'azure.workload.identity/use': 'true' })], rejected: rejected.map(spec) as [object] }];
}

function annotationsOf(object: string): [message: string, examples: RuleExamples] {
  const spec = withMap(object, 'annotations');
  const message = `metadata.${object}.annotations needs valid keys, and none of those by which the operator, GitOps tools, kubectl and controllers mark what is theirs`;
  const rejected = [
    { 'deployment.kubernetes.io/revision': '7' }, { 'kubectl.kubernetes.io/last-applied-configuration': '{}' }, { '-a': 'a' }, ...FOREIGN.map((key) => ({ [key]: 'a' })),
  ];
  return [message, { accepted: [spec({ team: 'a', 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/a' })], rejected: rejected.map(spec) as [object] }];
}

/** Examples by message of the rule. */
export const WORKLOAD_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  ...Object.fromEntries(OBJECTS.flatMap((object) => [labelsOf(object), annotationsOf(object)])),
  'metadata.serviceAccount is of the own ServiceAccount, and serviceAccount names another: put labels and annotations on that one, or leave serviceAccount out': {
    accepted: [{ serviceAccount: 'a', metadata: { all: { labels: { a: 'b' } } } }, { metadata: { serviceAccount: {} } }],
    rejected: [{ serviceAccount: 'a', metadata: { serviceAccount: { labels: { a: 'b' } } } }],
  },
  'service.nodePort needs type NodePort or LoadBalancer: set the type, or remove the port': {
    accepted: [{ service: { type: 'NodePort', nodePort: 30_073 } }, { service: { type: 'LoadBalancer', nodePort: 30_074 } }],
    rejected: [{ service: { nodePort: 30_073 } }],
  },
  'service.loadBalancerSourceRanges needs type LoadBalancer: set the type, or remove the ranges': {
    accepted: [{ service: { type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24'] } }],
    rejected: [{ service: { loadBalancerSourceRanges: ['192.0.2.0/24'] } }, { service: { type: 'NodePort', loadBalancerSourceRanges: ['192.0.2.0/24'] } }],
  },
  'postStart needs exactly one of exec and httpGet': {
    accepted: [{ postStart: { exec: { command: ['a'] } } }, { postStart: { httpGet: { port: 1 } } }],
    rejected: [{ postStart: {} }, { postStart: { exec: { command: ['a'] }, httpGet: { port: 1 } } }],
  },
  'maxSurge and maxUnavailable are of a rolling update: remove them, or set strategy.type to RollingUpdate': {
    accepted: [{ strategy: { maxSurge: 1 } }, { strategy: { type: 'Recreate' } }],
    rejected: [{ strategy: { type: 'Recreate', maxSurge: 1 } }, { strategy: { type: 'Recreate', maxUnavailable: '50%' } }],
  },
  'with maxSurge 0 an old pod has to go before a new one comes: set maxUnavailable to 1 or more as well, or remove maxSurge': {
    accepted: rolling({ maxSurge: 0, maxUnavailable: 1 }, { maxSurge: '0%', maxUnavailable: '1%' }, { maxSurge: '10%', maxUnavailable: 0 }),
    rejected: rolling({ maxSurge: 0 }, { maxSurge: '0%' }, { maxSurge: '00%', maxUnavailable: 0 }, { maxSurge: 0, maxUnavailable: '0%' }),
  },
  'with dnsPolicy None pods ask only the name servers of dnsConfig: name one in dnsConfig.nameservers, or choose another policy': {
    accepted: [{ dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1'] } }, { dnsPolicy: 'Default' }],
    rejected: [{ dnsPolicy: 'None' }, { dnsPolicy: 'None', dnsConfig: { searches: ['a'] } }],
  },
};
