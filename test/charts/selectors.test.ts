// Selectors that name no label.
import { expect, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { renderSpec } from '../support/rendered.ts';

const labelSelector = { matchLabels: {} };
const METRIC = { type: 'Pods', pods: { metric: { name: 'calls', selector: labelSelector }, target: { type: 'AverageValue', averageValue: 1 } } } as const;
const SOMETHING = { key: 'a', operator: 'Exists' as const };

it.each<[string, string, Partial<MCPServerSpec>]>([
  ['an affinity', 'Deployment', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey: 'zone' }] } } }],
  ['a spread constraint', 'Deployment', { topologySpreadConstraints: [{ labelSelector, maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] }],
  ['a metric', 'HorizontalPodAutoscaler', { autoscaling: { maxReplicas: 2, metrics: [METRIC] } }],
  ['a network policy', 'NetworkPolicy', { networkPolicy: { ingressFrom: [{ podSelector: { ...labelSelector, matchExpressions: [SOMETHING] } }] } }],
])('an empty matchLabels of %s is not rendered: the API server would drop it, and every apply would be a write', (_what, kind, spec) => {
  const rendered = JSON.stringify(renderSpec(spec).find(kind)?.['spec']);
  expect(rendered).toMatch(/"(labelSelector|selector|podSelector)":/);
  expect(rendered).not.toContain('"matchLabels":{}');
});
