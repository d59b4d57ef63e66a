// The HorizontalPodAutoscaler: scales the Deployment, whose replicas are then left to it.
import { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec } from './api/spec.ts';
import { canonicalQuantity } from './api/quantity.ts';
import { withoutEmptyMatchLabels } from './selectors.ts';
import { objectMetadata, type ResolvedServer } from './server.ts';

type Autoscaling = NonNullable<ResolvedSpec['autoscaling']>;
type Metric = NonNullable<Autoscaling['metrics']>[number];
type Amount = string | number;

/** Props of the autoscaler; undefined without `autoscaling`. */
export function horizontalPodAutoscaler(server: ResolvedServer): k8s.KubeHorizontalPodAutoscalerV2Props | undefined {
  const { autoscaling } = server.spec;
  if (autoscaling === undefined) return undefined;
  const { minReplicas, maxReplicas, behavior } = autoscaling;
  return {
    metadata: objectMetadata(server),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: server.name },
      minReplicas,
      maxReplicas,
      metrics: metrics(autoscaling),
      ...(behavior && { behavior: behavior as k8s.HorizontalPodAutoscalerBehaviorV2 }),
    },
  };
}

function metrics({ targetCPUUtilizationPercentage: percent, metrics: others = [] }: Autoscaling): k8s.MetricSpecV2[] {
  const cpu = percent === undefined ? [] : [cpuUtilization(percent)];
  return [...cpu, ...others].map((metric) => toMetric(withoutEmptyMatchLabels(metric)));
}

function cpuUtilization(percent: number): Metric {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } };
}

function toMetric({ type, resource, containerResource, pods, object, external }: Metric): k8s.MetricSpecV2 {
  return {
    type,
    ...(resource && { resource: withTarget(resource) }),
    ...(containerResource && { containerResource: withTarget(containerResource) }),
    ...(pods && { pods: withTarget(pods) as k8s.PodsMetricSourceV2 }),
    ...(object && { object: withTarget(object) as k8s.ObjectMetricSourceV2 }),
    ...(external && { external: withTarget(external) as k8s.ExternalMetricSourceV2 }),
  };
}

interface Target {
  readonly type: string;
  readonly averageUtilization?: number | undefined;
  readonly averageValue?: Amount | undefined;
  readonly value?: Amount | undefined;
}

function withTarget<T extends { readonly target: Target }>(source: T): Omit<T, 'target'> & { target: k8s.MetricTargetV2 } {
  const { type, averageUtilization, averageValue, value } = source.target;
  const target = {
    type,
    ...(averageUtilization !== undefined && { averageUtilization }),
    ...(averageValue !== undefined && { averageValue: amount(averageValue) }),
    ...(value !== undefined && { value: amount(value) }),
  };
  return { ...source, target };
}

function amount(quantity: Amount): k8s.Quantity {
  return k8s.Quantity.fromString(canonicalQuantity(quantity));
}
