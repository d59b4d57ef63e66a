// The Node object of the process node, and the Lease that says it is alive.
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { LEASES, NODES } from '../../../kubernetes/objects.ts';
import { NODE_ADDRESS } from './addresses.ts';
import { now } from './container.ts';

const RENEW_MS = 10_000;
const RETRY_MS = 1000;

/** Registers the node and renews its Lease every 10 s until the signal is aborted; `registered` is called the first time. */
export async function keepNode(client: KubernetesClient, name: string, until: { signal: AbortSignal; registered: () => void }): Promise<void> {
  const write = { fieldManager: 'process-node', force: true };
  const status = { metadata: { name }, status: nodeStatus(name) };
  while (!until.signal.aborted) {
    let wait = RENEW_MS;
    try {
      const node = { metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } } };
      await client.apply(NODES, node, write);
      // Every time: after an outage the node controller has written "Unknown" into it.
      await client.apply(NODES, status, { ...write, subresource: 'status' });
      const renewTime = new Date().toISOString().replace('Z', '000Z');
      const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
      const lease = { metadata: { namespace: 'kube-node-lease', name }, spec };
      await client.apply(LEASES, lease, write);
      until.registered();
    } catch {
      wait = RETRY_MS;
    }
    await sleep(wait, undefined, { signal: until.signal }).catch(() => undefined);
  }
}

function nodeStatus(name: string): object {
  const capacity = { cpu: String(os.cpus().length), memory: `${Math.round(os.totalmem() / 1024)}Ki`, pods: '110' };
  const version = 'v1.36.3-process-node';
  return {
    capacity,
    allocatable: capacity,
    conditions: [{ type: 'Ready', status: 'True', reason: 'ProcessNodeReady', lastTransitionTime: now(), message: 'runs pods as local processes' }],
    addresses: [{ type: 'InternalIP', address: NODE_ADDRESS }, { type: 'Hostname', address: name }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: os.arch() === 'x64' ? 'amd64' : os.arch(), operatingSystem: 'linux', osImage: os.type(), kernelVersion: os.release(),
      containerRuntimeVersion: 'local-processes://1', kubeletVersion: version, kubeProxyVersion: '',
      machineID: '', systemUUID: '', bootID: '',
    },
  };
}
