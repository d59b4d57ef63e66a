// What becomes of the pods of an MCPServer that is driven into a line of the truth table, by the name of their image.
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import { uniqueName } from '../../support/cluster.ts';
import type { Fate, Pod } from '../../support/pods.ts';
import { IN_USE } from './claimants.ts';

const IMAGE = 'example.com/server:1';
export const CONTAINER = { name: 'mcp-server', image: IMAGE, imageID: IMAGE };
/** Images, by what becomes of their pods. */
export const STARTING = 'example.com/starting:1';
export const UNPULLABLE = 'example.com/unpullable:1';
export const CRASHING = 'example.com/crashing:1';
export const UNPLACED = 'example.com/unplaced:1';
export const WAITING = 'example.com/waiting:1';
/** Of a pod that has a node for long. */
const PLACED = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
export const KEPT_OUT = 'example.com/kept-out:1';
export const UNMOUNTED = 'example.com/unmounted:1';
export const UNSTARTED = 'example.com/unstarted:1';
/** Address of pods whose bridge finds that the server does not start. */
export const UNSTARTED_IP = '10.99.0.1';
/** Another Node than that of the pods that run. */
export const ELSEWHERE = uniqueName('elsewhere');

const waiting = (reason: string, message: string, lastState = {}): object => ({
  state: { waiting: { reason, message } },
  lastState,
  ready: false,
  started: false,
});
export const CRASH = waiting('CrashLoopBackOff', 'back-off 10s restarting failed container', { terminated: { exitCode: 3, reason: 'Error', message: 'no such file: /etc/x', startedAt: null, finishedAt: null } });
const CONTAINERS: Readonly<Record<string, object>> = {
  [STARTING]: waiting('ContainerCreating', ''),
  [WAITING]: waiting('ContainerCreating', ''),
  [UNMOUNTED]: waiting('ContainerCreating', ''),
  [UNPULLABLE]: waiting('ErrImagePull', 'failed to resolve reference: not found'),
  [CRASHING]: { ...CRASH, restartCount: 3 },
};
/** What becomes of a container that runs before the server, by its name. */
const BEFORE: Readonly<Record<string, object>> = {
  setup: { ...CRASH, restartCount: 3 },
  proxy: { ...waiting('ImagePullBackOff', 'Back-off pulling image "example.com/proxy:1": ErrImagePull: not found'), restartCount: 0 },
};
const NOT_PLACED: Fate = {
  placed: false,
  status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient memory.' }] },
};
const VOLUME_IN_USE: Fate = {
  placed: false,
  status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: IN_USE }] },
};
/** On its Node for a minute already, so that no test has to wait. */
const NOT_MOUNTED = { type: 'PodScheduled', status: 'True', lastTransitionTime: `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z` };

/** What the kubelet tells of a container that runs, and whose readiness probe does not pass. */
export const UNREADY = { restartCount: 0, ready: false, started: true, state: { running: { startedAt: '2026-01-01T00:00:00Z' } } };
export const UNREADY_POD = {
  phase: 'Running',
  podIP: UNSTARTED_IP,
  podIPs: [{ ip: UNSTARTED_IP }],
  conditions: ['ContainersReady', 'Ready'].map((type) => ({ type, status: 'False', reason: 'ContainersNotReady' })),
};

/** The first pod of these runs, further ones do not. */
const FIRST_ONLY: Readonly<Record<string, string>> = { 'row-11-serving': UNPLACED, 'row-14': STARTING };
const first = new Map<string, string>();

/** What becomes of a pod, by its image; see `runPods`. */
export function fateOf(pod: Pod): Fate | undefined {
  const server = pod.metadata.labels?.[SERVER_LABEL] ?? '';
  if (!first.has(server)) first.set(server, pod.metadata.name);
  const [{ name, image } = { name: '', image: '' }] = pod.spec.containers;
  const kind = first.get(server) === pod.metadata.name ? image : (FIRST_ONLY[server] ?? image);
  if (kind === UNPLACED) return NOT_PLACED;
  if (kind === KEPT_OUT) return VOLUME_IN_USE;
  const unready = { ...UNREADY_POD, containerStatuses: [{ ...UNREADY, name, image, imageID: image }] };
  if (kind === UNSTARTED) return { placed: true, status: unready };
  const before = pod.spec.initContainers?.find((each) => each.name in BEFORE);
  const container = before === undefined ? CONTAINERS[kind] : waiting('PodInitializing', '');
  return container && {
    placed: true,
    ...(kind === UNMOUNTED && { node: ELSEWHERE }),
    status: {
      phase: 'Pending',
      ...(kind === WAITING && { conditions: PLACED }),
      ...(kind === UNMOUNTED && { conditions: [NOT_MOUNTED] }),
      initContainerStatuses: before === undefined ? [] : [{ ...BEFORE[before.name], name: before.name, image: before.image, imageID: '' }],
      containerStatuses: [{ restartCount: 0, ...container, name, image, imageID: '' }],
    },
  };
}
