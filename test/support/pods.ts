// Stands in for kubelet and scheduler in one namespace, or in all: tests that need only API semantics write pod status themselves.
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { Informer } from '../../kubernetes/informer.ts';
import { LEASES, NODES, PODS, type KubernetesObject } from '../../kubernetes/objects.ts';

/** The parts of a pod that say what becomes of it. */
export interface Pod extends KubernetesObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly name: string; readonly image: string }[];
    readonly initContainers?: readonly { readonly name: string; readonly image: string }[];
  };
  readonly status?: { readonly phase?: string };
}

/** What becomes of a pod instead of running well. */
export interface Fate {
  /** Whether a Node takes it. */
  readonly placed: boolean;
  /** Which Node does. Default: the one of all others. */
  readonly node?: string;
  readonly status: object;
}

/** Pods run as long as this does. */
export interface PodRunner {
  /** While true, pods that are bound do not start. */
  paused: boolean;
  /** Takes the Node away again. */
  readonly stop: () => Promise<void>;
}

/** Without a Lease renewed within 40 s the node lifecycle controller takes every pod's Ready away. */
const RENEW_MS = 10_000;

/**
 * Binds every pod of the namespace, undefined: of all, to a Node of its own making, reports it Ready at an address of its own, and ends deletions;
 * pods with a fate meet that instead.
 */
export async function runPods(
  client: KubernetesClient,
  namespace: string | undefined,
  fateOf: (pod: Pod) => Fate | undefined = () => undefined,
): Promise<PodRunner> {
  const node = `node-${randomUUID().slice(0, 8)}`;
  const stop = new AbortController();
  await client.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  await client.patch(NODES, { name: node }, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, { subresource: 'status' });
  await renew(client, node);
  const timer = setInterval(() => void renew(client, node).catch(() => undefined), RENEW_MS);
  const informer = new Informer<Pod>({ client, type: PODS, namespaces: namespace === undefined ? [] : [namespace] });
  const addressOf = addresses();
  const runner: Pick<PodRunner, 'paused'> = { paused: false };
  const mayStart = async (): Promise<void> => {
    while (runner.paused && !stop.signal.aborted) await sleep(50);
  };
  informer.onChange(({ type, object }) => {
    if (type !== 'DELETED') {
      void patiently(
        () => handle(client, { pod: object, node, ip: addressOf(object.metadata.uid ?? ''), fate: fateOf(object), mayStart }),
        stop.signal,
      );
    }
  });
  const running = informer.run(stop.signal);
  await informer.synced;
  return Object.assign(runner, {
    stop: async () => {
      clearInterval(timer);
      stop.abort();
      await running;
      await client.delete(NODES, { name: node });
    },
  });
}

async function renew(client: KubernetesClient, node: string): Promise<void> {
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const lease = { metadata: { name: node, namespace: 'kube-node-lease' }, spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime } };
  await client.apply(LEASES, lease, { fieldManager: node, force: true });
}

interface Task {
  readonly pod: Pod;
  readonly node: string;
  readonly ip: string;
  readonly fate: Fate | undefined;
  readonly mayStart: () => Promise<void>;
}

/** One step on the way of a pod; the change it makes calls for the next. */
async function handle(client: KubernetesClient, { pod, node, ip, fate, mayStart }: Task): Promise<void> {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return client.delete(PODS, { namespace, name }, { uid, gracePeriodSeconds: 0 });
  if (pod.spec.nodeName === undefined && fate?.placed !== false) {
    const target = { apiVersion: 'v1', kind: 'Node', name: fate?.node ?? node };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
    await client.create(PODS, binding as KubernetesObject, { subresource: 'binding' });
  } else if (fate !== undefined) {
    await tellPod(client, pod, fate.status);
  } else if (pod.status?.phase === 'Pending') {
    await mayStart();
    await tellPod(client, pod, running(pod, ip));
  }
}

/** Says what became of a pod; one that went meanwhile, or was replaced by another of its name, is let be. */
export async function tellPod(client: KubernetesClient, { metadata }: KubernetesObject, status: object): Promise<void> {
  const { name, namespace, uid } = metadata;
  try {
    await client.patch(PODS, { name, namespace }, { metadata: { uid }, status }, { subresource: 'status' });
  } catch (error) {
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
}

function running({ spec }: Pod, ip: string): object {
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: new Date().toISOString() }));
  const containerStatuses = spec.containers.map(({ name, image }) => (
    { name, image, imageID: image, ready: true, started: true, restartCount: 0, state: { running: {} } }
  ));
  return { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions, containerStatuses };
}

/** A different pod address for every uid. */
function addresses(): (uid: string) => string {
  const known = new Map<string, string>();
  const first = randomInt(1, 255);
  return (uid) => {
    const block = first + Math.floor(known.size / 250);
    const ip = known.get(uid) ?? `10.${244 + Math.floor(block / 256)}.${block % 256}.${1 + (known.size % 250)}`;
    known.set(uid, ip);
    return ip;
  };
}

/** Tries again while the API server is away; gives up when the pod has changed or gone meanwhile, for that is another change. */
async function patiently(step: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await step();
    } catch (error) {
      if (!isApiError(error, 'Network', 'Timeout', 'Server', 'Unauthorized', 'Forbidden', 'TooManyRequests')) return;
      await sleep(250);
    }
  }
}
