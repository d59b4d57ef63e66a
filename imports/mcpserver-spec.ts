// Written by `npm run generate` from charts/api/. Do not edit.
/* eslint-disable */

/** The spec of an MCPServer as users write it: what has a default may be left out. */
export interface MCPServerSpec {
  /**
   * Container image of the MCP server.
   *
   * String, 1 to 1024 characters.
   */
  image: string;
  /**
   * When the kubelet pulls the image.
   * @default "IfNotPresent"
   */
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  /**
   * Secrets with the credentials of the image registry.
   *
   * List, at most 16 items, unique by `name`.
   */
  imagePullSecrets?: SpecImagePullSecrets[] | undefined;
  /**
   * Replaces the entry point of the image. With transport stdio it is required: the server's program, which the bridge starts, without a shell.
   *
   * List, 1 to 128 items; items: string, at most 8192 characters.
   */
  command?: string[] | undefined;
  /**
   * Replaces the arguments of the image.
   *
   * List, 1 to 128 items; items: string, at most 8192 characters.
   */
  args?: string[] | undefined;
  /**
   * Folder the process starts in, an absolute path. Default: what the image says.
   *
   * String matching `^\/[ -~]*$`, 1 to 1024 characters.
   */
  workingDir?: string | undefined;
  /**
   * How the server speaks MCP: streamable-http, http or stdio. Both HTTP kinds are verified at path; a bridge in its pod serves a stdio server on port and path.
   * @default "streamable-http"
   */
  transport?: 'stdio' | 'http' | 'streamable-http' | undefined;
  /**
   * How a server is served that speaks stdio.
   */
  stdio?: SpecStdio | undefined;
  /**
   * Port the server listens on; with transport stdio, its bridge.
   *
   * Integer, 1 to 65535.
   * @default 8080
   */
  port?: number | undefined;
  /**
   * Absolute path of the MCP endpoint.
   *
   * String, 1 to 1024 characters.
   * @default "/mcp"
   */
  path?: string | undefined;
  /**
   * Ports the server listens on besides, for instance for metrics: of the container and the Service.
   *
   * List, at most 16 items, unique by `name`.
   */
  extraPorts?: SpecExtraPorts[] | undefined;
  /**
   * The Service in front of the pods. Default: a ClusterIP Service on port.
   */
  service?: SpecService | undefined;
  /**
   * Who may connect to the pods, and to whom they may connect. Default: not restricted.
   */
  networkPolicy?: SpecNetworkPolicy | undefined;
  /**
   * Number of pods. 0 means deliberately scaled to zero. Ignored with autoscaling and with scaling: External.
   *
   * Integer, 0 to 1000.
   * @default 1
   */
  replicas?: number | undefined;
  /**
   * Who scales the Deployment. Managed: replicas or autoscaling decide. External: something else, and its number of pods is never touched.
   * @default "Managed"
   */
  scaling?: 'Managed' | 'External' | undefined;
  /**
   * Has a HorizontalPodAutoscaler scale the Deployment; needs at least one target.
   */
  autoscaling?: SpecAutoscaling | undefined;
  /**
   * How pods are replaced.
   * @default {"type":"RollingUpdate"}
   */
  strategy?: SpecStrategy | undefined;
  /**
   * How many earlier pod templates are kept for kubectl rollout undo. Kubernetes assumes 10.
   *
   * Integer, 0 to 1000.
   */
  revisionHistoryLimit?: number | undefined;
  /**
   * Seconds without progress after which a rollout counts as failed, for pods that take long to start. Kubernetes assumes 600.
   *
   * Integer, 1 to 86400.
   */
  progressDeadlineSeconds?: number | undefined;
  /**
   * Configuration of the server: one ConfigMap, mounted at /etc/mcp with every key as a file and all of them in config.json; keys that are C identifiers are environment variables too. A change rolls the pods.
   *
   * Map, at most 256 keys; values: string, at most 262144 characters.
   */
  config?: Record<string, string> | undefined;
  /**
   * Where config goes, if the default is taken.
   */
  configAs?: SpecConfigAs | undefined;
  /**
   * Environment variables. They win over config, which wins over what the operator sets, which wins over envFrom.
   *
   * List, at most 256 items, unique by `name`.
   */
  env?: SpecEnv[] | undefined;
  /**
   * Whether the operator sets environment variables of its own: MCP_TRANSPORT, MCP_PORT, MCP_SERVER_NAME, MCP_CONFIG_FILE, POD_NAME and POD_NAMESPACE. Omit is for images to which one of these means something else.
   * @default "Set"
   */
  operatorEnv?: 'Set' | 'Omit' | undefined;
  /**
   * ConfigMaps and Secrets whose keys become environment variables.
   *
   * List, at most 64 items.
   */
  envFrom?: SpecEnvFrom[] | undefined;
  /**
   * What a change of a Secret or ConfigMap named in env, envFrom or files does. Restart: pods are replaced once. Ignore: nothing.
   * @default "Restart"
   */
  onReferenceChange?: 'Restart' | 'Ignore' | undefined;
  /**
   * Resource requests and limits. Default requests: stdio 50m and 64Mi, http 100m and 128Mi, streamable-http 200m and 256Mi; default memory limit 512Mi, no CPU limit. A default never contradicts a value set here.
   */
  resources?: SpecResources | undefined;
  /**
   * Defaults of securityContext and podSecurityContext. Restricted: what Pod Security restricted demands, a read-only root file system, user and group 1000. ImageUser: the same without user and group ids, for images with a numeric USER and for clusters that assign ids. None: only what is written there.
   * @default "Restricted"
   */
  securityProfile?: 'Restricted' | 'ImageUser' | 'None' | undefined;
  /**
   * Security settings of the container, merged field by field over the defaults of securityProfile.
   */
  securityContext?: SpecSecurityContext | undefined;
  /**
   * Security settings of the pod, merged field by field over the defaults of securityProfile.
   */
  podSecurityContext?: SpecPodSecurityContext | undefined;
  /**
   * ServiceAccount the pods run as. Default: an own one without permissions and without a mounted token.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  serviceAccount?: string | undefined;
  /**
   * Whether the API token is mounted. Default: false for the own ServiceAccount; what a named ServiceAccount says otherwise.
   */
  automountServiceAccountToken?: boolean | undefined;
  /**
   * Secrets and ConfigMaps as read-only files: the preferred way to hand over secrets. The kubelet keeps them current.
   *
   * List, at most 32 items, unique by `mountPath`.
   */
  files?: SpecFiles[] | undefined;
  /**
   * Writable folders. One at /tmp takes the place of the 128Mi that are there otherwise.
   *
   * List, at most 32 items, unique by `mountPath`.
   */
  storage?: SpecStorage[] | undefined;
  /**
   * How Kubernetes tells whether a pod works; each probe set here replaces its default.
   */
  probes?: SpecProbes | undefined;
  /**
   * What is done right after the container was started; exactly one of its fields.
   */
  postStart?: SpecPostStart | undefined;
  /**
   * Whether status, events and the log of the operator quote what a container said before it ended. With Hide the end of its log is not copied into the status of its pod either.
   * @default "Show"
   */
  lastWords?: 'Show' | 'Hide' | undefined;
  /**
   * How many pods may be missing while nodes are drained.
   * @default {"mode":"Default"}
   */
  disruption?: SpecDisruption | undefined;
  /**
   * Labels and annotations of the objects that are rendered; pods have podMetadata.
   */
  metadata?: SpecMetadata | undefined;
  /**
   * Labels and annotations of the pods alone.
   */
  podMetadata?: SpecPodMetadata | undefined;
  /**
   * Labels a node must have to run the pods.
   *
   * Map, at most 32 keys; values: label value, at most 63 characters.
   */
  nodeSelector?: Record<string, string> | undefined;
  /**
   * Taints of nodes the pods put up with.
   *
   * List, at most 32 items.
   */
  tolerations?: SpecTolerations[] | undefined;
  /**
   * Attraction to and repulsion from nodes and pods. Default: prefer nodes that run no pod of the same server. An empty object means none.
   */
  affinity?: SpecAffinity | undefined;
  /**
   * How evenly pods are spread. Default: over nodes and zones where possible. An empty list means no constraint.
   *
   * List, at most 16 items, unique by `topologyKey` and `whenUnsatisfiable`.
   */
  topologySpreadConstraints?: SpecTopologySpreadConstraints[] | undefined;
  /**
   * Scheduler that places the pods. Kubernetes assumes default-scheduler.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  schedulerName?: string | undefined;
  /**
   * Names that pods know by themselves, as lines of their hosts file.
   *
   * List, at most 32 items, unique by `ip`.
   */
  hostAliases?: SpecHostAliases[] | undefined;
  /**
   * Whom pods ask for names. Default: as the node does. None: as dnsConfig says. Kubernetes assumes ClusterFirst.
   */
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None' | undefined;
  /**
   * Name servers, domains and options, besides those of dnsPolicy.
   */
  dnsConfig?: SpecDnsConfig | undefined;
  /**
   * PriorityClass of the pods.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  priorityClassName?: string | undefined;
  /**
   * RuntimeClass of the pods.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  runtimeClassName?: string | undefined;
  /**
   * Seconds a pod has to end, draining included.
   *
   * Integer, 0 to 3600.
   * @default 30
   */
  terminationGracePeriodSeconds?: number | undefined;
  /**
   * Seconds a pod keeps serving after its deletion, while clients are sent elsewhere. 0 means none.
   *
   * Integer, 0 to 60.
   * @default 5
   */
  drainSeconds?: number | undefined;
  /**
   * Containers that run one after the other before the server starts, as in pods. One with restartPolicy: Always is a sidecar that starts in its place.
   *
   * List, at most 16 items, unique by `name`.
   */
  initContainers?: SpecInitContainers[] | undefined;
  /**
   * Containers that run beside the server, as in pods: they start before it, after initContainers, and end after it.
   *
   * List, at most 16 items, unique by `name`.
   */
  sidecars?: SpecInitContainers[] | undefined;
  /**
   * For what has no field here: parts of a pod template, merged over what is rendered as kubectl merges a strategic patch, lists by their keys.
   */
  podTemplate?: Record<string, unknown> | undefined;
  /**
   * Says that the server itself speaks TLS on its port: the endpoint is an https URL, and the handshake checks the certificate.
   */
  tls?: SpecTls | undefined;
  /**
   * The MCP handshake the operator does with every serving pod.
   * @default {"mode":"Require","intervalSeconds":300,"timeoutSeconds":10}
   */
  verification?: SpecVerification | undefined;
  /**
   * Whether the operator leaves the objects of this MCPServer as they are; its status goes on.
   * @default false
   */
  suspend?: boolean | undefined;
  /**
   * What becomes of the objects when the MCPServer is deleted. Orphan: they go on without it.
   * @default "Delete"
   */
  deletionPolicy?: 'Delete' | 'Orphan' | undefined;
}

