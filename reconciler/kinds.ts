// The resource the operator reconciles, the kinds of children it applies, prunes and watches, and what is read of each object.
import { GROUP, KIND, PLURAL, VERSION } from '../charts/api/group.ts';
import type { MCPServerSpec } from '../charts/api/spec.ts';
import type { MCPServerStatus } from '../charts/api/status.ts';
import type { SERVER_LABEL } from '../charts/api/labels.ts';
import type { Manifest } from '../charts/render.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NETWORK_POLICIES,
  POD_DISRUPTION_BUDGETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  apiVersionOf,
  type KubernetesObject,
  type ObjectMeta,
  type ResourceType,
} from '../kubernetes/objects.ts';

/** MCPServers as the API server serves them. */
export const MCP_SERVERS: ResourceType = { group: GROUP, version: VERSION, kind: KIND, plural: PLURAL, namespaced: true };

/** Every kind `render` may produce, in the order in which they are applied: pods start last, when all that they need is there. */
export const CHILD_TYPES: readonly ResourceType[] = [
  SERVICE_ACCOUNTS,
  CONFIG_MAPS,
  NETWORK_POLICIES,
  SERVICES,
  POD_DISRUPTION_BUDGETS,
  HORIZONTAL_POD_AUTOSCALERS,
  DEPLOYMENTS,
];

/** An MCPServer as the API server returned it. */
export interface MCPServerObject extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta & { readonly namespace: string; readonly uid: string; readonly generation: number };
  readonly spec: MCPServerSpec;
  readonly status?: MCPServerStatus;
}

/** The parts of a Deployment that status is made of; of its status the caches keep no others. */
export interface DeploymentObject extends KubernetesObject {
  readonly spec: { readonly replicas?: number; readonly paused?: boolean; readonly template?: object };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly DeploymentCondition[];
  };
}

/** A condition of a Deployment. */
export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
}

/** State of one container of a pod. */
export interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  /** Whether the startup probe has passed. */
  readonly started?: boolean;
  readonly ready?: boolean;
  readonly state?: {
    readonly running?: { readonly startedAt?: string };
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: TerminatedState;
  };
  readonly lastState?: { readonly terminated?: TerminatedState };
}

/** How a container ended; `message` is the end of its log where it failed. */
export interface TerminatedState {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** When a probe gives up; see `startup-budget.ts` for what Kubernetes assumes. */
export interface ProbeSpec {
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

/** The parts of a container's spec that verification and status are made of. */
export interface ContainerSpec {
  readonly name: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly startupProbe?: ProbeSpec;
}

/** The same of a container that runs before the others; Always makes it a sidecar. */
export interface InitContainerSpec {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly resources?: { readonly limits?: { readonly memory?: string } };
}

/** A condition of a pod that is read; pods have more of them. */
export interface PodCondition {
  readonly type: 'PodScheduled' | 'PodReadyToStartContainers' | 'Ready';
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** Label by which a Deployment tells the pods of its templates apart. */
export const TEMPLATE_LABEL = 'pod-template-hash';

/** Label that names the Service an EndpointSlice belongs to. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';

/** The metadata by which an object is known, and those labels and other fields of it that are read. */
type KnownBy<Label extends string, Field extends keyof ObjectMeta = never> =
  & Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'resourceVersion' | Field>
  & { readonly labels?: { readonly [Name in Label]?: string } };

/** The parts of a pod that verification and status are made of; the caches keep no others. */
export interface PodObject extends KubernetesObject {
  readonly metadata: KnownBy<typeof SERVER_LABEL | typeof TEMPLATE_LABEL, 'creationTimestamp' | 'deletionTimestamp'>;
  readonly spec?: {
    readonly containers: readonly ContainerSpec[];
    readonly nodeName?: string;
    /** Of these, claims that have a name. */
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
    readonly initContainers?: readonly InitContainerSpec[];
    readonly terminationGracePeriodSeconds?: number;
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly PodCondition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** A HorizontalPodAutoscaler, of whose status the conditions alone are read. */
export interface AutoscalerObject extends KubernetesObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
}

/** A ConfigMap or Secret with what is in it. */
export interface DataObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** The parts of an EndpointSlice that say whether a Service has a ready endpoint; the caches keep no others. */
export interface EndpointSliceObject extends KubernetesObject {
  readonly metadata: KnownBy<typeof SERVICE_LABEL>;
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

/** The type of a rendered manifest. @throws Error for a kind that is missing in CHILD_TYPES. */
export function childType(manifest: Pick<Manifest, 'apiVersion' | 'kind'>): ResourceType {
  const type = CHILD_TYPES.find((each) => each.kind === manifest.kind && apiVersionOf(each) === manifest.apiVersion);
  if (type === undefined) throw new Error(`the operator does not manage ${manifest.apiVersion} ${manifest.kind}`);
  return type;
}
