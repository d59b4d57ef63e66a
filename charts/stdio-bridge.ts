// The bridge in the pod of a stdio server: how it gets there, and how it starts the server. It brings its own runtime and loader, so
// that it runs in any image. Pure.
import { k8s } from 'cdk8s-plus-28';
import { BRIDGE_NAME, BRIDGE_PATH, PORT_NAME, selectorLabels } from './api/labels.ts';
import { DEFAULT_STDIO } from './api/stdio-fields.ts';
import { bridgeProgram } from './bridge-program.ts';
import { containerResources, withRoom } from './compute-resources.ts';
import type { ImageVolume } from './newer-fields.ts';
import { healthPort } from './ports.ts';
import { helperSecurityContext } from './security.ts';
import { hasPeers, isBridged, objectMetadata, peersName, type ResolvedServer } from './server.ts';
import { bridgeOf, DEFAULT_SETTINGS, type RenderSettings } from './settings.ts';
import { packageFlags } from './stdio-cache.ts';

/** What is copied, with room for later versions; writing more evicts the pod. */
const FOLDER_SIZE = '256Mi';
/** Variable with the address of the pod, which nothing else can tell a bridge. */
const ADDRESS_VARIABLE = 'MCP_STDIO_BRIDGE_ADDRESS';
/** When requests have ended, a process may take five seconds to end, and a second is for the rest. */
const ENDING_SECONDS = 6;

/** Where the bridge of this server comes from. */
function source({ spec, settings = DEFAULT_SETTINGS }: ResolvedServer): RenderSettings {
  return bridgeOf(spec, settings);
}

/** Command and arguments of the container: those of the spec, behind the bridge's own for a stdio server. They stay arguments, whatever is in them. */
export function commandLine(server: ResolvedServer): Pick<k8s.Container, 'command' | 'args'> {
  const { command, args } = server.spec;
  const started = command && isBridged(server.spec) ? [...bridgeProgram(BRIDGE_PATH), ...flags(server), '--', ...command] : command;
  return { ...(started && { command: started }), ...(args && { args }) };
}

function flags(server: ResolvedServer): string[] {
  const { port, path, stdio = DEFAULT_STDIO, terminationGracePeriodSeconds, drainSeconds } = server.spec;
  const values: Readonly<Record<string, string | number>> = {
    port,
    path,
    'health-port': healthPort(server),
    sessions: stdio.sessions,
    'max-sessions': stdio.maxSessions,
    warm: stdio.warm,
    ...(stdio.idleChildren === 'End' && { 'idle-children': 'End' }),
    'idle-timeout': stdio.idleTimeoutSeconds,
    'startup-timeout': stdio.startupSeconds,
    drain: Math.max(0, terminationGracePeriodSeconds - drainSeconds - ENDING_SECONDS),
    ...(hasPeers(server.spec) && { peers: peersName(server), address: `$(${ADDRESS_VARIABLE})` }),
    ...packageFlags(server.spec),
  };
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

/** The container that copies the bridge; undefined where an image volume brings it, or none is needed. */
export function bridgeContainer(server: ResolvedServer): k8s.Container | undefined {
  const { bridgeImage, bridgeBy } = source(server);
  if (!isBridged(server.spec) || bridgeBy !== 'InitContainer') return undefined;
  return {
    name: BRIDGE_NAME,
    image: bridgeImage,
    imagePullPolicy: 'IfNotPresent',
    args: ['install', BRIDGE_PATH],
    resources: copyingResources(server),
    securityContext: helperSecurityContext(server),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: BRIDGE_NAME, mountPath: BRIDGE_PATH }],
  };
}

/**
 * As much as the server has: it ends before that starts, so the pod needs no more, and keeps its quality of service. Only what lies on
 * the node's disk is counted for the whole pod, the copy included, whose bound is the largest that a container has.
 */
function copyingResources(server: ResolvedServer): k8s.ResourceRequirements {
  const { requests = {}, limits = {} } = containerResources(server);
  const disk = limits['ephemeral-storage'];
  const bounded = disk && { 'ephemeral-storage': k8s.Quantity.fromString(withRoom(String(disk.value), [{ sizeLimit: FOLDER_SIZE }])) };
  return { requests: usual(requests), limits: { ...usual(limits), ...bounded } };
}

/** What every container has; devices are the server's. */
function usual(amounts: Record<string, k8s.Quantity>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => ['cpu', 'memory', 'ephemeral-storage'].includes(name)));
}

/** The volume with the bridge. */
export function bridgeVolume(server: ResolvedServer): k8s.Volume {
  if (source(server).bridgeBy === 'ImageVolume') return { name: BRIDGE_NAME };
  return { name: BRIDGE_NAME, emptyDir: { sizeLimit: k8s.Quantity.fromString(FOLDER_SIZE) } };
}

/** Which volumes are images. */
export function imageVolumes(server: ResolvedServer): ImageVolume[] {
  const { bridgeImage, bridgeBy } = source(server);
  if (!isBridged(server.spec) || bridgeBy !== 'ImageVolume') return [];
  return [{ name: BRIDGE_NAME, image: { reference: bridgeImage, pullPolicy: 'IfNotPresent' } }];
}

/** Variables by which the bridge learns what only its pod knows. */
export function bridgeVariables({ spec }: ResolvedServer): k8s.EnvVar[] {
  return hasPeers(spec) ? [{ name: ADDRESS_VARIABLE, valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] : [];
}

/**
 * Props of the Service by which bridges find each other, those that drain included, for their sessions go on; undefined where no session
 * lives in a pod. It is there with one replica, too: while pods are replaced there are two, and nothing changes when more are wanted.
 */
export function peersService(server: ResolvedServer): k8s.KubeServiceProps | undefined {
  if (!hasPeers(server.spec)) return undefined;
  return {
    metadata: objectMetadata(server, { name: peersName(server) }),
    spec: {
      type: 'ClusterIP',
      clusterIp: 'None',
      publishNotReadyAddresses: true,
      selector: selectorLabels(server.name),
      ports: [{ name: PORT_NAME, port: server.spec.port, targetPort: k8s.IntOrString.fromString(PORT_NAME), protocol: 'TCP' }],
    },
  };
}
