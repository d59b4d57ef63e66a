// The MCPServer spec: the one place a field is added. Types, defaults, validation and the CRD all follow from it.
import * as z from 'zod';
import { autoscaling } from './autoscaling-fields.ts';
import { boundedMap, objectName } from './fields.ts';
import { disruption, strategy } from './disruption-fields.ts';
import { extraPorts, networkPolicy, service } from './network-fields.ts';
import { dnsConfig, hostAliases } from './name-resolution-fields.ts';
import { openContainers, openTemplate } from './open-fields.ts';
import { postStart, probes } from './probe-fields.ts';
import { stdio } from './stdio-fields.ts';
import { DEFAULT_VERIFICATION, tls, verification } from './verification-fields.ts';
import { oneOf } from './said-rules.ts';
import { files, mountPath, storage } from './volume-fields.ts';
import { affinity, labels, metadata, podMetadata, tolerations, topologySpreadConstraints } from './scheduling-fields.ts';
import { env, envFrom, imagePullSecrets, podSecurityContext, resources, securityContext } from './pod-fields.ts';

const commandLine = (description: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string().max(8192)).min(1).max(128).describe(description).optional();

const TRANSPORT_MESSAGE =
  'transport is streamable-http, http or stdio: the old HTTP+SSE transport (sse) and WebSockets are not served; take an image, or an option of it, that speaks Streamable HTTP, and set streamable-http';

