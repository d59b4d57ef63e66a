// What the operator's own NetworkPolicy lets through.
import { describe, expect, it } from 'vitest';
import type { OperatorProps } from '../../../charts/operator/operator.ts';
import { isAllowed, type Network, type Party } from '../../support/network-policies.ts';
import { deploymentOf, install, objectOf, policyOf } from '../../support/operator-manifests.ts';
import { renderSpec } from '../../support/rendered.ts';

const SERVER_LABELS = renderSpec().deployment.spec.template.metadata.labels;
const pod = (namespace: string, labels: Record<string, string>, ip: string): Party => ({ ip, pod: { namespace, labels } });
const PARTIES = {
  server: pod('tools', SERVER_LABELS, '10.1.0.1'),
  otherServer: pod('elsewhere', SERVER_LABELS, '10.2.0.1'),
  database: pod('tools', { app: 'db' }, '10.1.0.2'),
  dns: pod('kube-system', { 'k8s-app': 'kube-dns' }, '10.3.0.1'),
  apiServer: { ip: '192.0.2.1' },
  internet: { ip: '203.0.113.9' },
} satisfies Record<string, Party>;
type Name = keyof typeof PARTIES;
const NAMES = Object.keys(PARTIES) as Name[];

function world(props: Partial<OperatorProps>): { operator: Party; network: Network } {
  const manifests = install(props);
  const policy = policyOf(manifests);
  const { metadata, spec } = deploymentOf(manifests).spec.template;
  const ports = Object.fromEntries(
    (spec.containers[0]['ports'] as { name: string; containerPort: number }[]).map(({ name, containerPort }) => [name, containerPort]),
  );
  const namespace = policy.metadata.namespace ?? '';
  const operator = { ip: '10.9.0.1', pod: { namespace, labels: metadata.labels, ports } };
  return {
    operator,
    network: {
      policies: [policy],
      namespaces: { [namespace]: objectOf(manifests, 'Namespace').metadata.labels ?? {}, tools: {}, elsewhere: {}, 'kube-system': {} },
    },
  };
}

function mayReach(props: Partial<OperatorProps>, port: number, protocol = 'TCP'): Name[] {
  const { operator, network } = world(props);
  return NAMES.filter((name) => isAllowed({ from: operator, to: PARTIES[name], port, protocol }, network));
}

describe('the operator', () => {
  it.each<[string, Partial<OperatorProps>, Name[]]>([
    ['of all namespaces', {}, ['server', 'otherServer']],
    ['of some namespaces', { watchNamespaces: ['tools', 'more'] }, ['server']],
    ['of its own namespace', { namespace: 'tools', watchNamespaces: ['tools'] }, ['server']],
    ['that asks through the API server', { podAccess: 'api-server' }, []],
  ])('%s reaches MCP servers at any port, DNS and the API server, and nobody else', (_what, props, servers) => {
    for (const port of [80, 3000, 65_535]) expect(mayReach(props, port)).toEqual(servers);
    for (const protocol of ['TCP', 'UDP']) expect(mayReach(props, 53, protocol)).toEqual(protocol === 'TCP' ? [...servers, 'dns'] : ['dns']);
    // The API server has no address that could be selected.
    for (const port of [443, 6443]) expect(mayReach(props, port)).toEqual(NAMES);
    for (const port of [80, 443]) expect(mayReach(props, port, 'UDP')).toEqual([]);
  });

  it('is reached by everybody at its metrics, and at no other port', () => {
    const { operator, network } = world({});
    const from = (port: number): Name[] => NAMES.filter((name) => isAllowed({ from: PARTIES[name], to: operator, port }, network));
    expect(from(8080)).toEqual(NAMES);
    for (const port of [8081, 22, 443]) expect(from(port)).toEqual([]);
  });

  it('has no rule that lets everything through', () => {
    for (const props of [{}, { watchNamespaces: ['tools'] }, { podAccess: 'api-server' } as const]) {
      const { ingress = [], egress = [] } = policyOf(install(props)).spec;
      // By default a rule in, and rules out to DNS and the API server at least.
      expect([ingress.length, egress.length]).toEqual([1, expect.toSatisfy((rules: number) => rules >= 2)]);
      expect([...ingress, ...egress].filter(({ ports = [] }) => ports.length === 0)).toEqual([]);
    }
  });
});
