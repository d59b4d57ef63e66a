// Imitates a kubelet, scheduler and network for a demonstration: runs pods as local processes, without root or containers.
// It is no proof of anything about containers: no images, no isolation, no resource limits, no security contexts.
// Whoever may create pods runs programs as the user of this process: only for a control plane of one's own.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import type { ControlPlane } from '../control-plane.ts';
import { startEgressProxy } from '../egress-proxy.ts';
import { EXAMPLE_IMAGES, type Images } from '../images.ts';
import { startLogServer } from './log-server.ts';
import { NODE_ADDRESS, podAddress, socketOf } from './network.ts';
import { keepNode, NODE_NAME, persist } from './node-object.ts';
import { PodRunner } from './pod.ts';
import { servePortForward } from './port-forward.ts';
import type { Pod } from './pod-environment.ts';

export interface ProcessNodeOptions {
  /** Must have been started with an egress socket. */
  readonly controlPlane: ControlPlane;
  /** Holds a folder per pod: files and logs; a pod's folder goes with the pod. */
  readonly dir: string;
  /** Default: the images of the examples. */
  readonly images?: Images;
  /** Programs of a user by image. */
  readonly programs?: Images;
  readonly log?: (line: string) => void;
}

export interface ProcessNode {
  /** Ends every process it started; pods stay in the API server as they are. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 2000;

/** Registers the node and runs whatever pods there are; resolves when the node is registered. Throws without an egress socket. */
export async function startProcessNode(options: ProcessNodeOptions): Promise<ProcessNode> {
  const { controlPlane: plane, images = EXAMPLE_IMAGES, programs = {}, log = () => undefined } = options;
  const { sockets, egressSocket } = plane;
  if (egressSocket === undefined) throw new Error('the control plane of a process node needs an egress socket');
  const client = new KubernetesClient(await connect({ kubeconfig: await plane.kubeconfigFor(NODE_NAME), env: {} }), {
    userAgent: NODE_NAME,
  });
  const pods = new Informer<Pod>({ client, type: PODS });
  const runners = new Map<string, PodRunner>();
  const tls = { cert: await readFile(plane.certificateFile), key: await readFile(plane.certificateFile.replace(/crt$/, 'key')) };
  const logs = await startLogServer(tls, join(sockets, NODE_ADDRESS), (namespace, pod, name) => {
    const runner = runners.get(pods.get({ namespace, name: pod })?.metadata.uid ?? '');
    return runner?.containers.find(({ spec }) => spec.name === name);
  });
  logs.on('upgrade', (request, socket) => servePortForward(request, socket, (namespace, name, port) => {
    const { podIP } = pods.get({ namespace, name })?.status ?? {};
    return podIP === undefined ? undefined : socketOf(sockets, { host: podIP, port })?.path;
  }));
  const proxy = await startEgressProxy(egressSocket, (target) => socketOf(sockets, target));
  const ending = new AbortController();
  const { signal } = ending;
  let started = 0;
  const run = (pod: Pod, uid: string): PodRunner => {
    const podIP = podAddress(started++);
    log(`pod ${pod.metadata.namespace}/${pod.metadata.name} runs as ${podIP}`);
    const place = { dir: join(options.dir, uid), podIP, sockets: join(sockets, podIP) };
    const runner = new PodRunner({ pod, images, programs, client, signal, ...place });
    runners.set(uid, runner);
    return runner;
  };
  const bind = ({ metadata: { name, namespace = '', uid = '' } }: Pod): Promise<void> => {
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { kind: 'Node', name: NODE_NAME } };
    return persist(() => client.create(PODS, binding, { subresource: 'binding' }), signal);
  };
  pods.onChange(({ type, object: pod }) => {
    const { uid = '', deletionTimestamp } = pod.metadata;
    const { nodeName, schedulingGates = [] } = pod.spec;
    const runner = runners.get(uid);
    if (type === 'DELETED') runners.delete(uid);
    if (type === 'DELETED') void runner?.stop(STOP_GRACE_MS);
    else if (nodeName === undefined && deletionTimestamp === undefined && schedulingGates.length === 0) void bind(pod);
    else if (nodeName === NODE_NAME && !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) (runner ?? run(pod, uid)).update(pod);
    else runner?.update(pod);
  });
  const registered = Promise.withResolvers<void>();
  const work = [keepNode(client, signal, registered.resolve), pods.run(signal)];
  await registered.promise;
  return {
    stop: async () => {
      ending.abort();
      await Promise.all(work);
      await Promise.all([...runners.values()].map((runner) => runner.stop(STOP_GRACE_MS)));
      for (const server of [proxy, logs, client]) server.close();
      logs.closeAllConnections();
    },
  };
}