export interface SpecImagePullSecrets {
  /**
   * Name of a Secret of type kubernetes.io/dockerconfigjson.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
}

export interface SpecStdio {
  /**
   * Which process answers. PerSession: one of its own for each session. Shared: one for all, for servers that keep nothing between requests.
   * @default "PerSession"
   */
  sessions?: 'PerSession' | 'Shared' | undefined;
  /**
   * Sessions of a pod at a time, each with a process of its own; beyond, clients get 503 with Retry-After. The default memory limit holds six of a usual size.
   *
   * Integer, 1 to 1000.
   * @default 6
   */
  maxSessions?: number | undefined;
  /**
   * Seconds after which a session ends that has neither a request being answered nor an open event stream.
   *
   * Integer, 1 to 604800.
   * @default 600
   */
  idleTimeoutSeconds?: number | undefined;
  /**
   * Processes of a pod that wait, started, for the next session. Not with Shared, and not with idleChildren: End.
   *
   * Integer, 0 to 100.
   * @default 1
   */
  warm?: number | undefined;
  /**
   * Whether processes wait while nobody asks. Keep: as warm says. End: none does; the first request of a session starts one and waits for it, and the operator wakes none.
   * @default "Keep"
   */
  idleChildren?: 'Keep' | 'End' | undefined;
  /**
   * Seconds a process has to answer its first request.
   *
   * Integer, 1 to 3600.
   * @default 120
   */
  startupSeconds?: number | undefined;
  /**
   * The folder for packages and caches, which a server has whose command is that of npm (npx, npm) or uv (uvx, uv).
   */
  cache?: SpecStdioCache | undefined;
  /**
   * The program between HTTP and the server, if not the one of the installation.
   */
  bridge?: SpecStdioBridge | undefined;
}

export interface SpecStdioCache {
  /**
   * How much may be written; more evicts the pod. Default: 1Gi.
   *
   * Quantity, such as `500m` or `1Gi`.
   */
  sizeLimit?: string | number | undefined;
}

export interface SpecStdioBridge {
  /**
   * Container image of the bridge. Default: what the installation says; its own version.
   *
   * String matching `^[!-~]+$`, at most 1024 characters.
   */
  image?: string | undefined;
  /**
   * How it comes into the pod. InitContainer: copied when the pod starts. ImageVolume: its image is a volume, once per node; on by default from Kubernetes 1.35. Default: what the installation says.
   */
  by?: 'InitContainer' | 'ImageVolume' | undefined;
}

export interface SpecExtraPorts {
  /**
   * Name of the port, for instance metrics; probes may use it.
   *
   * String matching `^([0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$`, 1 to 15 characters.
   */
  name: string;
  /**
   * Number of the port, in the container and of the Service.
   *
   * Integer, 1 to 65535.
   */
  port: number;
}

export interface SpecService {
  /**
   * Whether the Service can be reached from outside the cluster, and how.
   * @default "ClusterIP"
   */
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | undefined;
  /**
   * Port of the Service for MCP, also in the endpoint. Default: port.
   *
   * Integer, 1 to 65535.
   */
  port?: number | undefined;
  /**
   * What is spoken on the MCP port, for gateways and meshes, for instance kgateway.dev/mcp.
   *
   * Label key, 1 to 317 characters.
   */
  appProtocol?: string | undefined;
  /**
   * Annotations of the Service alone. Those the operator and GitOps tools set cannot be set here.
   *
   * Map, at most 32 keys; values: string, at most 4096 characters.
   */
  annotations?: Record<string, string> | undefined;
  /**
   * Which load balancer implementation is meant, for type LoadBalancer. A change replaces the load balancer.
   *
   * Label key, 1 to 317 characters.
   */
  loadBalancerClass?: string | undefined;
  /**
   * Local keeps the address of the client and uses pods of the receiving node only; for NodePort and LoadBalancer. Kubernetes assumes Cluster.
   */
  externalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  /**
   * Port on every node for MCP, for NodePort and LoadBalancer. Default: the cluster chooses one.
   *
   * Integer, 1 to 65535.
   */
  nodePort?: number | undefined;
  /**
   * Addresses that may use the load balancer, such as 192.0.2.0/24, for type LoadBalancer.
   *
   * List, 1 to 64 items; items: string matching `^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\/(3[0-2]|[12]?[0-9])$|^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}(:|(:[0-9a-fA-F]{1,4}){1,6})|:(:|(:[0-9a-fA-F]{1,4}){1,7}))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$`, 1 to 43 characters.
   */
  loadBalancerSourceRanges?: string[] | undefined;
  /**
   * Local uses pods of the node the client is on, and none where there is none. Kubernetes assumes Cluster.
   */
  internalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  /**
   * Whether calls from one address go to one pod. Auto: ClientIP once the server was found to keep sessions and more than one pod can run.
   * @default "Auto"
   */
  sessionAffinity?: 'Auto' | 'None' | 'ClientIP' | undefined;
  /**
   * Seconds without a call after which an address may get another pod. Default 10800; not with None.
   *
   * Integer, 1 to 86400.
   */
  sessionAffinityTimeoutSeconds?: number | undefined;
}

