// The Node object of the process node, the Lease that says it is alive, and how the node writes: until it worked.
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { LEASES, NODES } from '../../../kubernetes/objects.ts';
import { NODE_ADDRESS } from './network.ts';

export const NODE_NAME = 'process-node';
const RENEW_MS = 10_000;
const RETRY_MS = 1000;

/** Repeats a write until it succeeds, the object turns out to be gone or another, or the signal is aborted. */
export async function persist(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const error: unknown = await write().then(() => undefined, (thrown: unknown) => thrown);
    if (error === undefined || isApiError(error, 'NotFound', 'Conflict', 'Invalid')) return;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Registers the node and renews its Lease every 10 s until the signal is aborted; `registered` is called each time. */
export async function keepNode(client: KubernetesClient, signal: AbortSignal, registered: () => void): Promise<void> {
  const manager = { fieldManager: NODE_NAME, force: true };
  const metadata = { name: NODE_NAME, labels: { 'kubernetes.io/hostname': NODE_NAME, 'kubernetes.io/os': 'linux' } };
  const node = { metadata: { name: NODE_NAME }, status: nodeStatus() };
  while (!signal.aborted) {
    await persist(() => client.apply(NODES, { metadata }, manager), signal);
    // Every time: after an outage the node controller has written "Unknown" into it.
    await persist(() => client.apply(NODES, node, { ...manager, subresource: 'status' }), signal);
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: NODE_NAME, leaseDurationSeconds: 40, renewTime };
    const lease = { metadata: { namespace: 'kube-node-lease', name: NODE_NAME }, spec };
    await persist(() => client.apply(LEASES, lease, manager), signal);
    registered();
    await sleep(RENEW_MS, undefined, { signal }).catch(() => undefined);
  }
}

function nodeStatus(): object {
  const capacity = { cpu: String(os.cpus().length), memory: `${Math.round(os.totalmem() / 1024)}Ki`, pods: '110' };
  return {
    capacity,
    allocatable: capacity,
    conditions: [{ type: 'Ready', status: 'True', reason: 'ProcessNodeReady', lastTransitionTime: new Date().toISOString() }],
    addresses: [{ type: 'InternalIP', address: NODE_ADDRESS }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: { kubeletVersion: 'v1.36.3-process-node', containerRuntimeVersion: 'local-processes://1', osImage: os.type(), operatingSystem: 'linux' },
  };
}
