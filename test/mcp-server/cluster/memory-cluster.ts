// A cluster in memory behind the cluster port: for what the MCP side does with answers that are hard to provoke for real.
import type { Cluster, LogQuery, LogTail, Node, Pod } from '../../../mcp-server/cluster/port.ts';
import { ApiError } from '../../../kubernetes/errors.ts';

export interface MemoryCluster extends Cluster {
  readonly pods: Map<string, Pod>;
  readonly nodes: Node[];
  logs: LogTail;
  /** What the latest reading of a log asked for. */
  latestLogQuery: LogQuery | undefined;
  /** When set, every call fails with it. */
  failure: Error | undefined;
  /** The signal of the latest call. */
  latestSignal: AbortSignal | undefined;
  /** How often `ready` was asked. */
  readyCalls: number;
}

export function memoryCluster(): MemoryCluster {
  const entered = (signal: AbortSignal): void => {
    cluster.latestSignal = signal;
    if (cluster.failure !== undefined) throw cluster.failure;
  };
  const cluster: MemoryCluster = {
    pods: new Map(),
    nodes: [],
    latestLogQuery: undefined,
    logs: { text: '', lines: 0, leftOut: 0, firstIsCut: false },
    failure: undefined,
    latestSignal: undefined,
    readyCalls: 0,
    async listNodes(limit, signal) {
      entered(signal);
      return { items: cluster.nodes.slice(0, limit), truncated: cluster.nodes.length > limit };
    },
    async listPods({ namespace, limit }, signal) {
      entered(signal);
      const items = [...cluster.pods.values()].filter((pod) => pod.metadata.namespace === namespace);
      return { items: items.slice(0, limit), truncated: items.length > limit };
    },
    async findPod({ name }, signal) {
      entered(signal);
      return cluster.pods.get(name);
    },
    async createPod(pod, signal) {
      entered(signal);
      const created = { ...pod, metadata: { ...pod.metadata, uid: 'uid-1' } };
      cluster.pods.set(pod.metadata.name, created);
      return created;
    },
    async podLogs(_pod, query, signal) {
      entered(signal);
      cluster.latestLogQuery = query;
      return cluster.logs;
    },
    async deletePod({ namespace, name }, signal) {
      entered(signal);
      if (!cluster.pods.delete(name)) throw new ApiError('NotFound', `pods "${name}" not found in ${namespace}`, { status: 404 });
    },
    async ready(signal) {
      cluster.readyCalls += 1;
      entered(signal);
    },
  };
  return cluster;
}
