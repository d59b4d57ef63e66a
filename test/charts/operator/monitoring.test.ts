import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { ruleGroups } from '../../../charts/operator/monitoring/alerts.ts';
import type { MonitoringProps } from '../../../charts/operator/monitoring/props.ts';
import { deploymentOf, install, objectOf, type Installed } from '../../support/operator-manifests.ts';
import { renderSpec } from '../../support/rendered.ts';

type Spec = Readonly<Record<string, unknown>>;
interface Selector { readonly matchLabels: Readonly<Record<string, string>> }

function specOf(manifests: readonly Installed[], kind: string): Spec {
  return (objectOf(manifests, kind) as unknown as { readonly spec: Spec }).spec;
}

/** Names of the dashboards that an installation has, by the label that Grafana's sidecar looks for. */
function dashboards(monitoring?: MonitoringProps): string[] {
  const found = install({ ...(monitoring && { monitoring }) }).filter(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1');
  return found.flatMap((manifest) => Object.keys((manifest as { readonly data?: object }).data ?? {}));
}

/** Kind and namespace of what an installation has that belongs to the Prometheus operator. */
function monitors(monitoring?: MonitoringProps): string[] {
  const manifests = install({ ...(monitoring && { monitoring }), namespace: 'platform' });
  return manifests.filter(({ apiVersion }) => apiVersion === 'monitoring.coreos.com/v1').map(({ kind, metadata }) => `${kind} ${metadata.namespace}`);
}

describe('the objects for the Prometheus operator', () => {
  it('are rendered only where they are asked for, into the namespace of the operator', () => {
    expect(monitors()).toEqual([]);
    expect(monitors({})).toEqual(['ServiceMonitor platform', 'PodMonitor platform', 'PrometheusRule platform']);
    expect(monitors({ serviceMonitor: false, rules: false })).toEqual(['PodMonitor platform']);
    expect(monitors({ podMonitor: false })).toEqual(['ServiceMonitor platform', 'PrometheusRule platform']);
  });

  it('carry the labels by which a Prometheus selects them', () => {
    const { metadata } = objectOf(install({ monitoring: { labels: { release: 'prometheus' } } }), 'PrometheusRule');
    expect(metadata.labels).toEqual({ release: 'prometheus', 'app.kubernetes.io/name': 'mcp-operator', 'app.kubernetes.io/component': 'operator' });
  });

  it('give the operator no right over them', () => {
    const rules = install({ monitoring: {} }).flatMap((manifest) => manifest.rules ?? []);
    expect(rules.length).toBeGreaterThan(3);
    expect(rules.filter(({ apiGroups }) => apiGroups.some((group) => group.includes('monitoring') || group === '*'))).toEqual([]);
  });

  it.each([undefined, ['team-a']])('find the metrics of the operator by its Service, and keep their labels, with watchNamespaces %s', (watchNamespaces) => {
    const manifests = install({ monitoring: { interval: '15s' }, ...(watchNamespaces && { watchNamespaces }) });
    const { selector, endpoints } = specOf(manifests, 'ServiceMonitor') as { selector: Selector; endpoints: { port: string }[] };
    const found = manifests.filter(({ kind, metadata }) =>
      kind === 'Service' && Object.entries(selector.matchLabels).every(([key, value]) => metadata.labels?.[key] === value));
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['mcp-operator-metrics']);
    const { ports } = specOf(manifests, 'Service') as { ports: { name: string; targetPort: string }[] };
    expect(endpoints).toEqual([{ port: 'metrics', path: '/metrics', honorLabels: true, interval: '15s' }]);
    expect(ports.find(({ name }) => name === endpoints[0]?.port)?.targetPort).toBe('metrics');
    expect(deploymentOf(manifests).spec.template.spec.containers[0]['ports']).toContainEqual({ name: 'metrics', containerPort: 8080, protocol: 'TCP' });
  });

  it('find the pods of MCP servers where the operator runs some, on ports that these have', () => {
    expect(specOf(install({ monitoring: {} }), 'PodMonitor')['namespaceSelector']).toEqual({ any: true });
    const spec = specOf(install({ monitoring: {}, watchNamespaces: ['team-a', 'team-b'] }), 'PodMonitor');
    expect(spec['namespaceSelector']).toEqual({ matchNames: ['team-a', 'team-b'] });
    const { matchLabels } = spec['selector'] as Selector;
    const [ofServers, ofBridges] = spec['podMetricsEndpoints'] as [{ port: string }, { port: string; relabelings: object[] }];
    const having: [string, Partial<MCPServerSpec>][] = [
      [ofServers.port, { extraPorts: [{ name: 'metrics', port: 9090 }] }],
      [ofBridges.port, { transport: 'stdio', command: ['server'] }],
    ];
    for (const [port, more] of having) {
      const { template } = renderSpec(more).deployment.spec;
      expect(template.metadata.labels).toMatchObject(matchLabels);
      expect((template.spec.containers[0]['ports'] as { name: string }[]).map(({ name }) => name)).toContain(port);
    }
    expect(renderSpec({ transport: 'stdio', command: ['server'] }).deployment.spec.template.metadata.labels['example.com/transport']).toBe('stdio');
    expect(ofBridges.relabelings).toEqual([{ action: 'keep', sourceLabels: ['__meta_kubernetes_pod_label_example_com_transport'], regex: 'stdio' }]);
  });

  it('have the alerts of the rules file, with their pages where they are served', () => {
    expect(specOf(install({ monitoring: {} }), 'PrometheusRule')['groups']).toEqual(ruleGroups().groups);
    const { groups } = specOf(install({ monitoring: { runbookBase: 'https://git.example.com/mcp/' } }), 'PrometheusRule');
    expect(JSON.stringify(groups)).toContain('"runbook_url":"https://git.example.com/mcp/docs/runbooks/MCPServerNotReady.md"');
  });

  it('have the dashboards beside them, unless told otherwise, and these need none of the others', () => {
    expect(dashboards()).toEqual([]);
    expect(dashboards({ dashboards: false })).toEqual([]);
    expect(dashboards({})).toEqual(['mcp-operator.json', 'mcp-servers.json']);
    expect(dashboards({ serviceMonitor: false, podMonitor: false, rules: false })).toHaveLength(2);
    const { metadata, kind } = objectOf(install({ monitoring: { labels: { team: 'a' } }, namespace: 'platform' }), 'ConfigMap');
    expect([kind, metadata.name, metadata.namespace]).toEqual(['ConfigMap', 'mcp-operator-dashboards', 'platform']);
    expect(metadata.labels).toMatchObject({ grafana_dashboard: '1', team: 'a', 'app.kubernetes.io/name': 'mcp-operator' });
  });

  it.each<[MonitoringProps, string]>([
    [{ interval: '30' }, 'monitoring.interval is "30": it must be a duration, such as 30s'],
    [{ runbookBase: 'https://git.example.com' }, 'monitoring.runbookBase is "https://git.example.com": it must be a URL that ends with /'],
    [{ runbookBase: 'javascript:alert(1)/' }, 'monitoring.runbookBase is "javascript:alert(1)/"'],
    [{ serviceMonitor: false, podMonitor: false, rules: false, dashboards: false }, 'monitoring renders nothing: leave it out'],
  ])('are refused by name where %j cannot be meant', (monitoring, problem) => {
    expect(() => install({ monitoring })).toThrow(problem);
  });
});
