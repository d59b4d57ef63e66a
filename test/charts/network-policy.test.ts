// What rendered NetworkPolicies let through, and first whether our evaluator reads policies as Kubernetes documents them.
import { App, Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { Operator } from '../../charts/operator/operator.ts';
import type { Manifest } from '../../charts/render.ts';
import { arbitraryField } from '../support/arbitrary-spec.ts';
import { isAllowed, isPeer, type Flow, type Network, type Party, type Policy, type PolicyPeer } from '../support/network-policies.ts';
import { renderSpec } from '../support/rendered.ts';

function pod(namespace: string, labels: Record<string, string>, ip: string): Party {
  return { ip, pod: { namespace, labels } };
}

function withPorts({ ip, pod: each }: Party, ports: Record<string, number>): Party {
  return { ip, ...(each && { pod: { ...each, ports } }) };
}

function outside(ip: string): Party {
  return { ip };
}

function policy(spec: Policy['spec']): Policy {
  return { metadata: { namespace: 'default' }, spec };
}

describe('the evaluator, on the policies of the Kubernetes documentation', () => {
  const namespaces = { default: {}, other: { project: 'myproject', user: 'alice' }, frontend: { namespace: 'frontend' } };
  const db = withPorts(pod('default', { role: 'db' }, '10.0.0.5'), { redis: 6379 });
  const web = pod('default', { role: 'frontend' }, '10.0.0.6');
  const plain = pod('default', {}, '10.0.0.7');
  const project = pod('other', { role: 'client' }, '10.1.0.1');
  const elsewhere = pod('frontend', { role: 'frontend' }, '10.1.0.2');
  const allows = (spec: Policy['spec'] | undefined, flow: Partial<Flow>): boolean =>
    isAllowed({ from: plain, to: db, port: 6379, ...flow }, { policies: spec ? [policy(spec)] : [], namespaces });

  const EXAMPLE: Policy['spec'] = {
    podSelector: { matchLabels: { role: 'db' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{
      from: [
        { ipBlock: { cidr: '172.17.0.0/16', except: ['172.17.1.0/24'] } },
        { namespaceSelector: { matchLabels: { project: 'myproject' } } },
        { podSelector: { matchLabels: { role: 'frontend' } } },
      ],
      ports: [{ protocol: 'TCP', port: 6379 }],
    }],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/24' } }], ports: [{ protocol: 'TCP', port: 5978 }] }],
  };
  const AND: Policy['spec'] = {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { user: 'alice' } }, podSelector: { matchLabels: { role: 'client' } } }] }],
  };
  const OR: Policy['spec'] = {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { user: 'alice' } } }, { podSelector: { matchLabels: { role: 'client' } } }] }],
  };
  const RANGE: Policy['spec'] = {
    podSelector: { matchLabels: { role: 'db' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/24' } }], ports: [{ protocol: 'TCP', port: 32_000, endPort: 32_768 }] }],
  };
  const BY_NAME: Policy['spec'] = {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['frontend', 'x'] }] } }] }],
  };

  it.each<[string, Policy['spec'] | undefined, Partial<Flow>, boolean]>([
    ['without a policy everything passes', undefined, {}, true],
    ['pods that no policy selects are open', EXAMPLE, { to: plain }, true],
    ['an address of the block', EXAMPLE, { from: outside('172.17.0.1') }, true],
    ['an address of the exception', EXAMPLE, { from: outside('172.17.1.9') }, false],
    ['an address beside the block', EXAMPLE, { from: outside('172.18.0.1') }, false],
    ['a pod of a namespace with the label', EXAMPLE, { from: project }, true],
    ['a pod with the label in the own namespace', EXAMPLE, { from: web }, true],
    ['a pod with the label in another namespace', EXAMPLE, { from: elsewhere }, false],
    ['a pod without the label', EXAMPLE, {}, false],
    ['another port', EXAMPLE, { from: web, port: 80 }, false],
    ['another protocol', EXAMPLE, { from: web, protocol: 'UDP' }, false],
    ['egress to the block and port', EXAMPLE, { from: db, to: outside('10.0.0.9'), port: 5978 }, true],
    ['egress to another port', EXAMPLE, { from: db, to: outside('10.0.0.9'), port: 80 }, false],
    ['egress to another address', EXAMPLE, { from: db, to: outside('10.0.1.9'), port: 5978 }, false],
    ['default deny of ingress', { podSelector: {}, policyTypes: ['Ingress'] }, {}, false],
    ['default deny of ingress, seen by egress', { podSelector: {}, policyTypes: ['Ingress'] }, { from: db, to: outside('1.1.1.1') }, true],
    ['an ingress rule without peers', { podSelector: {}, ingress: [{}] }, {}, true],
    ['an ingress rule with an empty list of peers', { podSelector: {}, ingress: [{ from: [] }] }, {}, true],
    ['default deny of egress', { podSelector: {}, policyTypes: ['Egress'] }, { from: db, to: outside('1.1.1.1') }, false],
    ['default deny of egress, seen by ingress from outside', { podSelector: {}, policyTypes: ['Egress'] }, { from: outside('1.1.1.1') }, true],
    ['an egress rule without peers', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }, { from: db, to: outside('1.1.1.1') }, true],
    ['both selectors in one peer: both hold', AND, { from: project }, true],
    ['both selectors in one peer: only one holds', AND, { from: pod('default', { role: 'client' }, '10.0.0.8') }, false],
    ['both selectors in two peers: only one holds', OR, { from: pod('default', { role: 'client' }, '10.0.0.8') }, true],
    ['a port of a range', RANGE, { from: db, to: outside('10.0.0.9'), port: 32_500 }, true],
    ['a port beyond the range', RANGE, { from: db, to: outside('10.0.0.9'), port: 32_769 }, false],
    ['a namespace by its name', BY_NAME, { from: elsewhere }, true],
    ['a namespace of another name', BY_NAME, { from: project }, false],
    ['a port by its name', { podSelector: {}, ingress: [{ ports: [{ port: 'redis' }] }] }, {}, true],
    ['a port by a name that has another number', { podSelector: {}, ingress: [{ ports: [{ port: 'redis' }] }] }, { port: 80 }, false],
    ['a pod and itself', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, { from: db, to: db }, true],
    [
      'a label that is missing is not in a list',
      { podSelector: {}, ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: 'role', operator: 'NotIn', values: ['db'] }] } }] }] },
      {},
      true,
    ],
  ])('%s', (_what, ...[spec, flow, allowed]) => {
    expect(allows(spec, flow)).toBe(allowed);
  });

  it('takes the union of policies', () => {
    const deny = policy({ podSelector: {}, policyTypes: ['Ingress'] });
    expect(isAllowed({ from: web, to: db, port: 6379 }, { policies: [deny, policy(EXAMPLE)], namespaces })).toBe(true);
    expect(isAllowed({ from: plain, to: db, port: 6379 }, { policies: [deny, policy(EXAMPLE)], namespaces })).toBe(false);
  });
});