export interface SpecNetworkPolicy {
  /**
   * Who may connect to the ports of the pods, besides the operator. Empty: nobody. Left out: not restricted.
   *
   * List, at most 16 items.
   */
  ingressFrom?: SpecNetworkPolicyEach[] | undefined;
  /**
   * To whom the pods may connect, besides DNS of the cluster. Empty: nobody. Left out: not restricted.
   *
   * List, at most 16 items.
   */
  egressTo?: SpecNetworkPolicyEach[] | undefined;
}

export interface SpecNetworkPolicyEach {
  /**
   * Pods by label, in the own namespace unless namespaceSelector is there; empty: all of them.
   */
  podSelector?: SpecSelector | undefined;
  /**
   * Namespaces of the pods, by label; empty: all of them.
   */
  namespaceSelector?: SpecSelector | undefined;
  /**
   * Addresses outside the cluster.
   */
  ipBlock?: SpecIpBlock | undefined;
}

export interface SpecSelector {
  /**
   * Labels an object must have.
   *
   * Map, at most 32 keys; values: label value, at most 63 characters.
   */
  matchLabels?: Record<string, string> | undefined;
  /**
   * Conditions on labels; all must hold.
   *
   * List, 1 to 16 items.
   */
  matchExpressions?: SpecMatchExpressions[] | undefined;
}

export interface SpecMatchExpressions {
  /**
   * Key of the label.
   *
   * Label key, 1 to 317 characters.
   */
  key: string;
  /**
   * How the label is compared.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values for In and NotIn.
   *
   * List, 1 to 32 items; items: label value, at most 63 characters.
   */
  values?: string[] | undefined;
}

export interface SpecIpBlock {
  /**
   * Addresses, such as 192.0.2.0/24.
   *
   * String matching `^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\/(3[0-2]|[12]?[0-9])$|^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}(:|(:[0-9a-fA-F]{1,4}){1,6})|:(:|(:[0-9a-fA-F]{1,4}){1,7}))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$`, 1 to 43 characters.
   */
  cidr: string;
  /**
   * Addresses within cidr that are not meant.
   *
   * List, 1 to 16 items; items: string matching `^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\/(3[0-2]|[12]?[0-9])$|^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}(:|(:[0-9a-fA-F]{1,4}){1,6})|:(:|(:[0-9a-fA-F]{1,4}){1,7}))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$`, 1 to 43 characters.
   */
  except?: string[] | undefined;
}

export interface SpecAutoscaling {
  /**
   * Fewest pods.
   *
   * Integer, 1 to 1000.
   * @default 1
   */
  minReplicas?: number | undefined;
  /**
   * Most pods.
   *
   * Integer, 1 to 1000.
   */
  maxReplicas: number;
  /**
   * CPU to keep to, in percent of what the pods request on average.
   *
   * Integer, 1 to 10000.
   */
  targetCPUUtilizationPercentage?: number | undefined;
  /**
   * Metrics to keep to, as in autoscaling/v2; the one that asks for most pods wins.
   *
   * List, 1 to 16 items.
   */
  metrics?: SpecAutoscalingMetrics[] | undefined;
  /**
   * How fast pods come and go.
   */
  behavior?: SpecAutoscalingBehavior | undefined;
}

export interface SpecAutoscalingMetrics {
  /**
   * Which one of the other fields is set.
   */
  type: 'Resource' | 'ContainerResource' | 'Pods' | 'Object' | 'External';
  /**
   * CPU or memory of the pods.
   */
  resource?: SpecAutoscalingMetricsResource | undefined;
  /**
   * CPU or memory of one container.
   */
  containerResource?: SpecAutoscalingMetricsContainerResource | undefined;
  /**
   * A metric every pod has.
   */
  pods?: SpecAutoscalingMetricsPods | undefined;
  /**
   * A metric of one object in the namespace, such as an Ingress.
   */
  object?: SpecAutoscalingMetricsObject | undefined;
  /**
   * A metric from outside the cluster, such as the length of a queue.
   */
  external?: SpecAutoscalingMetricsExternal | undefined;
}

export interface SpecAutoscalingMetricsResource {
  /**
   * The resource.
   */
  name: 'cpu' | 'memory';
  /**
   * What to keep to.
   */
  target: SpecTarget;
}

export interface SpecTarget {
  /**
   * Which of the other fields counts.
   */
  type: 'Utilization' | 'AverageValue';
  /**
   * Average over the pods, in percent of what they request.
   *
   * Integer, 1 to 10000.
   */
  averageUtilization?: number | undefined;
  /**
   * Average over the pods, as an amount.
   *
   * Integer, at least 1, or string matching `^\+?(\d*[1-9]\d*\.?\d*|\d*\.\d*[1-9]\d*)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2})?$`.
   */
  averageValue?: string | number | undefined;
}

export interface SpecAutoscalingMetricsContainerResource {
  /**
   * Name of the container: mcp-server.
   *
   * String, 1 to 63 characters.
   */
  container: string;
  /**
   * The resource.
   */
  name: 'cpu' | 'memory';
  /**
   * What to keep to.
   */
  target: SpecTarget;
}

export interface SpecAutoscalingMetricsPods {
  /**
   * The metric.
   */
  metric: SpecMetric;
  /**
   * What to keep to.
   */
  target: SpecAutoscalingMetricsPodsTarget;
}

export interface SpecMetric {
  /**
   * Name of the metric.
   *
   * String matching `^[-A-Za-z0-9_|:][-A-Za-z0-9_.|:]*$`, 1 to 253 characters.
   */
  name: string;
  /**
   * Which series of the metric.
   */
  selector?: SpecSelector | undefined;
}

export interface SpecAutoscalingMetricsPodsTarget {
  /**
   * Which of the other fields counts.
   */
  type: 'AverageValue';
  /**
   * Average over the pods, as an amount.
   *
   * Integer, at least 1, or string matching `^\+?(\d*[1-9]\d*\.?\d*|\d*\.\d*[1-9]\d*)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2})?$`.
   */
  averageValue: string | number;
}

export interface SpecAutoscalingMetricsObject {
  /**
   * The object.
   */
  describedObject: SpecAutoscalingMetricsObjectDescribedObject;
  /**
   * The metric.
   */
  metric: SpecMetric;
  /**
   * What to keep to.
   */
  target: SpecAutoscalingMetricsObjectTarget;
}

export interface SpecAutoscalingMetricsObjectDescribedObject {
  /**
   * API version of the object.
   *
   * String, 1 to 253 characters.
   */
  apiVersion?: string | undefined;
  /**
   * Kind of the object.
   *
   * String, 1 to 63 characters.
   */
  kind: string;
  /**
   * Name of the object.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
}

export interface SpecAutoscalingMetricsObjectTarget {
  /**
   * Which of the other fields counts.
   */
  type: 'Value' | 'AverageValue';
  /**
   * The value itself.
   *
   * Integer, at least 1, or string matching `^\+?(\d*[1-9]\d*\.?\d*|\d*\.\d*[1-9]\d*)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2})?$`.
   */
  value?: string | number | undefined;
  /**
   * Average over the pods, as an amount.
   *
   * Integer, at least 1, or string matching `^\+?(\d*[1-9]\d*\.?\d*|\d*\.\d*[1-9]\d*)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2})?$`.
   */
  averageValue?: string | number | undefined;
}

