// What the caches keep of objects: of pods and EndpointSlices the fields that `kinds.ts` names, of children all but long texts and
// what no judge reads of their status, of MCPServers all but annotations and labels of great size. Pure.
import { GROUP } from '../../charts/api/group.ts';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import {
  SERVICE_LABEL,
  TEMPLATE_LABEL,
  type AutoscalerObject,
  type ContainerStatus,
  type DeploymentObject,
  type EndpointSliceObject,
  type MCPServerObject,
  type PodCondition,
  type PodObject,
} from '../kinds.ts';
import { withoutLongTexts } from '../compare/long-text.ts';
import { fingerprint } from '../runtime/fingerprint.ts';

/** All fields of a type, as a value: a field more or less than the type has does not compile. Plain values are kept whole. */
type FieldsOf<T> =
  T extends readonly (infer Item)[] ? readonly [FieldsOf<Item>]
  : T extends object ? { readonly [Field in keyof T]-?: FieldsOf<NonNullable<T[Field]>> }
  : true;

const NAMES = { name: true, namespace: true, uid: true, resourceVersion: true } as const;
const ENDED = { exitCode: true, reason: true, message: true, startedAt: true, finishedAt: true } as const;
const LIMITS = { limits: { memory: true } } as const;
const PROBE = {
  initialDelaySeconds: true,
  periodSeconds: true,
  timeoutSeconds: true,
  failureThreshold: true,
  terminationGracePeriodSeconds: true,
} as const;

const CONTAINER: FieldsOf<ContainerStatus> = {
  name: true,
  restartCount: true,
  started: true,
  ready: true,
  state: { running: { startedAt: true }, waiting: { reason: true, message: true }, terminated: ENDED },
  lastState: { terminated: ENDED },
};

const POD: FieldsOf<PodObject> = {
  apiVersion: true,
  kind: true,
  metadata: { ...NAMES, creationTimestamp: true, deletionTimestamp: true, labels: { [SERVER_LABEL]: true, [TEMPLATE_LABEL]: true } },
  spec: {
    containers: [{ name: true, ports: [{ name: true, containerPort: true }], resources: LIMITS, startupProbe: PROBE }],
    initContainers: [{ name: true, restartPolicy: true, resources: LIMITS }],
    terminationGracePeriodSeconds: true,
    nodeName: true,
    volumes: [{ persistentVolumeClaim: { claimName: true } }],
  },
  status: {
    phase: true,
    podIP: true,
    conditions: [{ type: true, status: true, reason: true, message: true, lastTransitionTime: true }],
    initContainerStatuses: [CONTAINER],
    containerStatuses: [CONTAINER],
  },
};
const POD_CONDITIONS: Readonly<Record<PodCondition['type'], true>> = { PodScheduled: true, PodReadyToStartContainers: true, Ready: true };

const ENDPOINT_SLICE: FieldsOf<EndpointSliceObject> = {
  apiVersion: true,
  kind: true,
  metadata: { ...NAMES, labels: { [SERVICE_LABEL]: true } },
  endpoints: [{ conditions: { ready: true } }],
};

const DEPLOYMENT_STATUS: FieldsOf<NonNullable<DeploymentObject['status']>> = {
  observedGeneration: true,
  replicas: true,
  updatedReplicas: true,
  readyReplicas: true,
  availableReplicas: true,
  conditions: [{ type: true, status: true, reason: true, message: true, lastUpdateTime: true }],
};

const AUTOSCALER_STATUS: FieldsOf<NonNullable<AutoscalerObject['status']>> = {
  conditions: [{ type: true, status: true, reason: true, message: true, lastTransitionTime: true }],
};

/** A pod with what is read of it. */
export function keptPod(pod: PodObject): PodObject {
  const kept = withClaimsOnly(pick(POD, pod));
  const conditions = kept.status?.conditions?.filter(({ type }) => Object.hasOwn(POD_CONDITIONS, type));
  return conditions === undefined ? kept : { ...kept, status: { ...kept.status, conditions } };
}

/** Most pods have volumes, and few a claim. */
function withClaimsOnly(pod: PodObject): PodObject {
  const { volumes, ...spec } = pod.spec ?? { containers: [] };
  if (volumes === undefined) return pod;
  const claims = volumes.filter(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined);
  return { ...pod, spec: { ...spec, ...(claims.length > 0 && { volumes: claims }) } };
}

/** An EndpointSlice with what is read of it. */
export function keptEndpointSlice(slice: EndpointSliceObject): EndpointSliceObject {
  return pick(ENDPOINT_SLICE, slice);
}

/** A Deployment with what is read of its status. */
export function keptDeployment(deployment: KubernetesObject): KubernetesObject {
  const { status, ...wanted } = deployment as DeploymentObject;
  const kept = withoutLongTextsInBody(wanted);
  return status === undefined ? kept : Object.assign(kept, { status: pick(DEPLOYMENT_STATUS, status) });
}

/** A HorizontalPodAutoscaler with what is read of its status. */
export function keptAutoscaler(autoscaler: KubernetesObject): KubernetesObject {
  const { status } = autoscaler as AutoscalerObject;
  const kept = keptChild(autoscaler);
  return status === undefined ? kept : Object.assign(kept, { status: pick(AUTOSCALER_STATUS, status) });
}

/** Any other child without its status, which nobody reads. */
export function keptChild(child: KubernetesObject): KubernetesObject {
  const { status: _, ...kept } = child as KubernetesObject & { readonly status?: unknown };
  return withoutLongTextsInBody(kept);
}

/** An MCPServer, of whose annotations and labels only that they changed matters. */
export function keptServer(server: MCPServerObject): MCPServerObject {
  const { annotations = {}, labels = {} } = server.metadata;
  if (sizeOf(annotations) + sizeOf(labels) <= MOST_METADATA) return server;
  const hash = { [`${GROUP}/hash`]: fingerprint([annotations, labels]) };
  return { ...server, metadata: { ...server.metadata, annotations: hash, labels: {} } };
}

/** Of an MCPServer with more characters of annotations and labels a hash of them is kept. */
const MOST_METADATA = 8192;

function sizeOf(fields: object): number {
  return Object.entries(fields).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
}

function withoutLongTextsInBody({ metadata, ...body }: KubernetesObject): KubernetesObject {
  return { ...(withoutLongTexts(body) as object), metadata };
}

/** A copy of a value with the given fields of it, as far as it has them; null counts as not there. */
function pick<T>(fields: FieldsOf<T>, value: T): T {
  return picked(fields, value) as T;
}

type Fields = true | readonly [Fields] | { readonly [field: string]: Fields };

/** What does not have the shape of the fields stays as it is: whoever reads it meets what the API server sent. */
function picked(fields: Fields, value: unknown): unknown {
  if (fields === true || typeof value !== 'object' || value === null) return value;
  if (isList(fields)) return Array.isArray(value) ? value.map((item) => picked(fields[0], item)) : value;
  if (Array.isArray(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const field of Object.keys(fields)) {
    const below = picked(fields[field] ?? true, (value as Readonly<Record<string, unknown>>)[field]);
    if (below !== undefined && below !== null) kept[field] = below;
  }
  return kept;
}

function isList(fields: Fields): fields is readonly [Fields] {
  return Array.isArray(fields);
}
