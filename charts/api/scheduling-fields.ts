// Fields that say where pods run and what they are labelled with, as in pods of Kubernetes 1.28.
import * as z from 'zod';
import { boundedMap, listMap, objectName } from './fields.ts';
import { GROUP } from './group.ts';
import { RESERVED_LABELS } from './labels.ts';

const MAX_KEY_LENGTH = 317;
/** Key of a label or annotation: an optional DNS prefix, and a name. */
export const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
/** Said of any other. */
export const LABEL_KEY_SYNTAX = 'must be a label key: letters, digits, "-", "_" and ".", such as team, or behind a domain and "/", such as example.com/team';

/** Whether users may set the label. */
export function isFreeLabel(key: string): boolean {
  return LABEL_KEY.test(key) && !key.startsWith(`${GROUP}/`) && !RESERVED_LABELS.includes(key);
}

/** The same in CEL, of a key `k`. */
export function freeLabelCel(): string {
  return `k.matches(r'${LABEL_KEY.source}') && !k.startsWith('${GROUP}/') && !(k in [${RESERVED_LABELS.map((label) => `'${label}'`).join(', ')}])`;
}

const labelKey = (description: string): z.ZodString =>
  z.string().min(1).max(MAX_KEY_LENGTH).regex(LABEL_KEY, LABEL_KEY_SYNTAX).describe(description);
const labelValue = (): z.ZodString => z.string().max(63).regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, 'must be a label value: letters, digits, "-", "_" and ".", with a letter or digit at both ends');
const labelValues = z.array(labelValue()).min(1).max(32);

/** Labels by key. */
export const labels = boundedMap(labelValue(), 32);
/** Annotations by key. */
export const annotations = boundedMap(z.string().max(65_536), 32);

/** Selects objects by their labels. */
export const labelSelector = z.strictObject({
  matchLabels: labels.describe('Labels an object must have.').optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: labelKey('Key of the label.'),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the label is compared.'),
        values: labelValues.describe('Values for In and NotIn.').optional(),
      }),
    )
    .min(1)
    .max(16)
    .describe('Conditions on labels; all must hold.')
    .optional(),
});

const nodeRequirements = z
  .array(
    z.strictObject({
      key: labelKey('Key of the node label, or name of the field.'),
      operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe('How it is compared.'),
      values: labelValues.describe('Values to compare with.').optional(),
    }),
  )
  .min(1)
  .max(16);

const nodeSelectorTerm = z.strictObject({
  matchExpressions: nodeRequirements.describe('Conditions on labels of the node; all must hold.').optional(),
  matchFields: nodeRequirements.describe('Conditions on fields of the node; all must hold.').optional(),
});

const weight = z.int().min(1).max(100).describe('How much the preference counts, from 1 to 100.');

const nodeAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .strictObject({ nodeSelectorTerms: z.array(nodeSelectorTerm).min(1).max(16).describe('Terms of which one must match.') })
    .describe('Nodes a pod must run on.')
    .optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight, preference: nodeSelectorTerm.describe('The preferred nodes.') }))
    .min(1)
    .max(16)
    .describe('Nodes a pod should run on.')
    .optional(),
});

const podAffinityTerm = z.strictObject({
  labelSelector: labelSelector.describe('The other pods.').optional(),
  namespaceSelector: labelSelector.describe('Namespaces of the other pods, by label.').optional(),
  namespaces: z.array(objectName()).min(1).max(16).describe('Namespaces of the other pods, by name. Kubernetes assumes the own one.').optional(),
  topologyKey: labelKey('Node label whose value says what counts as the same place.'),
});

const podAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z.array(podAffinityTerm).min(1).max(16).describe('What must hold for a node to be chosen.').optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight, podAffinityTerm: podAffinityTerm.describe('The preferred place.') }))
    .min(1)
    .max(16)
    .describe('What should hold for a node to be chosen.')
    .optional(),
});

/** Attraction to and repulsion from nodes and other pods. */
export const affinity = z.strictObject({
  nodeAffinity: nodeAffinity.describe('Which nodes pods run on.').optional(),
  podAffinity: podAffinity.describe('Which pods they run near to.').optional(),
  podAntiAffinity: podAffinity.describe('Which pods they keep away from.').optional(),
});

/** Taints pods put up with. */
export const tolerations = z
  .array(
    z.strictObject({
      key: labelKey('Key of the taint; left out with operator Exists, every taint is meant.').optional(),
      operator: z.enum(['Exists', 'Equal']).describe('Whether the taint must have the value or only exist. Kubernetes assumes Equal.').optional(),
      value: z.string().min(1).max(63).describe('Value of the taint, for operator Equal.').optional(),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).describe('Effect of the taint; all effects when left out.').optional(),
      tolerationSeconds: z.int().min(0).max(2_147_483_647).describe('Seconds until a NoExecute taint takes effect after all.').optional(),
    }),
  )
  .max(32);

const honor = (what: string): z.ZodOptional<z.ZodEnum<{ Honor: 'Honor'; Ignore: 'Ignore' }>> => z.enum(['Honor', 'Ignore']).describe(what).optional();

/** How evenly pods are spread. */
export const topologySpreadConstraints = listMap(
  z.strictObject({
    maxSkew: z.int().min(1).max(1000).describe('By how many pods places may differ.'),
    topologyKey: labelKey('Node label whose value names a place.'),
    whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']).describe('What happens to a pod that would break the constraint.'),
    labelSelector: labelSelector.describe('The pods that are counted.').optional(),
    matchLabelKeys: z.array(labelKey('Key of a pod label.')).min(1).max(8).describe('Labels of the pod that the counted pods must share.').optional(),
    minDomains: z.int().min(1).max(1000).describe('Least number of places, for DoNotSchedule.').optional(),
    nodeAffinityPolicy: honor('Whether only nodes the pod may run on count.'),
    nodeTaintsPolicy: honor('Whether nodes with taints the pod does not tolerate are left out.'),
  }),
  { keys: ['topologyKey', 'whenUnsatisfiable'], max: 16 },
);

/** Labels and annotations of an object. */
export const objectMetadataFields = z.strictObject({
  labels: labels.describe('Labels. Those the operator sets cannot be set here.').optional(),
  annotations: annotations.describe('Annotations. Those that mark owners cannot be set here.').optional(),
});

/** Labels and annotations of the objects around the pods. */
export const metadata = z.strictObject({
  all: objectMetadataFields.describe('Of every object that is rendered, pods aside; what is said of one kind wins.').optional(),
  deployment: objectMetadataFields.describe('Of the Deployment.').optional(),
  service: objectMetadataFields.describe('Of the Service; service.annotations win.').optional(),
  serviceAccount: objectMetadataFields.describe('Of the own ServiceAccount, for instance the role it has at a cloud.').optional(),
});

/** Labels and annotations of the pods alone. */
export const podMetadata = z.strictObject({
  labels: labels.describe('Labels of the pods. Those the operator sets cannot be set here.').optional(),
  annotations: annotations.describe('Annotations of the pods.').optional(),
});
