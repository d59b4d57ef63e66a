// Accepted and rejected values of the fields that say how many pods run and how they are replaced; see field-examples.ts.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { FieldExamples } from './field-examples.ts';
import { CONDITION, labelSelectorExamples } from './scheduling-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } };
const MEMORY = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } } };
const POLICY = { type: 'Pods', value: 4, periodSeconds: 60 };
const METRICS = 'autoscaling.metrics[]';

const AMOUNT: FieldExamples = { accepted: ['500m', 2, '.5Gi', '1e-3', '10.'], rejected: ['-1', 0, '0', '0.0Ki', '.', 0.5, 'x', true] };
const PERCENT: FieldExamples = { accepted: [1, 10_000], rejected: [0, 10_001, '50'] };
const COUNT: FieldExamples = { accepted: [2, 1000], rejected: [0, 1001, '2'] };
const METRIC_NAME: FieldExamples = { accepted: ['requests_per_second', 'queue.example.com|depth'], rejected: ['', 'a/b', 'a b', 'x'.repeat(254)] };
const RESOURCE_NAME: FieldExamples = { accepted: ['cpu', 'memory'], rejected: ['disk', ''] };

/** What the parents of a field need, where the field's own type is the one that counts. */
const metric = { metric: { name: 'a' } };
const describedObject = { kind: 'Ingress', name: 'a' };
const SOURCES = {
  resource: { type: 'Resource', source: { name: 'cpu' } },
  containerResource: { type: 'ContainerResource', source: { name: 'cpu', container: 'mcp-server' } },
  pods: { type: 'Pods', source: metric },
  object: { type: 'Object', source: { ...metric, describedObject } },
  external: { type: 'External', source: metric },
};
type Source = keyof typeof SOURCES;

/** A spec with one metric of a source, whose target is of a type that fits. */
function withMetric(source: Source, target: object): Partial<MCPServerSpec> {
  const { type, source: rest } = SOURCES[source];
  return { autoscaling: { maxReplicas: 3, metrics: [{ type, [source]: { ...rest, target } } as never] } };
}

/** Examples of one field in a metric of its type, where the rest is right. */
function inMetric(
  source: Source,
  field: string,
  { target = { type: 'AverageValue', averageValue: 1 }, ...examples }: FieldExamples & { readonly target?: object },
): Examples {
  return { [`${METRICS}.${source}.${field}`]: { ...examples, base: withMetric(source, target) } };
}

/** The type says which other field is there, so that is set with it. */
function targetType(source: Source, [one, other]: readonly [string, string]): Examples {
  const fields: Record<string, string> = { Utilization: 'averageUtilization', AverageValue: 'averageValue', Value: 'value' };
  const base = (type: unknown): Partial<MCPServerSpec> => withMetric(source, { [fields[String(type)] ?? 'averageValue']: 1 });
  return { [`${METRICS}.${source}.target.type`]: { accepted: [one, other], rejected: ['value', ''], base } };
}

const resource = (source: 'resource' | 'containerResource'): Examples => ({
  ...inMetric(source, 'name', RESOURCE_NAME),
  ...targetType(source, ['Utilization', 'AverageValue']),
  ...inMetric(source, 'target.averageUtilization', { ...PERCENT, target: { type: 'Utilization' } }),
  ...inMetric(source, 'target.averageValue', { ...AMOUNT, target: { type: 'AverageValue' } }),
});
const selected = (source: 'pods' | 'object' | 'external'): Examples => ({
  ...inMetric(source, 'metric.name', METRIC_NAME),
  ...(Object.assign(
    {},
    ...Object.entries(labelSelectorExamples('metric.selector')).map(([field, examples]) => inMetric(source, field, examples)),
  ) as Examples),
  ...inMetric(source, 'target.averageValue', { ...AMOUNT, target: { type: 'AverageValue' } }),
});
const valued = (source: 'object' | 'external'): Examples => ({
  ...selected(source),
  ...targetType(source, ['Value', 'AverageValue']),
  ...inMetric(source, 'target.value', { ...AMOUNT, target: { type: 'Value' } }),
});

const rules = (direction: 'scaleUp' | 'scaleDown'): Examples => {
  const path = `autoscaling.behavior.${direction}`;
  return {
    [`${path}.stabilizationWindowSeconds`]: { accepted: [0, 3600], rejected: [-1, 3601, '0'] },
    [`${path}.selectPolicy`]: { accepted: ['Disabled', 'Min', 'Max'], rejected: ['max', ''] },
    [`${path}.policies`]: { accepted: [[POLICY], [POLICY, { ...POLICY, type: 'Percent' }]], rejected: [[], [{}], POLICY] },
    [`${path}.policies[].type`]: { accepted: ['Pods', 'Percent'], rejected: ['pods'] },
    [`${path}.policies[].value`]: { accepted: [1, 10_000], rejected: [0, 10_001] },
    [`${path}.policies[].periodSeconds`]: { accepted: [1, 1800], rejected: [0, 1801] },
  };
};

/** What a parent needs besides the field under test. */
export const SCALING_REQUIRED: Readonly<Record<string, object>> = {
  autoscaling: { maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
  ...Object.fromEntries(['pods', 'object', 'external'].map((source) => [`${METRICS}.${source}.metric.selector.matchExpressions[]`, CONDITION])),
  'autoscaling.behavior.scaleUp.policies[]': POLICY,
  'autoscaling.behavior.scaleDown.policies[]': POLICY,
};

export const SCALING_EXAMPLES: Examples = {
  scaling: { accepted: ['External', 'Managed'], rejected: ['external', ''] },
  'strategy.type': { accepted: ['Recreate', 'RollingUpdate'], rejected: ['recreate', ''] },
  'autoscaling.minReplicas': { ...COUNT, accepted: [1, 3] },
  'autoscaling.maxReplicas': COUNT,
  'autoscaling.targetCPUUtilizationPercentage': PERCENT,
  'autoscaling.metrics': { accepted: [[CPU], [CPU, MEMORY]], rejected: [[], CPU, [{}], Array.from({ length: 17 }, () => CPU)] },
  [`${METRICS}.type`]: {
    accepted: ['Pods', 'External'],
    rejected: ['CPU', ''],
    base: (type) => withMetric(type === 'External' ? 'external' : 'pods', { type: 'AverageValue', averageValue: 1 }),
  },
  ...resource('resource'),
  ...resource('containerResource'),
  ...inMetric('containerResource', 'container', { accepted: ['mcp-server', 'a'], rejected: ['', 'x'.repeat(64)] }),
  ...selected('pods'),
  ...inMetric('pods', 'target.type', { accepted: ['AverageValue', 'AverageValue'], rejected: ['Value', ''] }),
  ...valued('object'),
  ...inMetric('object', 'describedObject.apiVersion', { accepted: ['v1', 'networking.k8s.io/v1'], rejected: ['', 1] }),
  ...inMetric('object', 'describedObject.kind', { accepted: ['Ingress', 'Service'], rejected: ['', 'x'.repeat(64)] }),
  ...inMetric('object', 'describedObject.name', { accepted: ['a', '1.b-c'], rejected: ['', 'A', 'a_b'] }),
  ...valued('external'),
  ...rules('scaleUp'),
  ...rules('scaleDown'),
};
