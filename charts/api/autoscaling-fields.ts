// Autoscaling: the fields of a HorizontalPodAutoscaler (autoscaling/v2 of Kubernetes 1.28).
import * as z from 'zod';
import { intOrString, objectName } from './fields.ts';
import { labelSelector } from './scheduling-fields.ts';

/** Letters beyond these have no use in a path segment. */
const metricName = z.string().min(1).max(253).regex(/^[-A-Za-z0-9_|:][-A-Za-z0-9_.|:]*$/, 'must be letters, digits, "-", "_", ".", "|" and ":", and not begin with "."').describe('Name of the metric.');
const TYPE = 'Which of the other fields counts.';
const TARGET = 'What to keep to.';
/** A quantity with a digit that is not 0. */
const POSITIVE = /^\+?(\d*[1-9]\d*\.?\d*|\d*\.\d*[1-9]\d*)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2})?$/;
const amount = intOrString(POSITIVE, { min: 1, max: Number.MAX_SAFE_INTEGER, message: 'must be an amount above zero, which is a whole number or text such as "0.5", "500m" or "1Gi"; put one with a point or a unit in quotes' });
const averageValue = amount.describe('Average over the pods, as an amount.');
const resourceTarget = z
  .strictObject({
    type: z.enum(['Utilization', 'AverageValue']).describe(TYPE),
    averageUtilization: z.int().min(1).max(10_000).describe('Average over the pods, in percent of what they request.').optional(),
    averageValue: averageValue.optional(),
  })
  .describe(TARGET);
const podsTarget = z.strictObject({ type: z.literal('AverageValue').describe(TYPE), averageValue }).describe(TARGET);
const valueTarget = z
  .strictObject({
    type: z.enum(['Value', 'AverageValue']).describe(TYPE),
    value: amount.describe('The value itself.').optional(),
    averageValue: averageValue.optional(),
  })
  .describe(TARGET);
const resourceName = z.enum(['cpu', 'memory']).describe('The resource.');
const metric = z
  .strictObject({ name: metricName, selector: labelSelector.describe('Which series of the metric.').optional() })
  .describe('The metric.');
const describedObject = z
  .strictObject({
    apiVersion: z.string().min(1).max(253).describe('API version of the object.').optional(),
    kind: z.string().min(1).max(63).describe('Kind of the object.'),
    name: objectName().describe('Name of the object.'),
  })
  .describe('The object.');

const metricSpec = z.strictObject({
  type: z.enum(['Resource', 'ContainerResource', 'Pods', 'Object', 'External']).describe('Which one of the other fields is set.'),
  resource: z.strictObject({ name: resourceName, target: resourceTarget }).describe('CPU or memory of the pods.').optional(),
  containerResource: z
    .strictObject({ container: z.string().min(1).max(63).describe('Name of the container: mcp-server.'), name: resourceName, target: resourceTarget })
    .describe('CPU or memory of one container.')
    .optional(),
  pods: z.strictObject({ metric, target: podsTarget }).describe('A metric every pod has.').optional(),
  object: z.strictObject({ describedObject, metric, target: valueTarget }).describe('A metric of one object in the namespace, such as an Ingress.').optional(),
  external: z.strictObject({ metric, target: valueTarget }).describe('A metric from outside the cluster, such as the length of a queue.').optional(),
});

const scalingRules = z.strictObject({
  stabilizationWindowSeconds: z.int().min(0).max(3600).describe('Seconds over which earlier recommendations count. Kubernetes assumes 0 up and 300 down.').optional(),
  selectPolicy: z.enum(['Max', 'Min', 'Disabled']).describe('Which policy counts; Disabled stops this direction. Kubernetes assumes Max.').optional(),
  policies: z
    .array(
      z.strictObject({
        type: z.enum(['Pods', 'Percent']).describe('What value counts.'),
        value: z.int().min(1).max(10_000).describe('Most pods, or percent of the pods, that may come or go.'),
        periodSeconds: z.int().min(1).max(1800).describe('Seconds within which they may.'),
      }),
    )
    .min(1)
    .max(8)
    .describe('How fast the number of pods may change.')
    .optional(),
});

/** Between how many pods, and what decides. */
export const autoscaling = z.strictObject({
  minReplicas: z.int().min(1).max(1000).default(1).describe('Fewest pods.'),
  maxReplicas: z.int().min(1).max(1000).describe('Most pods.'),
  targetCPUUtilizationPercentage: z.int().min(1).max(10_000).describe('CPU to keep to, in percent of what the pods request on average.').optional(),
  metrics: z.array(metricSpec).min(1).max(16).describe('Metrics to keep to, as in autoscaling/v2; the one that asks for most pods wins.').optional(),
  behavior: z
    .strictObject({ scaleUp: scalingRules.describe('On the way up.').optional(), scaleDown: scalingRules.describe('On the way down.').optional() })
    .describe('How fast pods come and go.')
    .optional(),
});
