// What the TypeScript examples synthesize, put before the real API server.
import { App, type Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toYaml } from '../../charts/render.ts';
import { ToolsChart as Composition } from '../../examples/composition/tools.ts';
import { ToolsChart as Resources } from '../../examples/resources/tools.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { connect, kubectl, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';

let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(() => client.close());

describe('the manifests of', () => {
  const namespace = useNamespace('examples');

  it.each<[string, () => Chart, string[]]>([
    ['examples/composition', () => new Composition(new App(), 'tools', { namespace, host: 'mcp.example.com', imageTag: '1.4.2', replicas: 3 }), ['ingress.networking.k8s.io/mcp', 'networkpolicy.networking.k8s.io/weather-only-from-ingress', 'deployment.apps/tickets', 'poddisruptionbudget.policy/weather']],
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
  it('leads the Ingress and the policies to what the construct renders', () => {
    const chart = new Composition(new App(), 'tools', { namespace: 'tools', host: 'mcp.example.com', imageTag: '1.4.2' });
    const { weather } = chart;
    expect([weather.servicePort, weather.service?.name]).toEqual([3000, 'weather']);
    expect(JSON.stringify(chart.toJson())).toContain('"service":{"name":"weather","port":{"number":3000}}');
  });
});
