// What the tools and resources of the Kubernetes MCP server need from a cluster, and nothing more.
// api.ts implements it over the Kubernetes API; tools never see the API client.

/** The fields of a Node that are read here. */
export interface Node {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly nodeInfo?: { readonly kubeletVersion?: string };
    readonly capacity?: Readonly<Record<string, string>>;
  };
}

/** The state of a container; at most one of the three is there. */
export interface ContainerState {
  readonly waiting?: { readonly reason?: string };
  readonly running?: object;
  readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly signal?: number };
}

/** The fields of a container's status that are read here. */
export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  /** Whether the startup probe has passed, or there is none. */
  readonly started?: boolean;
  readonly state?: ContainerState;
}

/** A container of a pod's spec, of any kind. */
export interface Container {
  readonly name: string;
  /** `Always` makes an init container a sidecar, which keeps running. */
  readonly restartPolicy?: string;
  readonly [field: string]: unknown;
}

/** The annotation that is read, which kubectl and whoever injects containers know: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** The fields of a Pod that are read here, and all that are written. */
export interface Pod {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly ephemeralContainers?: readonly Container[];
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** The first objects of a list, and how many were left out. */
export interface Page<T> {
  readonly items: readonly T[];
  /** True when the cluster holds more objects than were asked for. */
  readonly truncated: boolean;
}

/** Which pod. */
export interface PodReference {
  readonly namespace: string;
  readonly name: string;
}

/** Which log lines of a pod. */
export interface LogQuery {
  readonly container?: string | undefined;
  /** How many of the last lines. */
  readonly tailLines: number;
  /** The container's previous run instead of the current one. */
  readonly previous: boolean;
  /** No more than this many bytes of text (UTF-8) are returned. */
  readonly maxBytes: number;
}

/** The newest lines of a log, oldest first. What is left out is always older. */
export interface LogTail {
  readonly text: string;
  readonly lines: number;
  /** How many of the lines asked for are not in `text`; undefined when there are some and nobody knows how many. */
  readonly leftOut: number | undefined;
  /** The first line of `text` lacks its beginning, because it alone is too long. */
  readonly firstIsCut: boolean;
}

/**
 * A cluster. Every method rejects with an ApiError of kubernetes/errors.ts, or a NoCredentialsError of
 * kubernetes/connection.ts, and stops when the signal aborts. `podLogs` also rejects with a RequestError, see log-tail.ts.
 */
export interface Cluster {
  listNodes(limit: number, signal: AbortSignal): Promise<Page<Node>>;
  listPods(query: { namespace: string; limit: number }, signal: AbortSignal): Promise<Page<Pod>>;
  /** The pod; undefined where this server's identity may not get pods. */
  findPod(pod: PodReference, signal: AbortSignal): Promise<Pod | undefined>;
  createPod(pod: Pod, signal: AbortSignal): Promise<Pod>;
  podLogs(pod: PodReference, query: LogQuery, signal: AbortSignal): Promise<LogTail>;
  deletePod(pod: PodReference, signal: AbortSignal): Promise<void>;
  /** Resolves when the API server says it is ready to serve this server's identity. */
  ready(signal: AbortSignal): Promise<void>;
}

/** One access to the cluster, as RBAC names it (`readyz` stands for the API server's own path): what explains a failure. */
export interface Action {
  readonly verb: 'create' | 'get' | 'list' | 'delete';
  readonly resource: 'nodes' | 'pods' | 'pods/log' | 'readyz';
  readonly namespace?: string;
  readonly name?: string;
}