/** Namespace and pod of the operator as its own chart installs them. */
function installedOperator(namespace: string): { labels: Record<string, string>; pod: Party } {
  const manifests = Chart.of(new Operator(new Chart(new App(), 'chart'), 'operator', { image: 'a', namespace })).toJson() as Manifest[];
  const labelsOf = (kind: string): Record<string, string> => manifests.find((manifest) => manifest.kind === kind)?.metadata.labels ?? {};
  const deployment = manifests.find(({ kind }) => kind === 'Deployment') as Manifest & {
    spec: { template: { metadata: { labels: Record<string, string> } } };
  };
  return { labels: labelsOf('Namespace'), pod: pod(namespace, deployment.spec.template.metadata.labels, '10.9.0.1') };
}

describe('a rendered policy', () => {
  const EXTRA = { extraPorts: [{ name: 'metrics', port: 9090 }] };
  const operator = installedOperator('where-it-runs');
  const namespaces = { tools: {}, edge: { team: 'edge' }, stranger: {}, 'where-it-runs': operator.labels, 'kube-system': {} };
  const PARTIES = {
    operator: operator.pod,
    posingAsOperator: pod('stranger', operator.pod.pod?.labels ?? {}, '10.2.0.1'),
    gateway: pod('edge', { app: 'gateway' }, '10.3.0.1'),
    otherOfEdge: pod('edge', { app: 'other' }, '10.3.0.2'),
    neighbour: pod('tools', { app: 'agent' }, '10.4.0.1'),
    stranger: pod('stranger', { app: 'agent' }, '10.2.0.2'),
    dns: pod('kube-system', { 'k8s-app': 'kube-dns' }, '10.5.0.1'),
    posingAsDns: pod('stranger', { 'k8s-app': 'kube-dns' }, '10.2.0.3'),
    office: { ip: '192.0.2.7' },
    internet: { ip: '203.0.113.9' },
    metadata: { ip: '169.254.169.254' },
  } satisfies Record<string, Party>;
  type Name = keyof typeof PARTIES;
  const NAMES = Object.keys(PARTIES) as Name[];

  function world(spec: Partial<MCPServerSpec>): { server: Party; network: Network } {
    const { deployment, find } = renderSpec({ ...EXTRA, ...spec });
    const rendered = find('NetworkPolicy') as (Manifest & Policy) | undefined;
    const server = withPorts(pod('tools', deployment.spec.template.metadata.labels, '10.4.0.9'), { mcp: 8080, metrics: 9090 });
    return { server, network: { policies: rendered ? [rendered] : [], namespaces } };
  }
  /** Who may connect to a port of the server. */
  function mayEnter(networkPolicy: MCPServerSpec['networkPolicy'], port: number): Name[] {
    const { server, network } = world({ networkPolicy });
    return NAMES.filter((name) => isAllowed({ from: PARTIES[name], to: server, port }, network));
  }
  /** Whom the server may connect to. */
  function mayReach(networkPolicy: MCPServerSpec['networkPolicy'], [port, protocol]: [number, string] = [443, 'TCP']): Name[] {
    const { server, network } = world({ networkPolicy });
    return NAMES.filter((name) => isAllowed({ from: server, to: PARTIES[name], port, protocol }, network));
  }
  const EDGE = { namespaceSelector: { matchLabels: { team: 'edge' } } };

  it.each<[string, MCPServerSpec['networkPolicy'], Name[]]>([
    ['nobody but the operator, for an empty list', { ingressFrom: [] }, ['operator']],
    ['pods of a namespace', { ingressFrom: [EDGE] }, ['operator', 'gateway', 'otherOfEdge']],
    ['some pods of a namespace', { ingressFrom: [{ ...EDGE, podSelector: { matchLabels: { app: 'gateway' } } }] }, ['operator', 'gateway']],
    ['pods of the own namespace', { ingressFrom: [{ podSelector: {} }] }, ['operator', 'neighbour']],
    ['pods with a label, wherever they are', { ingressFrom: [{ namespaceSelector: { matchLabels: {} }, podSelector: { matchLabels: { app: 'agent' } } }] }, ['operator', 'neighbour', 'stranger']],
    ['addresses', { ingressFrom: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }, ['operator', 'office']],
    ['several peers', { ingressFrom: [EDGE, { ipBlock: { cidr: '192.0.2.0/24' } }], egressTo: [] }, ['operator', 'gateway', 'otherOfEdge', 'office']],
    ['everybody, while only egress is closed', { egressTo: [] }, NAMES],
    ['everybody, without networkPolicy', undefined, NAMES],
  ])('lets in: %s', (_what, networkPolicy, names) => {
    expect(mayEnter(networkPolicy, 8080)).toEqual(names);
    expect(mayEnter(networkPolicy, 9090)).toEqual(names === NAMES ? NAMES : names.filter((name) => name !== 'operator'));
    expect(mayEnter(networkPolicy, 22)).toEqual(names === NAMES ? NAMES : []);
  });

  it.each<[string, MCPServerSpec['networkPolicy'], Name[]]>([
    ['nobody, for an empty list', { egressTo: [] }, []],
    ['pods of a namespace', { egressTo: [EDGE] }, ['gateway', 'otherOfEdge']],
    ['the internet but not what is private', { egressTo: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.0.0/16'] } }] }, ['office', 'internet']],
    ['everybody, while only ingress is closed', { ingressFrom: [] }, NAMES],
    ['everybody, without networkPolicy', undefined, NAMES],
  ])('lets out to: %s', (_what, networkPolicy, names) => {
    expect(mayReach(networkPolicy)).toEqual(names);
    for (const protocol of ['UDP', 'TCP']) {
      expect(mayReach(networkPolicy, [53, protocol]).toSorted()).toEqual([...new Set<Name>([...names, 'dns'])].toSorted());
    }
  });

  it('lets nobody in or out whom no peer names, whatever the peers', () => {
    const peers = arbitraryField('networkPolicy').map(({ ingressFrom = [], egressTo = [] }) => ({ ingressFrom, egressTo }));
    fc.assert(
      fc.property(peers, fc.constantFrom(...NAMES), fc.constantFrom(8080, 9090, 22), (networkPolicy, name, port) => {
        const { server, network } = world({ networkPolicy });
        const party: Party = PARTIES[name];
        const isNamed = (list: unknown): boolean =>
          (list as PolicyPeer[]).some((peer) => isPeer(peer, party, { namespace: 'tools', namespaces }));
        expect(isAllowed({ from: party, to: server, port }, network)).toBe(
          (name === 'operator' && port === 8080) || (port !== 22 && isNamed(networkPolicy.ingressFrom)),
        );
        expect(isAllowed({ from: server, to: party, port }, network)).toBe(isNamed(networkPolicy.egressTo));
      }),
      { numRuns: 300 },
    );
  });

  /** Whether one replica of a stdio server reaches another one, on the MCP port and on that of the bridge. */
  function between(fields: Partial<MCPServerSpec>): boolean[] {
    const { server, network } = world({ transport: 'stdio', command: ['server'], ...fields });
    const other = { ...server, ip: '10.0.0.99' };
    return [8080, 18_081].map((port) => isAllowed({ from: server, to: other, port }, network));
  }

  it('of a stdio server closes its way out, and nobody but the kubelet reaches the port of its bridge', () => {
    const { server, network } = world({ transport: 'stdio', command: ['server'], extraPorts: [], networkPolicy: { ingressFrom: [], egressTo: [] } });
    expect(isAllowed({ from: server, to: PARTIES.internet, port: 443 }, network)).toBe(false);
    expect([8080, 18_081].map((port) => isAllowed({ from: PARTIES.operator, to: server, port }, network))).toEqual([true, false]);
  });

  it('of a stdio server lets its replicas reach each other on the MCP port in every direction it closes, unless any replica serves any request', () => {
    expect(between({ networkPolicy: { ingressFrom: [] } })).toEqual([true, false]);
    expect(between({ networkPolicy: { egressTo: [] } })).toEqual([true, false]);
    expect(between({ networkPolicy: { ingressFrom: [], egressTo: [] } })).toEqual([true, false]);
    expect(between({ networkPolicy: { ingressFrom: [], egressTo: [] }, stdio: { sessions: 'Shared' } })).toEqual([false, false]);
  });
});
