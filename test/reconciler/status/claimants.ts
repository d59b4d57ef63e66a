// Pods that use claims, for tests of what is said when they wait for each other.
import { selectorLabels } from '../../../charts/api/labels.ts';
import { TEMPLATE_LABEL, type PodCondition, type PodObject } from '../../../reconciler/kinds.ts';

export const SCHEDULED_AT = '2029-12-31T23:59:00Z';
/** As the scheduler of Kubernetes 1.36 says it. */
export const IN_USE = '0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.';
/** As the scheduler of Kubernetes 1.30 says it. */
export const AFFINITY = '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had volume node affinity conflict.';

/** How a pod is; by default it uses claim `data`, is of template `a` and has been placed nowhere. */
export interface Claimant {
  readonly node?: string;
  readonly ip?: string;
  readonly template?: string;
  readonly claims?: readonly string[];
  /** What its container waits for. */
  readonly reason?: string;
  readonly since?: string;
  readonly conditions?: readonly PodCondition[];
}

/** A pod that uses claims, as the API server returns it. */
export function claimant(name: string, how: Claimant = {}): PodObject {
  const { node, ip, template = 'a', claims = ['data'], reason, since = SCHEDULED_AT } = how;
  const { conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: since }] } = how;
  const isReported = ip !== undefined || reason !== undefined;
  return {
    metadata: { name, namespace: 'tools', uid: `uid-${name}`, labels: { ...selectorLabels('demo'), [TEMPLATE_LABEL]: template } },
    spec: {
      ...(node !== undefined && { nodeName: node }),
      containers: [{ name: 'mcp-server' }],
      volumes: [{}, ...claims.map((claimName) => ({ persistentVolumeClaim: { claimName } }))],
    },
    status: {
      phase: ip === undefined ? 'Pending' : 'Running',
      ...(ip !== undefined && { podIP: ip }),
      conditions,
      ...(isReported && { containerStatuses: [{ name: 'mcp-server', state: reason === undefined ? { running: {} } : { waiting: { reason } } }] }),
    },
  };
}

/** A pod whose kubelet waits with everything until its volumes are there. */
export function waitingPod(name: string, how: Claimant = {}): PodObject {
  return claimant(name, { reason: 'ContainerCreating', ...how });
}