export interface SpecAutoscalingMetricsExternal {
  /**
   * The metric.
   */
  metric: SpecMetric;
  /**
   * What to keep to.
   */
  target: SpecAutoscalingMetricsObjectTarget;
}

export interface SpecAutoscalingBehavior {
  /**
   * On the way up.
   */
  scaleUp?: SpecAutoscalingBehaviorEach | undefined;
  /**
   * On the way down.
   */
  scaleDown?: SpecAutoscalingBehaviorEach | undefined;
}

export interface SpecAutoscalingBehaviorEach {
  /**
   * Seconds over which earlier recommendations count. Kubernetes assumes 0 up and 300 down.
   *
   * Integer, 0 to 3600.
   */
  stabilizationWindowSeconds?: number | undefined;
  /**
   * Which policy counts; Disabled stops this direction. Kubernetes assumes Max.
   */
  selectPolicy?: 'Max' | 'Min' | 'Disabled' | undefined;
  /**
   * How fast the number of pods may change.
   *
   * List, 1 to 8 items.
   */
  policies?: SpecPolicies[] | undefined;
}

export interface SpecPolicies {
  /**
   * What value counts.
   */
  type: 'Pods' | 'Percent';
  /**
   * Most pods, or percent of the pods, that may come or go.
   *
   * Integer, 1 to 10000.
   */
  value: number;
  /**
   * Seconds within which they may.
   *
   * Integer, 1 to 1800.
   */
  periodSeconds: number;
}

export interface SpecStrategy {
  /**
   * RollingUpdate: a new pod is Ready before an old one goes. Recreate: all old pods go first, for servers of which two cannot run.
   * @default "RollingUpdate"
   */
  type?: 'RollingUpdate' | 'Recreate' | undefined;
  /**
   * Pods that may be missing in a rolling update, as number or percentage. Default 0.
   *
   * Integer, 0 to 1000, or string matching `^(100|[0-9]{1,2})%$`.
   */
  maxUnavailable?: string | number | undefined;
  /**
   * Pods there may be beyond those that are wanted, in a rolling update, as number or percentage. Kubernetes assumes 25%.
   *
   * Integer, 0 to 1000, or string matching `^[0-9]{1,3}%$`.
   */
  maxSurge?: string | number | undefined;
}

export interface SpecConfigAs {
  /**
   * Name of the ConfigMap. Default: that of the MCPServer, with -config.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  configMapName?: string | undefined;
  /**
   * Where the container sees it: an absolute path. Default: /etc/mcp.
   *
   * String matching `^(\/([!-\-0-9;-~]|\.[!-\-0-9;-~]|\.\.[!-.0-9;-~])[!-.0-9;-~]*)+$`, at most 1024 characters.
   */
  mountPath?: string | undefined;
}

export interface SpecEnv {
  /**
   * Name of the variable: printable ASCII without blanks and without "=".
   *
   * String matching `^[\x21-\x3c\x3e-\x7e]+$`, 1 to 253 characters.
   */
  name: string;
  /**
   * Literal value. $(OTHER_NAME) is expanded by the kubelet.
   *
   * String, at most 32768 characters.
   */
  value?: string | undefined;
  /**
   * Where the value comes from; exactly one source.
   */
  valueFrom?: SpecEnvValueFrom | undefined;
}

export interface SpecEnvValueFrom {
  /**
   * A field of the pod itself.
   */
  fieldRef?: SpecFieldRef | undefined;
  /**
   * A resource request or limit of the container.
   */
  resourceFieldRef?: SpecResourceFieldRef | undefined;
  /**
   * A key of a ConfigMap.
   */
  configMapKeyRef?: SpecEnvValueFromConfigMapKeyRef | undefined;
  /**
   * A key of a Secret.
   */
  secretKeyRef?: SpecEnvValueFromSecretKeyRef | undefined;
}

export interface SpecFieldRef {
  /**
   * Version of the schema the path is written in terms of. Kubernetes assumes v1.
   *
   * String, 1 to 253 characters.
   */
  apiVersion?: string | undefined;
  /**
   * Path of the field, for instance metadata.name or status.podIP.
   *
   * String, 1 to 253 characters.
   */
  fieldPath: string;
}

export interface SpecResourceFieldRef {
  /**
   * Container whose resources are meant. Default: the server.
   *
   * String, 1 to 63 characters.
   */
  containerName?: string | undefined;
  /**
   * Resource, for instance limits.memory.
   *
   * String, 1 to 253 characters.
   */
  resource: string;
  /**
   * Unit of the value. Kubernetes assumes 1.
   *
   * Quantity, such as `500m` or `1Gi`.
   */
  divisor?: string | number | undefined;
}

export interface SpecEnvValueFromConfigMapKeyRef {
  /**
   * Name of the ConfigMap, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Key in the ConfigMap.
   *
   * Key of a ConfigMap or Secret, 1 to 253 characters.
   */
  key: string;
  /**
   * Whether the pod may start although the referenced object or key is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
}

export interface SpecEnvValueFromSecretKeyRef {
  /**
   * Name of the Secret, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Key in the Secret.
   *
   * Key of a ConfigMap or Secret, 1 to 253 characters.
   */
  key: string;
  /**
   * Whether the pod may start although the referenced object or key is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
}

export interface SpecEnvFrom {
  /**
   * Text put before every key.
   *
   * String, 1 to 253 characters.
   */
  prefix?: string | undefined;
  /**
   * The ConfigMap whose keys become variables.
   */
  configMapRef?: SpecEnvFromConfigMapRef | undefined;
  /**
   * The Secret whose keys become variables.
   */
  secretRef?: SpecEnvFromSecretRef | undefined;
}

export interface SpecEnvFromConfigMapRef {
  /**
   * Name of the ConfigMap.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Whether the pod may start although the referenced object or key is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
}

export interface SpecEnvFromSecretRef {
  /**
   * Name of the Secret.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Whether the pod may start although the referenced object or key is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
}

export interface SpecResources {
  /**
   * What the scheduler reserves for each pod.
   *
   * Map, at most 7 keys; values: quantity, such as `500m` or `1Gi`.
   */
  requests?: Record<string, string | number> | undefined;
  /**
   * What a pod may use at most.
   *
   * Map, at most 7 keys; values: quantity, such as `500m` or `1Gi`.
   */
  limits?: Record<string, string | number> | undefined;
}

export interface SpecSecurityContext {
  /**
   * User id of the process.
   *
   * Integer, 0 to 2147483647.
   */
  runAsUser?: number | undefined;
  /**
   * Group id of the process.
   *
   * Integer, 0 to 2147483647.
   */
  runAsGroup?: number | undefined;
  /**
   * Whether the kubelet refuses to start the container as root.
   */
  runAsNonRoot?: boolean | undefined;
  /**
   * SELinux context.
   */
  seLinuxOptions?: SpecSeLinuxOptions | undefined;
  /**
   * System call filter.
   */
  seccompProfile?: SpecSeccompProfile | undefined;
  /**
   * Settings for Windows nodes.
   */
  windowsOptions?: SpecWindowsOptions | undefined;
  /**
   * Whether the process can gain more privileges than its parent.
   */
  allowPrivilegeEscalation?: boolean | undefined;
  /**
   * Linux capabilities.
   */
  capabilities?: SpecSecurityContextCapabilities | undefined;
  /**
   * Whether the container runs with the privileges of the node.
   */
  privileged?: boolean | undefined;
  /**
   * How /proc is mounted.
   */
  procMount?: 'Default' | 'Unmasked' | undefined;
  /**
   * Whether the root file system is read-only; /tmp stays writable.
   */
  readOnlyRootFilesystem?: boolean | undefined;
}

