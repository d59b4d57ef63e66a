// Imitates a kubelet, scheduler and network for a demonstration: runs pods as local processes, without root or containers.
// It is no proof of anything about containers: no images, no isolation, no resource limits, no security contexts.
// Whoever may create pods runs programs as the user of this process: only for a control plane of one's own.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connection.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { ENDPOINT_SLICES, PODS } from '../../../kubernetes/objects.ts';
import type { ControlPlane } from '../control-plane.ts';
import { EXAMPLE_IMAGES } from '../images.ts';
import type { Images } from '../images.ts';
import { Addresses, NODE_ADDRESS } from './addresses.ts';
import { startEgressProxy } from './egress-proxy.ts';
import { Forwarders } from './forwarders.ts';
import type { EndpointSlice } from './forwarders.ts';
import { logServer } from './log-server.ts';
import { keepNode } from './node-object.ts';
import { PodRunner } from './pod.ts';
import type { Pod } from './pod-status.ts';

export interface ProcessNodeOptions {
  /** Must have been started with an egress socket. */
  readonly controlPlane: ControlPlane;
  /** Holds a folder per pod: files and logs; a pod's folder goes with the pod. */
  readonly dir: string;
  /** Default: the images of the examples. */
  readonly images?: Images;
  readonly log?: (line: string) => void;
}

export interface ProcessNode {
  /** `namespace/name` of each Service with a ready endpoint, to a base URL on 127.0.0.1. */
  forwarders(): Map<string, string>;
  /** Ends every process it started; pods stay in the API server as they are. */
  stop(): Promise<void>;
}

const NODE_NAME = 'process-node';
const STOP_GRACE_MS = 2000;

/** Registers the node and runs whatever pods there are; resolves when the node is registered. Throws without an egress socket. */
export async function startProcessNode(options: ProcessNodeOptions): Promise<ProcessNode> {
  const { controlPlane: plane, images = EXAMPLE_IMAGES, log = () => undefined } = options;
  if (plane.egressSocket === undefined) throw new Error('the control plane of a process node needs an egress socket');
  const kubeconfig = await plane.kubeconfigFor('process-node');
  const client = new KubernetesClient(await connect({ kubeconfig, env: {} }), { userAgent: NODE_NAME });
  const ending = new AbortController();
  const { signal } = ending;
  const runners = new Map<string, PodRunner>();
  const find = (namespace: string, pod: string, name: string) =>
    runners.get(pods.get({ namespace, name: pod })?.metadata.uid ?? '')?.containers.find(({ spec }) => spec.name === name);
  const tls = { cert: await readFile(plane.certificateFile), key: await readFile(plane.certificateFile.replace(/crt$/, 'key')) };
  const { server: logs, addresses } = await takeNetwork(() => logServer(tls, { find }));
  const proxy = await startEgressProxy(plane.egressSocket, addresses);
  const pods = new Informer<Pod>({ client, type: PODS });
  const slices = new Informer<EndpointSlice>({ client, type: ENDPOINT_SLICES });
  const forwarders = new Forwarders(addresses, () => slices.list());
  slices.onChange(({ object }) => forwarders.follow(object));
  pods.onChange(({ type, object: pod }) => {
    const { uid = '', namespace, name, deletionTimestamp } = pod.metadata;
    const { nodeName, schedulingGates } = pod.spec;
    const runner = runners.get(uid);
    if (type === 'DELETED') {
      runners.delete(uid);
      void runner?.stop(STOP_GRACE_MS);
    } else if (runner !== undefined) runner.update(pod);
    else if (nodeName === undefined && deletionTimestamp === undefined && !schedulingGates?.length) void bind(client, pod, log);
    else if (nodeName === NODE_NAME && !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) {
      const podIP = addresses.next();
      const place = { client, signal, dir: join(options.dir, uid), podIP, hostIP: NODE_ADDRESS, loopback: addresses.loopback(podIP) ?? '' };
      log(`${namespace}/${name} runs at ${place.loopback}`);
      const started = new PodRunner(pod, place, images);
      runners.set(uid, started);
      started.update(pod);
    }
  });
  const registered = Promise.withResolvers<void>();
  const work = [keepNode(client, NODE_NAME, { signal, registered: registered.resolve }), pods.run(signal), slices.run(signal)];
  await registered.promise;
  return {
    forwarders: () => forwarders.urls(),
    stop: async () => {
      ending.abort();
      await Promise.all(work);
      await Promise.all([...runners.values()].map((runner) => runner.stop(STOP_GRACE_MS)));
      forwarders.close();
      proxy.close();
      logs.closeAllConnections();
      logs.close();
      client.close();
    },
  };
}

async function bind(client: KubernetesClient, pod: Pod, log: (line: string) => void): Promise<void> {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: NODE_NAME } };
  await client.create(PODS, binding, { subresource: 'binding' }).catch((error: unknown) => {
    if (!isApiError(error, 'Conflict', 'NotFound')) log(`cannot bind ${namespace}/${name}: ${String(error)}`);
  });
}

/** Finds a 127.x network whose node address is free: that keeps two process nodes on one machine apart. */
async function takeNetwork(make: () => Server): Promise<{ server: Server; addresses: Addresses }> {
  for (let network = 1; ; network += 1) {
    const addresses = new Addresses(network);
    const server = make().listen(10250, addresses.loopback(NODE_ADDRESS));
    try {
      await once(server, 'listening');
      return { server, addresses };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || network === 255) throw error;
    }
  }
}
