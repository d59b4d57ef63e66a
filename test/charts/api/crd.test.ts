// The CRD as a manifest: described and bounded everywhere, small, affordable to every API server, with its columns and its scale paths.
import { beforeAll, describe, expect, it } from 'vitest';
import { statusSchema } from '../../../charts/api/status.ts';
import { overBudget, ruleCosts, type RuleCosts } from '../../oldest/rule-cost.ts';
import { crd, fieldsOf, type SchemaNode } from '../../support/spec-schema.ts';

const PRESERVES = 'x-kubernetes-preserve-unknown-fields';
const [version] = crd().spec.versions;
const { spec, status } = version.schema.openAPIV3Schema.properties;
const fields = [...fieldsOf({ properties: { spec, status } })];

/** What keeps a value of this schema from growing without limit; undefined if nothing does. */
function bound(node: SchemaNode): unknown {
  if (node['enum'] !== undefined || node.type === 'boolean' || node['format'] === 'date-time') return true;
  if (node['x-kubernetes-int-or-string'] === true) return node['pattern'] !== undefined && node['maxLength'];
  if (node.type === 'string') return node['maxLength'];
  if (node.type === 'integer') return node['minimum'] !== undefined && node['maximum'];
  if (node.type === 'array') return node.items && bound(node.items) && node['maxItems'];
  if (node.additionalProperties) return bound(node.additionalProperties) && node['maxProperties'];
  return node.properties !== undefined || node[PRESERVES] === true;
}

/** The CRD with other bounds on requests and limits. */
const withResources = (maxProperties: number): object => JSON.parse(
  JSON.stringify(crd(), (key, value: unknown) => (key === 'requests' || key === 'limits' ? { ...(value as object), maxProperties } : value)),
) as object;

describe('every field of the CRD', () => {
  it.each(fields)('%s has a description that is a sentence', (_, node) => {
    expect(node.description).toMatch(/^[A-Z$].*[.]$/);
  });

  // Generations are counted by the server, one with every edit.
  it.each(fields.filter(([path]) => !path.endsWith('observedGeneration')))('%s is bounded', (_, node) => {
    expect(bound(node)).toBeTruthy();
  });

  it('refuses unknown fields, but in exactly three places, which are bounded in code', () => {
    const all = fields.flatMap(([path, node]) => [[path, node], [`${path}[]`, node.items]] as const);
    const open = all.filter(([, node]) => node?.[PRESERVES] === true);
    expect(open.map(([path]) => path)).toEqual(['spec.initContainers[]', 'spec.sidecars[]', 'spec.podTemplate']);
    expect(JSON.stringify(crd()).split(PRESERVES)).toHaveLength(4);
  });
});

describe('the CRD', () => {
  // kubectl apply keeps a copy in an annotation, and annotations end at 262,144 bytes.
  it('is smaller than 160 KB', () => {
    expect(Buffer.byteLength(JSON.stringify(crd()))).toBeLessThan(160_000);
  });

  it('is named mcpservers.mcp.example.com, with short name mcps in the categories ai and mcp', () => {
    expect(crd()).toMatchObject({
      metadata: { name: 'mcpservers.mcp.example.com' },
      spec: {
        group: 'mcp.example.com',
        scope: 'Namespaced',
        names: { kind: 'MCPServer', listKind: 'MCPServerList', plural: 'mcpservers', singular: 'mcpserver', shortNames: ['mcps'], categories: ['ai', 'mcp'] },
      },
    });
  });

  it('shows the columns of the tutorial in their order, the reason after the phase, and with -o wide more', () => {
    const columns = version['additionalPrinterColumns'] as { name: string; priority?: number }[];
    expect(columns.filter(({ priority }) => priority === undefined).map(({ name }) => name)).toEqual(['Phase', 'Reason', 'Ready', 'Replicas', 'Transport', 'Endpoint', 'Age']);
    expect(columns.filter(({ priority }) => priority === 1).map(({ name }) => name)).toEqual(['Server', 'Protocol']);
  });

  it('scales spec.replicas, which has a default, because scaling fails without a value', () => {
    expect(version['subresources']).toEqual({
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
    });
    expect(spec.properties?.['replicas']).toMatchObject({ default: 1 });
  });

  it('says by default that nothing has been observed yet, for programs and for people', () => {
    const condition = expect.objectContaining({ type: 'Ready', status: 'Unknown', reason: 'NotObserved' }) as object;
    expect(status['default']).toEqual({ observedGeneration: -1, phase: 'Pending', conditions: [condition] });
    expect(statusSchema.parse(status['default'])).toEqual(status['default']);
  });

  it('makes conditions a list that is merged by type', () => {
    expect(status.properties?.['conditions']).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });
  });
});

describe('the rules of the CRD, judged by the API server of Kubernetes 1.30', () => {
  const parts: { costs?: RuleCosts } = {};
  beforeAll(async () => {
    parts.costs = await ruleCosts(crd());
  }, 15 * 60_000);

  it('cost less than it affords, each and all together, and the CRD is accepted', () => {
    expect(parts.costs).toMatchObject({ version: expect.stringMatching(/^v0\.30\./), refused: [] });
    expect(overBudget(parts.costs!)).toEqual([]);
    const { rules = [], totalLimit = 0 } = parts.costs ?? {};
    expect(rules.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThan(totalLimit / 2);
  });

  it('are all counted', () => {
    const count = JSON.stringify(crd()).split('"rule":').length - 1;
    expect(parts.costs?.rules).toHaveLength(count);
    for (const { path, message, cost } of parts.costs?.rules ?? []) {
      expect([path, message, cost > 0]).toEqual([path, expect.stringMatching(/./), true]);
    }
  });

  it('are named with how much they are over, where one is', async () => {
    const costs = await ruleCosts(withResources(16));
    expect(overBudget(costs)).toEqual(['.spec: "a resource request must not be larger than the limit of the same resource" costs 20133020, 2.01 times what a rule may']);
    expect(costs.refused).toEqual([expect.stringContaining('estimated rule cost exceeds budget by factor of 2.0x')]);
  });
});