export interface SpecSeLinuxOptions {
  /**
   * SELinux level label.
   *
   * String, 1 to 253 characters.
   */
  level?: string | undefined;
  /**
   * SELinux role label.
   *
   * String, 1 to 253 characters.
   */
  role?: string | undefined;
  /**
   * SELinux type label.
   *
   * String, 1 to 253 characters.
   */
  type?: string | undefined;
  /**
   * SELinux user label.
   *
   * String, 1 to 253 characters.
   */
  user?: string | undefined;
}

export interface SpecSeccompProfile {
  /**
   * Which kind of profile is used.
   */
  type: 'RuntimeDefault' | 'Localhost' | 'Unconfined';
  /**
   * Profile file on the node, relative to the kubelet's folder; needed by and only valid for type Localhost.
   *
   * String, 1 to 253 characters.
   */
  localhostProfile?: string | undefined;
}

export interface SpecWindowsOptions {
  /**
   * Contents of the GMSA credential spec.
   *
   * String, 1 to 8192 characters.
   */
  gmsaCredentialSpec?: string | undefined;
  /**
   * Name of the GMSA credential spec.
   *
   * String, 1 to 253 characters.
   */
  gmsaCredentialSpecName?: string | undefined;
  /**
   * Whether the container runs as a Windows HostProcess container.
   */
  hostProcess?: boolean | undefined;
  /**
   * User name the entry point runs as on Windows.
   *
   * String, 1 to 253 characters.
   */
  runAsUserName?: string | undefined;
}

export interface SpecSecurityContextCapabilities {
  /**
   * Capabilities added.
   *
   * List, 1 to 64 items; items: string, 1 to 64 characters.
   */
  add?: string[] | undefined;
  /**
   * Capabilities dropped. Replaces the default of the profile, ALL.
   *
   * List, 1 to 64 items; items: string, 1 to 64 characters.
   */
  drop?: string[] | undefined;
}

export interface SpecPodSecurityContext {
  /**
   * User id of the process.
   *
   * Integer, 0 to 2147483647.
   */
  runAsUser?: number | undefined;
  /**
   * Group id of the process.
   *
   * Integer, 0 to 2147483647.
   */
  runAsGroup?: number | undefined;
  /**
   * Whether the kubelet refuses to start the container as root.
   */
  runAsNonRoot?: boolean | undefined;
  /**
   * SELinux context.
   */
  seLinuxOptions?: SpecSeLinuxOptions | undefined;
  /**
   * System call filter.
   */
  seccompProfile?: SpecSeccompProfile | undefined;
  /**
   * Settings for Windows nodes.
   */
  windowsOptions?: SpecWindowsOptions | undefined;
  /**
   * Group that owns the volumes.
   *
   * Integer, 0 to 2147483647.
   */
  fsGroup?: number | undefined;
  /**
   * When the ownership of volumes is changed.
   */
  fsGroupChangePolicy?: 'Always' | 'OnRootMismatch' | undefined;
  /**
   * Further groups of the process.
   *
   * List, 1 to 32 items; items: integer, 0 to 2147483647.
   */
  supplementalGroups?: number[] | undefined;
  /**
   * Namespaced kernel settings.
   *
   * List, 1 to 32 items, unique by `name`.
   */
  sysctls?: SpecPodSecurityContextSysctls[] | undefined;
}

export interface SpecPodSecurityContextSysctls {
  /**
   * Name of the kernel setting.
   *
   * String, 1 to 253 characters.
   */
  name: string;
  /**
   * Its value.
   *
   * String, 1 to 253 characters.
   */
  value: string;
}

export interface SpecFiles {
  /**
   * Where it is seen in the container: an absolute path.
   *
   * String matching `^(\/([!-\-0-9;-~]|\.[!-\-0-9;-~]|\.\.[!-.0-9;-~])[!-.0-9;-~]*)+$`, at most 1024 characters.
   */
  mountPath: string;
  /**
   * Name of the volume, for other containers of the pod that mount it too. Default: one that follows from mountPath.
   *
   * String matching `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, 1 to 63 characters.
   */
  volume?: string | undefined;
  /**
   * What of the volume is seen at mountPath: a folder or file in it. Default: all of it. What the kubelet changes later is not seen then.
   *
   * String matching `^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`, 1 to 1024 characters.
   */
  subPath?: string | undefined;
  /**
   * The Secret whose keys become files.
   */
  secret?: SpecFilesSecret | undefined;
  /**
   * The ConfigMap whose keys become files.
   */
  configMap?: SpecFilesConfigMap | undefined;
  /**
   * Several sources in one folder, tokens among them.
   */
  projected?: SpecFilesProjected | undefined;
  /**
   * Files that a CSI driver brings to the node, mounted read-only.
   */
  csi?: SpecFilesCsi | undefined;
}

export interface SpecFilesSecret {
  /**
   * Name of the Secret, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Which keys become files. Default: all, each under its own name.
   *
   * List, 1 to 64 items, unique by `key`.
   */
  items?: SpecItems[] | undefined;
  /**
   * Whether pods may start although the object, or a key in items, is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
  /**
   * Permissions of the files: 0400 in YAML, 256 in JSON. Kubernetes assumes 0644 for what has no permissions of its own.
   *
   * Integer, 0 to 511.
   */
  defaultMode?: number | undefined;
}

export interface SpecItems {
  /**
   * Key of the Secret or ConfigMap.
   *
   * Key of a ConfigMap or Secret, 1 to 253 characters.
   */
  key: string;
  /**
   * File name below mountPath.
   *
   * String matching `^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`, 1 to 1024 characters.
   */
  path: string;
  /**
   * Permissions of the file: 0400 in YAML, 256 in JSON. Kubernetes assumes 0644 for what has no permissions of its own.
   *
   * Integer, 0 to 511.
   */
  mode?: number | undefined;
}

export interface SpecFilesConfigMap {
  /**
   * Name of the ConfigMap, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Which keys become files. Default: all, each under its own name.
   *
   * List, 1 to 64 items, unique by `key`.
   */
  items?: SpecItems[] | undefined;
  /**
   * Whether pods may start although the object, or a key in items, is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
  /**
   * Permissions of the files: 0400 in YAML, 256 in JSON. Kubernetes assumes 0644 for what has no permissions of its own.
   *
   * Integer, 0 to 511.
   */
  defaultMode?: number | undefined;
}

export interface SpecFilesProjected {
  /**
   * What is put together; exactly one kind in each item.
   *
   * List, 1 to 16 items.
   */
  sources: SpecFilesProjectedSources[];
  /**
   * Permissions of the files: 0400 in YAML, 256 in JSON. Kubernetes assumes 0644 for what has no permissions of its own.
   *
   * Integer, 0 to 511.
   */
  defaultMode?: number | undefined;
}

export interface SpecFilesProjectedSources {
  /**
   * A Secret.
   */
  secret?: SpecFilesProjectedSourcesSecret | undefined;
  /**
   * A ConfigMap.
   */
  configMap?: SpecFilesProjectedSourcesConfigMap | undefined;
  /**
   * What the pod knows of itself.
   */
  downwardAPI?: SpecFilesProjectedSourcesDownwardAPI | undefined;
  /**
   * A token of the ServiceAccount the pods run as, for whom it names.
   */
  serviceAccountToken?: SpecFilesProjectedSourcesServiceAccountToken | undefined;
}

