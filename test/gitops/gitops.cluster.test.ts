// What docs/gitops.md says, on the real API server: the manifests of the TypeScript examples, and who owns the number of pods.
import { App, type Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { ToolsChart as Composition } from '../../examples/composition/tools.ts';
import { ToolsChart as Resources } from '../../examples/resources/tools.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { connect, kubectl, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { mcpServer, MINIMAL } from '../support/rendered.ts';

let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(() => client.close());

describe('the manifests of', () => {
  const namespace = useNamespace('examples');

  it.each<[string, () => Chart, string[]]>([
    ['examples/composition', () => new Composition(new App(), 'tools', { namespace, host: 'mcp.example.com', imageTag: '1.4.2', replicas: 3 }), ['ingress.networking.k8s.io/mcp', 'networkpolicy.networking.k8s.io/weather-only-from-ingress', 'deployment.apps/tickets', 'horizontalpodautoscaler.autoscaling/tickets-by-open-tickets', 'poddisruptionbudget.policy/weather']],
    ['examples/resources', () => new Resources(new App(), 'tools', { namespace }), ['mcpserver.mcp.example.com/weather', 'mcpserver.mcp.example.com/tickets']],
  ])('%s are accepted by the API server', async (_name, chart, wanted) => {
    const manifests = chart().toJson();
    const { code, stdout, stderr } = await kubectl(['apply', '--server-side', '--dry-run=server', '-o', 'name', '-f', '-'], { input: toYaml(manifests) });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(manifests.length);
    expect(stdout.trim().split('\n')).toEqual(expect.arrayContaining(wanted));
  });
});

describe('examples/composition', () => {
  const manifests = new Composition(new App(), 'tools', { namespace: 'tools', host: 'mcp.example.com', imageTag: '1.4.2', replicas: 3 }).toJson() as Manifest[];
  const specOf = (kind: string, name: string): unknown =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)?.['spec'];

  it('leads Ingress, policy and autoscaler to what the construct renders', () => {
    expect(JSON.stringify(specOf('Ingress', 'mcp'))).toContain('"service":{"name":"weather","port":{"number":3000}}');
    expect(specOf('Service', 'weather')).toMatchObject({ ports: [{ port: 3000 }] });
    expect(specOf('NetworkPolicy', 'tickets-only-from-ingress')).toMatchObject({ podSelector: (specOf('Deployment', 'tickets') as { selector: object }).selector });
    expect(specOf('HorizontalPodAutoscaler', 'tickets-by-open-tickets')).toMatchObject({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'tickets' } });
  });

  it('renders a number of pods where nothing else scales', () => {
    expect(specOf('Deployment', 'weather')).toMatchObject({ replicas: 3 });
    expect(specOf('Deployment', 'tickets')).not.toHaveProperty('replicas');
  });
});

describe('a number of pods that leaves Git', () => {
  const namespace = useNamespace('gitops');
  const manifest = (name: string, spec: Partial<MCPServerSpec>): Manifest | undefined =>
    render(mcpServer({ ...MINIMAL, ...spec }, { name, namespace })).find(({ kind }) => kind === 'Deployment');

  /** Applies as Argo CD and Flux do; returns the number of pods then. */
  async function apply(name: string, spec: Partial<MCPServerSpec>): Promise<number> {
    const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=gitops', '-o', 'jsonpath={.spec.replicas}', '-f', '-'];
    return Number((await kubectl(args, { input: toYaml([manifest(name, spec)]) })).stdout);
  }

  it('stays where an autoscaler wrote it once, and falls back to one where none did, as docs/gitops.md says', async () => {
    expect(await apply('written', { replicas: 3 })).toBe(3);
    expect((await kubectl(['scale', '-n', namespace, 'deployment/written', '--replicas=5'])).code).toBe(0);
    expect(await apply('written', { scaling: 'External' })).toBe(5);
    expect(await apply('unwritten', { replicas: 3 })).toBe(3);
    expect(await apply('unwritten', { scaling: 'External' })).toBe(1);
  });
});