/** Schema of `spec`. Its input type is what users write, its output type has every default filled in. */
export const specSchema = z.strictObject({
  image: z.string().min(1).max(1024).describe('Container image of the MCP server.'),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When the kubelet pulls the image.'),
  imagePullSecrets: imagePullSecrets.describe('Secrets with the credentials of the image registry.').optional(),
  command: commandLine('Replaces the entry point of the image. With transport stdio it is required: the server\'s program, which the bridge starts, without a shell.'),
  args: commandLine('Replaces the arguments of the image.'),
  workingDir: z.string().min(1).max(1024).regex(/^\/[ -~]*$/, 'must be an absolute path of printable ASCII, such as /app').describe('Folder the process starts in, an absolute path. Default: what the image says.').optional(),
  transport: oneOf(['stdio', 'http', 'streamable-http'], TRANSPORT_MESSAGE)
    .default('streamable-http')
    .describe('How the server speaks MCP: streamable-http, http or stdio. Both HTTP kinds are verified at path; a bridge in its pod serves a stdio server on port and path.'),
  stdio: stdio.describe('How a server is served that speaks stdio.').optional(),
  port: z.int().min(1).max(65_535).default(8080).describe('Port the server listens on; with transport stdio, its bridge.'),
  path: z
    .string()
    .min(1)
    .max(1024)
    .default('/mcp')
    .describe('Absolute path of the MCP endpoint.'),
  extraPorts: extraPorts.describe('Ports the server listens on besides, for instance for metrics: of the container and the Service.').optional(),
  service: service.describe('The Service in front of the pods. Default: a ClusterIP Service on port.').optional(),
  networkPolicy: networkPolicy.describe('Who may connect to the pods, and to whom they may connect. Default: not restricted.').optional(),
  replicas: z
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe('Number of pods. 0 means deliberately scaled to zero. Ignored with autoscaling and with scaling: External.'),
  scaling: z
    .enum(['Managed', 'External'])
    .default('Managed')
    .describe('Who scales the Deployment. Managed: replicas or autoscaling decide. External: something else, and its number of pods is never touched.'),
  autoscaling: autoscaling.describe('Has a HorizontalPodAutoscaler scale the Deployment; needs at least one target.').optional(),
  strategy: strategy.describe('How pods are replaced.').default({ type: 'RollingUpdate' }),
  revisionHistoryLimit: z.int().min(0).max(1000).describe('How many earlier pod templates are kept for kubectl rollout undo. Kubernetes assumes 10.').optional(),
  progressDeadlineSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .describe('Seconds without progress after which a rollout counts as failed, for pods that take long to start. Kubernetes assumes 600.')
    .optional(),
  config: boundedMap(z.string().max(262_144), 256)
    .describe(
      'Configuration of the server: one ConfigMap, mounted at /etc/mcp with every key as a file and all of them in config.json; keys that are C identifiers are environment variables too. A change rolls the pods.',
    )
    .optional(),
  configAs: z
    .strictObject({
      configMapName: objectName().describe('Name of the ConfigMap. Default: that of the MCPServer, with -config.').optional(),
      mountPath: mountPath.describe('Where the container sees it: an absolute path. Default: /etc/mcp.').optional(),
    })
    .describe('Where config goes, if the default is taken.')
    .optional(),
  env: env.describe('Environment variables. They win over config, which wins over what the operator sets, which wins over envFrom.').optional(),
  operatorEnv: z
    .enum(['Set', 'Omit'])
    .default('Set')
    .describe('Whether the operator sets environment variables of its own: MCP_TRANSPORT, MCP_PORT, MCP_SERVER_NAME, MCP_CONFIG_FILE, POD_NAME and POD_NAMESPACE. Omit is for images to which one of these means something else.'),
  envFrom: envFrom.describe('ConfigMaps and Secrets whose keys become environment variables.').optional(),
  onReferenceChange: z
    .enum(['Restart', 'Ignore'])
    .default('Restart')
    .describe('What a change of a Secret or ConfigMap named in env, envFrom or files does. Restart: pods are replaced once. Ignore: nothing.'),
  resources: resources
    .describe(
      'Resource requests and limits. Default requests: stdio 50m and 64Mi, http 100m and 128Mi, streamable-http 200m and 256Mi; default memory limit 512Mi, no CPU limit. A default never contradicts a value set here.',
    )
    .optional(),
  securityProfile: z
    .enum(['Restricted', 'ImageUser', 'None'])
    .default('Restricted')
    .describe(
      'Defaults of securityContext and podSecurityContext. Restricted: what Pod Security restricted demands, a read-only root file system, user and group 1000. ImageUser: the same without user and group ids, for images with a numeric USER and for clusters that assign ids. None: only what is written there.',
    ),
  securityContext: securityContext.describe('Security settings of the container, merged field by field over the defaults of securityProfile.').optional(),
  podSecurityContext: podSecurityContext.describe('Security settings of the pod, merged field by field over the defaults of securityProfile.').optional(),
  serviceAccount: objectName()
    .describe('ServiceAccount the pods run as. Default: an own one without permissions and without a mounted token.')
    .optional(),
  automountServiceAccountToken: z
    .boolean()
    .describe('Whether the API token is mounted. Default: false for the own ServiceAccount; what a named ServiceAccount says otherwise.')
    .optional(),
  files: files
    .describe('Secrets and ConfigMaps as read-only files: the preferred way to hand over secrets. The kubelet keeps them current.')
    .optional(),
  storage: storage.describe('Writable folders. One at /tmp takes the place of the 128Mi that are there otherwise.').optional(),
  probes: probes.describe('How Kubernetes tells whether a pod works; each probe set here replaces its default.').optional(),
  postStart: postStart.describe('What is done right after the container was started; exactly one of its fields.').optional(),
  lastWords: z
    .enum(['Show', 'Hide'])
    .default('Show')
    .describe('Whether status, events and the log of the operator quote what a container said before it ended. With Hide the end of its log is not copied into the status of its pod either.'),
  disruption: disruption.describe('How many pods may be missing while nodes are drained.').default({ mode: 'Default' }),
  metadata: metadata.describe('Labels and annotations of the objects that are rendered; pods have podMetadata.').optional(),
  podMetadata: podMetadata.describe('Labels and annotations of the pods alone.').optional(),
  nodeSelector: labels.describe('Labels a node must have to run the pods.').optional(),
  tolerations: tolerations.describe('Taints of nodes the pods put up with.').optional(),
  affinity: affinity
    .describe('Attraction to and repulsion from nodes and pods. Default: prefer nodes that run no pod of the same server. An empty object means none.')
    .optional(),
  topologySpreadConstraints: topologySpreadConstraints
    .describe('How evenly pods are spread. Default: over nodes and zones where possible. An empty list means no constraint.')
    .optional(),
  schedulerName: objectName().describe('Scheduler that places the pods. Kubernetes assumes default-scheduler.').optional(),
  hostAliases: hostAliases.describe('Names that pods know by themselves, as lines of their hosts file.').optional(),
  dnsPolicy: z
    .enum(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'])
    .describe('Whom pods ask for names. Default: as the node does. None: as dnsConfig says. Kubernetes assumes ClusterFirst.')
    .optional(),
  dnsConfig: dnsConfig.describe('Name servers, domains and options, besides those of dnsPolicy.').optional(),
  priorityClassName: objectName().describe('PriorityClass of the pods.').optional(),
  runtimeClassName: objectName().describe('RuntimeClass of the pods.').optional(),
  terminationGracePeriodSeconds: z.int().min(0).max(3600).default(30).describe('Seconds a pod has to end, draining included.'),
  drainSeconds: z
    .int()
    .min(0)
    .max(60)
    .default(5)
    .describe('Seconds a pod keeps serving after its deletion, while clients are sent elsewhere. 0 means none.'),
  initContainers: openContainers()
    .describe('Containers that run one after the other before the server starts, as in pods. One with restartPolicy: Always is a sidecar that starts in its place.')
    .optional(),
  sidecars: openContainers()
    .describe('Containers that run beside the server, as in pods: they start before it, after initContainers, and end after it.')
    .optional(),
  podTemplate: openTemplate()
    .describe('For what has no field here: parts of a pod template, merged over what is rendered as kubectl merges a strategic patch, lists by their keys.')
    .optional(),
  tls: tls.describe('Says that the server itself speaks TLS on its port: the endpoint is an https URL, and the handshake checks the certificate.').optional(),
  verification: verification.default(DEFAULT_VERIFICATION).describe('The MCP handshake the operator does with every serving pod.'),
  suspend: z.boolean().default(false).describe('Whether the operator leaves the objects of this MCPServer as they are; its status goes on.'),
  deletionPolicy: z
    .enum(['Delete', 'Orphan'])
    .default('Delete')
    .describe('What becomes of the objects when the MCPServer is deleted. Orphan: they go on without it.'),
});

/** What a user writes under `spec`, and the props of the construct. */
export type { MCPServerSpec } from '../../imports/mcpserver-spec.ts';
/** A spec with every default filled in. */
export type ResolvedSpec = z.output<typeof specSchema>;
/** `stdio`, `http` or `streamable-http`. */
export type Transport = ResolvedSpec['transport'];