export interface SpecFilesProjectedSourcesSecret {
  /**
   * Name of the Secret, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Which keys become files. Default: all, each under its own name.
   *
   * List, 1 to 64 items, unique by `key`.
   */
  items?: SpecItems[] | undefined;
  /**
   * Whether pods may start although the object, or a key in items, is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
}

export interface SpecFilesProjectedSourcesConfigMap {
  /**
   * Name of the ConfigMap, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Which keys become files. Default: all, each under its own name.
   *
   * List, 1 to 64 items, unique by `key`.
   */
  items?: SpecItems[] | undefined;
  /**
   * Whether pods may start although the object, or a key in items, is missing. Kubernetes assumes false.
   */
  optional?: boolean | undefined;
}

export interface SpecFilesProjectedSourcesDownwardAPI {
  /**
   * What becomes a file.
   *
   * List, 1 to 32 items, unique by `path`.
   */
  items: SpecFilesProjectedSourcesDownwardAPIItems[];
}

export interface SpecFilesProjectedSourcesDownwardAPIItems {
  /**
   * File name below mountPath.
   *
   * String matching `^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`, 1 to 1024 characters.
   */
  path: string;
  /**
   * A field of the pod itself.
   */
  fieldRef?: SpecFieldRef | undefined;
  /**
   * A resource request or limit of a container.
   */
  resourceFieldRef?: SpecResourceFieldRef | undefined;
  /**
   * Permissions of the file: 0400 in YAML, 256 in JSON. Kubernetes assumes 0644 for what has no permissions of its own.
   *
   * Integer, 0 to 511.
   */
  mode?: number | undefined;
}

export interface SpecFilesProjectedSourcesServiceAccountToken {
  /**
   * File name below mountPath.
   *
   * String matching `^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`, 1 to 1024 characters.
   */
  path: string;
  /**
   * Whom the token is for. Kubernetes assumes its own API server.
   *
   * String, 1 to 1024 characters.
   */
  audience?: string | undefined;
  /**
   * Seconds after which the token ends; the kubelet renews it before. Kubernetes assumes 3600.
   *
   * Integer, 600 to 4294967296.
   */
  expirationSeconds?: number | undefined;
}

export interface SpecFilesCsi {
  /**
   * Name of the driver, such as secrets-store.csi.k8s.io.
   *
   * Object name (DNS-1123 subdomain), 1 to 63 characters.
   */
  driver: string;
  /**
   * File system, where the driver asks for one.
   *
   * String, 1 to 63 characters.
   */
  fsType?: string | undefined;
  /**
   * Settings of the driver, as its own documentation says.
   *
   * Map, at most 32 keys; values: string, at most 4096 characters.
   */
  volumeAttributes?: Record<string, string> | undefined;
  /**
   * Secret that is handed to the driver.
   */
  nodePublishSecretRef?: SpecFilesCsiNodePublishSecretRef | undefined;
}

export interface SpecFilesCsiNodePublishSecretRef {
  /**
   * Name of the Secret, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
}

export interface SpecStorage {
  /**
   * Where it is seen in the container: an absolute path.
   *
   * String matching `^(\/([!-\-0-9;-~]|\.[!-\-0-9;-~]|\.\.[!-.0-9;-~])[!-.0-9;-~]*)+$`, at most 1024 characters.
   */
  mountPath: string;
  /**
   * Name of the volume, for other containers of the pod that mount it too. Default: one that follows from mountPath.
   *
   * String matching `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, 1 to 63 characters.
   */
  volume?: string | undefined;
  /**
   * What of the volume is seen at mountPath: a folder or file in it. Default: all of it. What the kubelet changes later is not seen then.
   *
   * String matching `^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`, 1 to 1024 characters.
   */
  subPath?: string | undefined;
  /**
   * A folder that lives as long as the pod.
   */
  emptyDir?: SpecStorageEmptyDir | undefined;
  /**
   * A folder that outlives the pod.
   */
  persistentVolumeClaim?: SpecStoragePersistentVolumeClaim | undefined;
  /**
   * A volume that comes and goes with the pod, of a size that no disk of a node has.
   */
  ephemeral?: SpecStorageEphemeral | undefined;
}

export interface SpecStorageEmptyDir {
  /**
   * How much may be written; more evicts the pod.
   *
   * Quantity, such as `500m` or `1Gi`.
   */
  sizeLimit: string | number;
  /**
   * Memory: what is written counts as memory of the container, as browsers need for /dev/shm. Default: the disk of the node.
   */
  medium?: 'Memory' | undefined;
}

export interface SpecStoragePersistentVolumeClaim {
  /**
   * Name of the PersistentVolumeClaim, in the namespace of the MCPServer.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  claimName: string;
  /**
   * Whether it is mounted read-only. Kubernetes assumes false.
   */
  readOnly?: boolean | undefined;
}

export interface SpecStorageEphemeral {
  /**
   * The claim that each pod gets.
   */
  volumeClaimTemplate: SpecStorageEphemeralVolumeClaimTemplate;
}

export interface SpecStorageEphemeralVolumeClaimTemplate {
  /**
   * Labels and annotations of the claims.
   */
  metadata?: SpecStorageEphemeralVolumeClaimTemplateMetadata | undefined;
  /**
   * What each claim asks for.
   */
  spec: SpecStorageEphemeralVolumeClaimTemplateSpec;
}

export interface SpecStorageEphemeralVolumeClaimTemplateMetadata {
  /**
   * Labels. Those the operator sets cannot be set here.
   *
   * Map, at most 32 keys; values: label value, at most 63 characters.
   */
  labels?: Record<string, string> | undefined;
  /**
   * Annotations. Those that mark owners cannot be set here.
   *
   * Map, at most 32 keys; values: string, at most 65536 characters.
   */
  annotations?: Record<string, string> | undefined;
}

export interface SpecStorageEphemeralVolumeClaimTemplateSpec {
  /**
   * Who may mount it at a time.
   *
   * List, 1 to 4 items; items: `ReadWriteOnce`, `ReadOnlyMany`, `ReadWriteMany`, `ReadWriteOncePod`.
   */
  accessModes: ('ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod')[];
  /**
   * StorageClass. Default: that of the cluster.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  storageClassName?: string | undefined;
  /**
   * How large it is.
   */
  resources: SpecStorageEphemeralVolumeClaimTemplateSpecResources;
}

export interface SpecStorageEphemeralVolumeClaimTemplateSpecResources {
  /**
   * What is asked for.
   */
  requests: SpecStorageEphemeralVolumeClaimTemplateSpecResourcesRequests;
}

export interface SpecStorageEphemeralVolumeClaimTemplateSpecResourcesRequests {
  /**
   * Size of the volume.
   *
   * Quantity, such as `500m` or `1Gi`.
   */
  storage: string | number;
}

export interface SpecProbes {
  /**
   * Whether the container has started; until then the other probes wait. Default: the MCP port takes a connection within two minutes.
   */
  startup?: SpecProbesEach | undefined;
  /**
   * Whether the pod takes requests. Default: the MCP port takes a connection.
   */
  readiness?: SpecProbesReadiness | undefined;
  /**
   * Whether the container must be restarted. Default: none, because it would add nothing to the end of the process.
   */
  liveness?: SpecProbesEach | undefined;
}

