// Rules about scaling and rollouts: see rules.ts.
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

type Metric = NonNullable<NonNullable<ResolvedSpec['autoscaling']>['metrics']>[number];
type Target = {
  readonly type: keyof typeof VALUES;
  readonly averageUtilization?: unknown;
  readonly averageValue?: unknown;
  readonly value?: unknown;
};

/** Field of a metric by its type. */
const SOURCES = { Resource: 'resource', ContainerResource: 'containerResource', Pods: 'pods', Object: 'object', External: 'external' } as const;
/** Field of a target by its type. */
const VALUES = { Utilization: 'averageUtilization', AverageValue: 'averageValue', Value: 'value' } as const;
/** Sources whose target has a choice, with the types they choose from. */
const CHOICES = {
  resource: ['Utilization', 'AverageValue'],
  containerResource: ['Utilization', 'AverageValue'],
  object: ['Value', 'AverageValue'],
  external: ['Value', 'AverageValue'],
} as const;

function hasItsSource(metric: Metric): boolean {
  return Object.entries(SOURCES).every(([type, field]) => (metric[field] !== undefined) === (type === metric.type));
}

function hasItsTarget(metric: Metric): boolean {
  const target: Target | undefined = metric[SOURCES[metric.type]]?.target;
  return target === undefined || Object.entries(VALUES).every(([type, field]) => (target[field] !== undefined) === (type === target.type));
}

const sourceCel = Object.entries(SOURCES).map(([type, field]) => `has(m.${field}) == (m.type == '${type}')`);
const targetCel = Object.entries(CHOICES).map(([source, types]) => {
  const target = `m.${source}.target`;
  return `(!has(m.${source}) || (${types.map((type) => `has(${target}.${VALUES[type]}) == (${target}.type == '${type}')`).join(' && ')}))`;
});

const allMetrics = (cel: string): string => `!has(self.autoscaling) || !has(self.autoscaling.metrics) || self.autoscaling.metrics.all(m, ${cel})`;
const metricsOf = ({ autoscaling }: ResolvedSpec): readonly Metric[] => autoscaling?.metrics ?? [];

export const SCALING_RULES: readonly SpecRule[] = [
  {
    field: 'autoscaling.maxReplicas',
    cel: '!has(self.autoscaling) || self.autoscaling.minReplicas <= self.autoscaling.maxReplicas',
    message: 'autoscaling.maxReplicas must not be smaller than autoscaling.minReplicas',
    holds: ({ autoscaling }) => autoscaling === undefined || autoscaling.minReplicas <= autoscaling.maxReplicas,
  },
  {
    field: 'autoscaling',
    cel: '!has(self.autoscaling) || has(self.autoscaling.targetCPUUtilizationPercentage) || has(self.autoscaling.metrics)',
    message: 'autoscaling needs a target: set targetCPUUtilizationPercentage or metrics',
    holds: ({ autoscaling }) =>
      autoscaling === undefined || autoscaling.targetCPUUtilizationPercentage !== undefined || autoscaling.metrics !== undefined,
  },
  {
    field: 'autoscaling',
    cel: "!has(self.autoscaling) || self.scaling == 'Managed'",
    message: 'autoscaling and scaling: External exclude each other: something else scales the Deployment, or the operator has it scaled',
    holds: ({ autoscaling, scaling }) => autoscaling === undefined || scaling === 'Managed',
  },
  {
    field: 'autoscaling.metrics',
    cel: allMetrics(sourceCel.join(' && ')),
    message: 'a metric has exactly the field its type names: resource, containerResource, pods, object or external',
    holds: (spec) => metricsOf(spec).every(hasItsSource),
  },
  {
    field: 'autoscaling.metrics',
    cel: allMetrics(targetCel.join(' && ')),
    message: 'the target of a metric has exactly the field its type names: Utilization averageUtilization, AverageValue averageValue, Value value',
    holds: (spec) => metricsOf(spec).every(hasItsTarget),
  },
];
