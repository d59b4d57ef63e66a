// The resource k8s://cluster/nodes.
import type { Node } from '../cluster/port.ts';
import { LIST_LIMIT, truncationNote, type Resource } from './resource.ts';

function summary(node: Node): Record<string, unknown> {
  const { conditions, nodeInfo, capacity } = node.status ?? {};
  return {
    name: node.metadata.name,
    status: conditions?.find((condition) => condition.type === 'Ready')?.status ?? 'Unknown',
    version: nodeInfo?.kubeletVersion,
    capacity: { cpu: capacity?.['cpu'], memory: capacity?.['memory'], pods: capacity?.['pods'] },
  };
}

/** The nodes of the cluster: name, status of the Ready condition (True, False, Unknown), kubelet version, capacity. */
export const clusterNodes: Resource = {
  name: 'cluster-nodes',
  title: 'Cluster nodes',
  description: 'Every node of the cluster: whether it is Ready, its kubelet version and its capacity (CPU, memory, pods).',
  uri: 'k8s://cluster/nodes',
  action: () => ({ verb: 'list', resource: 'nodes' }),
  async read(_variables, { cluster, signal }) {
    const { items, truncated } = await cluster.listNodes(LIST_LIMIT, signal);
    return { nodes: items.map(summary), count: items.length, ...truncationNote(truncated) };
  },
};