export interface SpecProbesEach {
  /**
   * Passes when a GET answers with a status from 200 to 399.
   */
  httpGet?: SpecHttpGet | undefined;
  /**
   * Passes when the port takes a connection.
   */
  tcpSocket?: SpecTcpSocket | undefined;
  /**
   * Passes when the gRPC health service says SERVING.
   */
  grpc?: SpecGrpc | undefined;
  /**
   * Passes when a command in the container ends with 0.
   */
  exec?: SpecExec | undefined;
  /**
   * Seconds after the start of the container before the first probe.
   *
   * Integer, 0 to 86400.
   */
  initialDelaySeconds?: number | undefined;
  /**
   * Seconds between two probes. Kubernetes assumes 10.
   *
   * Integer, 1 to 86400.
   */
  periodSeconds?: number | undefined;
  /**
   * Seconds after which a probe counts as failed. Kubernetes assumes 1.
   *
   * Integer, 1 to 86400.
   */
  timeoutSeconds?: number | undefined;
  /**
   * Successes in a row that count; must be 1 for startup and liveness.
   *
   * Integer, 1 to 1000.
   */
  successThreshold?: number | undefined;
  /**
   * Failures in a row that count. Kubernetes assumes 3.
   *
   * Integer, 1 to 1000.
   */
  failureThreshold?: number | undefined;
  /**
   * Seconds the container has to end after it failed, instead of the pod's.
   *
   * Integer, 1 to 86400.
   */
  terminationGracePeriodSeconds?: number | undefined;
}

export interface SpecHttpGet {
  /**
   * Path asked for. Kubernetes assumes /.
   *
   * String, 1 to 1024 characters.
   */
  path?: string | undefined;
  /**
   * Number of the port, or name of a container port such as mcp.
   *
   * Integer, 1 to 65535, or string matching `^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$`.
   */
  port: string | number;
  /**
   * Host to connect to instead of the pod. Not allowed by Pod Security.
   *
   * String, 1 to 253 characters.
   */
  host?: string | undefined;
  /**
   * HTTPS checks no certificate. Kubernetes assumes HTTP.
   */
  scheme?: 'HTTP' | 'HTTPS' | undefined;
  /**
   * Headers sent.
   *
   * List, 1 to 16 items.
   */
  httpHeaders?: SpecHttpHeaders[] | undefined;
}

export interface SpecHttpHeaders {
  /**
   * Name of the header.
   *
   * String matching `^[-A-Za-z0-9]+$`, 1 to 253 characters.
   */
  name: string;
  /**
   * Its value.
   *
   * String, 1 to 1024 characters.
   */
  value: string;
}

export interface SpecTcpSocket {
  /**
   * Number of the port, or name of a container port such as mcp.
   *
   * Integer, 1 to 65535, or string matching `^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$`.
   */
  port: string | number;
  /**
   * Host to connect to instead of the pod. Not allowed by Pod Security.
   *
   * String, 1 to 253 characters.
   */
  host?: string | undefined;
}

export interface SpecGrpc {
  /**
   * Number of the port.
   *
   * Integer, 1 to 65535.
   */
  port: number;
  /**
   * Service asked about.
   *
   * String, 1 to 253 characters.
   */
  service?: string | undefined;
}

export interface SpecExec {
  /**
   * The command, without a shell.
   *
   * List, 1 to 128 items; items: string, at most 8192 characters.
   */
  command: string[];
}

export interface SpecProbesReadiness {
  /**
   * Passes when a GET answers with a status from 200 to 399.
   */
  httpGet?: SpecHttpGet | undefined;
  /**
   * Passes when the port takes a connection.
   */
  tcpSocket?: SpecTcpSocket | undefined;
  /**
   * Passes when the gRPC health service says SERVING.
   */
  grpc?: SpecGrpc | undefined;
  /**
   * Passes when a command in the container ends with 0.
   */
  exec?: SpecExec | undefined;
  /**
   * Seconds after the start of the container before the first probe.
   *
   * Integer, 0 to 86400.
   */
  initialDelaySeconds?: number | undefined;
  /**
   * Seconds between two probes. Kubernetes assumes 10.
   *
   * Integer, 1 to 86400.
   */
  periodSeconds?: number | undefined;
  /**
   * Seconds after which a probe counts as failed. Kubernetes assumes 1.
   *
   * Integer, 1 to 86400.
   */
  timeoutSeconds?: number | undefined;
  /**
   * Successes in a row that count; must be 1 for startup and liveness.
   *
   * Integer, 1 to 1000.
   */
  successThreshold?: number | undefined;
  /**
   * Failures in a row that count. Kubernetes assumes 3.
   *
   * Integer, 1 to 1000.
   */
  failureThreshold?: number | undefined;
}

export interface SpecPostStart {
  /**
   * A command in the container; where it fails, the container is ended.
   */
  exec?: SpecExec | undefined;
  /**
   * A GET; where it fails, the container is ended.
   */
  httpGet?: SpecHttpGet | undefined;
}

export interface SpecDisruption {
  /**
   * Default: one pod may go at a time where more than one can run. None: no budget. Custom: as minAvailable or maxUnavailable says.
   * @default "Default"
   */
  mode?: 'Default' | 'None' | 'Custom' | undefined;
  /**
   * Pods that must stay, as number or percentage; with mode Custom.
   *
   * Integer, 0 to 1000, or string matching `^(100|[0-9]{1,2})%$`.
   */
  minAvailable?: string | number | undefined;
  /**
   * Pods that may be missing, as number or percentage; with mode Custom.
   *
   * Integer, 0 to 1000, or string matching `^(100|[0-9]{1,2})%$`.
   */
  maxUnavailable?: string | number | undefined;
}

export interface SpecMetadata {
  /**
   * Of every object that is rendered, pods aside; what is said of one kind wins.
   */
  all?: SpecStorageEphemeralVolumeClaimTemplateMetadata | undefined;
  /**
   * Of the Deployment.
   */
  deployment?: SpecStorageEphemeralVolumeClaimTemplateMetadata | undefined;
  /**
   * Of the Service; service.annotations win.
   */
  service?: SpecStorageEphemeralVolumeClaimTemplateMetadata | undefined;
  /**
   * Of the own ServiceAccount, for instance the role it has at a cloud.
   */
  serviceAccount?: SpecStorageEphemeralVolumeClaimTemplateMetadata | undefined;
}

export interface SpecPodMetadata {
  /**
   * Labels of the pods. Those the operator sets cannot be set here.
   *
   * Map, at most 32 keys; values: label value, at most 63 characters.
   */
  labels?: Record<string, string> | undefined;
  /**
   * Annotations of the pods.
   *
   * Map, at most 32 keys; values: string, at most 65536 characters.
   */
  annotations?: Record<string, string> | undefined;
}

export interface SpecTolerations {
  /**
   * Key of the taint; left out with operator Exists, every taint is meant.
   *
   * Label key, 1 to 317 characters.
   */
  key?: string | undefined;
  /**
   * Whether the taint must have the value or only exist. Kubernetes assumes Equal.
   */
  operator?: 'Exists' | 'Equal' | undefined;
  /**
   * Value of the taint, for operator Equal.
   *
   * String, 1 to 63 characters.
   */
  value?: string | undefined;
  /**
   * Effect of the taint; all effects when left out.
   */
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined;
  /**
   * Seconds until a NoExecute taint takes effect after all.
   *
   * Integer, 0 to 2147483647.
   */
  tolerationSeconds?: number | undefined;
}

export interface SpecAffinity {
  /**
   * Which nodes pods run on.
   */
  nodeAffinity?: SpecAffinityNodeAffinity | undefined;
  /**
   * Which pods they run near to.
   */
  podAffinity?: SpecAffinityPodAffinity | undefined;
  /**
   * Which pods they keep away from.
   */
  podAntiAffinity?: SpecAffinityPodAffinity | undefined;
}

