// Stands in for Prometheus's discovery of targets in a cluster, which Debian's Prometheus is built without: what the API server has, with the labels
// that Prometheus gives it, in files that Prometheus watches.
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { ENDPOINT_SLICES, PODS, SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { inPrometheus, type Role } from './scrape-configs.ts';

/** An address and what is known of it. */
interface Target {
  readonly targets: readonly [string];
  readonly labels: Readonly<Record<string, string>>;
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly targetRef?: { readonly kind: string; readonly name: string };
}

interface Slice extends KubernetesObject {
  /** Null while there is none, as `ports` is. */
  readonly endpoints?: readonly Endpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

interface Pod extends KubernetesObject {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly ports?: readonly Port[] }[] };
  readonly status?: { readonly podIP?: string };
}

interface Port {
  readonly name?: string;
  readonly containerPort: number;
}

const EVERY_MS = 1000;

/** Discovery that goes on until it is stopped. */
export interface Discovery {
  /** The file of each role. */
  readonly files: Readonly<Record<Role, string>>;
  /** Throws where it ended before. */
  readonly stop: () => Promise<void>;
}

/** Looks every second. */
export async function startDiscovery(client: KubernetesClient, folder: string): Promise<Discovery> {
  const files = { endpointslice: join(folder, 'endpointslice.json'), pod: join(folder, 'pod.json') };
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    const slices = await client.list<Slice>(ENDPOINT_SLICES);
    const services = await client.list(SERVICES);
    const pods = await client.list<Pod>(PODS);
    await written(files.endpointslice, slices.items.flatMap((slice) => ofSlice(slice, services.items)));
    await written(files.pod, pods.items.flatMap(ofPod));
  };
  await look();
  const goOn = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await sleep(EVERY_MS);
      await look();
    }
  };
  const ended = goOn().then(() => undefined, (error: unknown) => error);
  return {
    files,
    stop: async () => {
      stop.abort();
      const error = await ended;
      if (error !== undefined) throw new Error('the discovery of targets ended', { cause: error });
    },
  };
}

function ofSlice({ metadata, endpoints, ports }: Slice, services: readonly KubernetesObject[]): Target[] {
  const name = metadata.labels?.['kubernetes.io/service-name'] ?? '';
  const service = services.find((each) => each.metadata.name === name && each.metadata.namespace === metadata.namespace);
  const { namespace = '' } = metadata;
  const common = { __meta_kubernetes_namespace: namespace, __meta_kubernetes_service_name: name, ...labelsOf('service', service) };
  return (endpoints ?? []).flatMap(({ addresses, targetRef }) => (ports ?? []).flatMap(({ name: portName = '', port = 0 }) => {
    const labels = {
      ...common,
      __meta_kubernetes_endpointslice_port_name: portName,
      __meta_kubernetes_endpointslice_port: String(port),
      ...(targetRef?.kind === 'Pod' && { __meta_kubernetes_pod_name: targetRef.name }),
    };
    return addresses.map((address): Target => ({ targets: [`${address}:${port}`], labels }));
  }));
}

function ofPod(pod: Pod): Target[] {
  const { metadata, spec, status } = pod;
  const { namespace = '', name: podName } = metadata;
  const common = { __meta_kubernetes_namespace: namespace, __meta_kubernetes_pod_name: podName, ...labelsOf('pod', pod) };
  return spec.containers.flatMap((container) => (container.ports ?? []).map(({ name = '', containerPort }): Target => ({
    targets: [`${status?.podIP ?? ''}:${containerPort}`],
    labels: {
      ...common,
      __meta_kubernetes_pod_container_name: container.name,
      __meta_kubernetes_pod_container_port_name: name,
      __meta_kubernetes_pod_container_port_number: String(containerPort),
    },
  })));
}

function labelsOf(kind: 'pod' | 'service', object: KubernetesObject | undefined): Record<string, string> {
  const labels = Object.entries(object?.metadata.labels ?? {});
  return Object.fromEntries(labels.map(([label, value]) => [`__meta_kubernetes_${kind}_label_${inPrometheus(label)}`, value]));
}

/** In one step, so that nobody reads half of it. */
async function written(file: string, targets: readonly Target[]): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(targets));
  await rename(`${file}.new`, file);
}
