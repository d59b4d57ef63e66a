// The shapes of Kubernetes objects, the built-in resource types the programs use, and the request path of each.

/** Ties an object's life to its owner's. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Which fields of an object belong to a field manager. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** The part of `metadata` this project reads or writes; times are RFC 3339 strings as the server sent them. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFields[];
}

/** Any Kubernetes object; concrete kinds extend it with `spec`, `status` or `data`. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** One kind as the API server serves it; `group` is empty for the core group. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Names one object of a known type. */
export interface ObjectReference {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** What a request path addresses: a collection without `name`, all namespaces without `namespace`. */
export interface PathReference {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The `apiVersion` of a type: `v1`, `apps/v1`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * The request path of an object, a subresource or a collection. A namespace given for a cluster-scoped type is ignored.
 * Throws RangeError on a name, namespace or subresource that is empty, `.`, `..` or contains `/`, and on a namespaced object without namespace.
 */
export function resourcePath(type: ResourceType, ref: PathReference): string {
  const root = type.group === '' ? '/api' : `/apis/${type.group}`;
  const segments = [root, type.version];
  if (type.namespaced && ref.namespace !== undefined) segments.push('namespaces', segment(ref.namespace));
  if (type.namespaced && ref.namespace === undefined && ref.name !== undefined) {
    throw new RangeError(`${type.kind} ${ref.name} needs a namespace`);
  }
  segments.push(type.plural);
  if (ref.name !== undefined) segments.push(segment(ref.name));
  if (ref.subresource !== undefined) segments.push(segment(ref.subresource));
  return segments.join('/');
}

function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/')) {
    throw new RangeError(`${JSON.stringify(name)} cannot be the name of a Kubernetes object`);
  }
  return encodeURIComponent(name);
}

function namespaced(apiVersion: string, kind: string, plural: string): ResourceType {
  return { ...groupVersion(apiVersion), kind, plural, namespaced: true };
}

function clusterScoped(apiVersion: string, kind: string, plural: string): ResourceType {
  return { ...groupVersion(apiVersion), kind, plural, namespaced: false };
}

function groupVersion(apiVersion: string): { group: string; version: string } {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? { group: '', version: apiVersion } : { group: group ?? '', version };
}

// Namespaced built-in types.
export const CONFIG_MAPS = namespaced('v1', 'ConfigMap', 'configmaps');
export const EVENTS = namespaced('events.k8s.io/v1', 'Event', 'events');
export const PERSISTENT_VOLUME_CLAIMS = namespaced('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
/** Events of the first kind, which alone can be selected by the object they are about. */
export const POD_EVENTS = namespaced('v1', 'Event', 'events');
export const PODS = namespaced('v1', 'Pod', 'pods');
export const SECRETS = namespaced('v1', 'Secret', 'secrets');
export const SERVICES = namespaced('v1', 'Service', 'services');
export const SERVICE_ACCOUNTS = namespaced('v1', 'ServiceAccount', 'serviceaccounts');
export const DEPLOYMENTS = namespaced('apps/v1', 'Deployment', 'deployments');
export const REPLICA_SETS = namespaced('apps/v1', 'ReplicaSet', 'replicasets');
export const HORIZONTAL_POD_AUTOSCALERS = namespaced('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers');
export const LEASES = namespaced('coordination.k8s.io/v1', 'Lease', 'leases');
export const ENDPOINT_SLICES = namespaced('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const NETWORK_POLICIES = namespaced('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');
export const POD_DISRUPTION_BUDGETS = namespaced('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const ROLES = namespaced('rbac.authorization.k8s.io/v1', 'Role', 'roles');
export const ROLE_BINDINGS = namespaced('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings');

// Cluster-scoped built-in types.
export const NAMESPACES = clusterScoped('v1', 'Namespace', 'namespaces');
export const NODES = clusterScoped('v1', 'Node', 'nodes');
export const CLUSTER_ROLES = clusterScoped('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles');
export const CLUSTER_ROLE_BINDINGS = clusterScoped('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings');
export const CUSTOM_RESOURCE_DEFINITIONS = clusterScoped('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions');