export interface SpecAffinityNodeAffinity {
  /**
   * Nodes a pod must run on.
   */
  requiredDuringSchedulingIgnoredDuringExecution?: SpecAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecution | undefined;
  /**
   * Nodes a pod should run on.
   *
   * List, 1 to 16 items.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: SpecAffinityNodeAffinityPreferredDuringSchedulingIgnoredDuringExecution[] | undefined;
}

export interface SpecAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecution {
  /**
   * Terms of which one must match.
   *
   * List, 1 to 16 items.
   */
  nodeSelectorTerms: SpecAffinityNodeAffinityEach[];
}

export interface SpecAffinityNodeAffinityEach {
  /**
   * Conditions on labels of the node; all must hold.
   *
   * List, 1 to 16 items.
   */
  matchExpressions?: SpecAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecutionNodeSelectorTermsMatchExpressions[] | undefined;
  /**
   * Conditions on fields of the node; all must hold.
   *
   * List, 1 to 16 items.
   */
  matchFields?: SpecAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecutionNodeSelectorTermsMatchExpressions[] | undefined;
}

export interface SpecAffinityNodeAffinityRequiredDuringSchedulingIgnoredDuringExecutionNodeSelectorTermsMatchExpressions {
  /**
   * Key of the node label, or name of the field.
   *
   * Label key, 1 to 317 characters.
   */
  key: string;
  /**
   * How it is compared.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /**
   * Values to compare with.
   *
   * List, 1 to 32 items; items: label value, at most 63 characters.
   */
  values?: string[] | undefined;
}

export interface SpecAffinityNodeAffinityPreferredDuringSchedulingIgnoredDuringExecution {
  /**
   * How much the preference counts, from 1 to 100.
   *
   * Integer, 1 to 100.
   */
  weight: number;
  /**
   * The preferred nodes.
   */
  preference: SpecAffinityNodeAffinityEach;
}

export interface SpecAffinityPodAffinity {
  /**
   * What must hold for a node to be chosen.
   *
   * List, 1 to 16 items.
   */
  requiredDuringSchedulingIgnoredDuringExecution?: SpecAffinityEach[] | undefined;
  /**
   * What should hold for a node to be chosen.
   *
   * List, 1 to 16 items.
   */
  preferredDuringSchedulingIgnoredDuringExecution?: SpecPreferredDuringSchedulingIgnoredDuringExecution[] | undefined;
}

export interface SpecAffinityEach {
  /**
   * The other pods.
   */
  labelSelector?: SpecSelector | undefined;
  /**
   * Namespaces of the other pods, by label.
   */
  namespaceSelector?: SpecSelector | undefined;
  /**
   * Namespaces of the other pods, by name. Kubernetes assumes the own one.
   *
   * List, 1 to 16 items; items: object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  namespaces?: string[] | undefined;
  /**
   * Node label whose value says what counts as the same place.
   *
   * Label key, 1 to 317 characters.
   */
  topologyKey: string;
}

export interface SpecPreferredDuringSchedulingIgnoredDuringExecution {
  /**
   * How much the preference counts, from 1 to 100.
   *
   * Integer, 1 to 100.
   */
  weight: number;
  /**
   * The preferred place.
   */
  podAffinityTerm: SpecAffinityEach;
}

export interface SpecTopologySpreadConstraints {
  /**
   * By how many pods places may differ.
   *
   * Integer, 1 to 1000.
   */
  maxSkew: number;
  /**
   * Node label whose value names a place.
   *
   * Label key, 1 to 317 characters.
   */
  topologyKey: string;
  /**
   * What happens to a pod that would break the constraint.
   */
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  /**
   * The pods that are counted.
   */
  labelSelector?: SpecSelector | undefined;
  /**
   * Labels of the pod that the counted pods must share.
   *
   * List, 1 to 8 items; items: label key, 1 to 317 characters.
   */
  matchLabelKeys?: string[] | undefined;
  /**
   * Least number of places, for DoNotSchedule.
   *
   * Integer, 1 to 1000.
   */
  minDomains?: number | undefined;
  /**
   * Whether only nodes the pod may run on count.
   */
  nodeAffinityPolicy?: 'Honor' | 'Ignore' | undefined;
  /**
   * Whether nodes with taints the pod does not tolerate are left out.
   */
  nodeTaintsPolicy?: 'Honor' | 'Ignore' | undefined;
}

export interface SpecHostAliases {
  /**
   * Address the names stand for.
   *
   * String matching `^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$|^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}(:|(:[0-9a-fA-F]{1,4}){1,6})|:(:|(:[0-9a-fA-F]{1,4}){1,7}))$`, 2 to 39 characters.
   */
  ip: string;
  /**
   * Names that stand for it.
   *
   * List, 1 to 32 items; items: object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  hostnames: string[];
}

export interface SpecDnsConfig {
  /**
   * Addresses of name servers.
   *
   * List, 1 to 3 items; items: string matching `^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$|^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}(:|(:[0-9a-fA-F]{1,4}){1,6})|:(:|(:[0-9a-fA-F]{1,4}){1,7}))$`, 2 to 39 characters.
   */
  nameservers?: string[] | undefined;
  /**
   * Domains that names are tried in.
   *
   * List, 1 to 32 items; items: string matching `^(\.|[a-z0-9_]([-a-z0-9_]*[a-z0-9])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9])?)*\.?)$`, 1 to 253 characters.
   */
  searches?: string[] | undefined;
  /**
   * Options of the resolver.
   *
   * List, 1 to 16 items.
   */
  options?: SpecDnsConfigOptions[] | undefined;
}

export interface SpecDnsConfigOptions {
  /**
   * Name of the option, such as ndots.
   *
   * String matching `^[!-~]+$`, 1 to 63 characters.
   */
  name: string;
  /**
   * Its value.
   *
   * String matching `^[!-~]+$`, 1 to 63 characters.
   */
  value?: string | undefined;
}

export interface SpecInitContainers {
  /**
   * Name of the container: unlike that of any other container of the pod. Every other field is as in pods.
   *
   * String matching `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, 1 to 63 characters.
   */
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface SpecTls {
  /**
   * ConfigMap with the authorities that issue the certificate. Default: those the operator trusts anyway.
   */
  caBundleRef?: SpecTlsCaBundleRef | undefined;
}

export interface SpecTlsCaBundleRef {
  /**
   * Name of the ConfigMap.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Key with certificates in PEM.
   *
   * Key of a ConfigMap or Secret, 1 to 253 characters.
   * @default "ca.crt"
   */
  key?: string | undefined;
}

export interface SpecVerification {
  /**
   * What the MCP handshake decides. Require: Ready only after a passed handshake. Observe: only evidence against the server keeps it from Ready. Off: no handshake.
   * @default "Require"
   */
  mode?: 'Require' | 'Observe' | 'Off' | undefined;
  /**
   * Seconds between two handshakes with a pod that passed.
   *
   * Integer, 10 to 86400.
   * @default 300
   */
  intervalSeconds?: number | undefined;
  /**
   * Seconds after which a handshake without an answer counts as a hang.
   *
   * Integer, 1 to 60.
   * @default 10
   */
  timeoutSeconds?: number | undefined;
  /**
   * Credentials for the handshake. The operator needs a Role with the verb get on this Secret, and must reach pods directly.
   */
  credentialsSecretRef?: SpecVerificationCredentialsSecretRef | undefined;
  /**
   * Header that carries the credentials. Default: Authorization.
   *
   * String matching `^[-A-Za-z0-9_]+$`, 1 to 128 characters.
   */
  header?: string | undefined;
}

export interface SpecVerificationCredentialsSecretRef {
  /**
   * Name of the Secret.
   *
   * Object name (DNS-1123 subdomain), 1 to 253 characters.
   */
  name: string;
  /**
   * Key whose value is the whole value of the header, such as "Bearer TOKEN".
   *
   * Key of a ConfigMap or Secret, 1 to 253 characters.
   */
  key: string;
}
