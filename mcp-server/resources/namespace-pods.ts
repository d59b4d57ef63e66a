// The resource template k8s://namespace/{namespace}/pods.
import type { Pod } from '../cluster/port.ts';
import { RequestError } from '../errors.ts';
import { dnsLabel } from '../names.ts';
import { podSummary } from './pod-status.ts';
import { LIST_LIMIT, truncationNote, type Resource } from './resource.ts';

function summary(pod: Pod): Record<string, unknown> {
  const { name, namespace, creationTimestamp, deletionTimestamp } = pod.metadata;
  const { status, ready, restarts } = podSummary(pod);
  return {
    name,
    namespace,
    phase: pod.status?.phase,
    status,
    ready,
    restarts,
    age: creationTimestamp,
    ...(deletionTimestamp === undefined ? {} : { deletion: deletionTimestamp }),
  };
}

function namespaceOf(variables: Readonly<Record<string, string>>): string {
  const parsed = dnsLabel.safeParse(variables['namespace']);
  if (parsed.success) return parsed.data;
  throw new RequestError(`"${variables['namespace'] ?? ''}" is not a namespace name: it ${parsed.error.issues[0]?.message ?? 'is invalid'}.`);
}

/**
 * The pods of one namespace: phase, status (in kubectl's word), readiness, restarts and, as `age`, the time of creation; as `deletion`, where
 * somebody deleted the pod, the time by which it shall be gone.
 */
export const namespacePods: Resource = {
  name: 'namespace-pods',
  title: 'Pods of a namespace',
  description: 'Every pod of a namespace: phase, status as kubectl shows it (such as CrashLoopBackOff, Init:0/1 or Terminating), whether all containers are ready, restarts and creation time.',
  uri: 'k8s://namespace/{namespace}/pods',
  listed: [
    {
      uri: 'k8s://namespace/default/pods',
      name: 'default-namespace-pods',
      title: 'Pods of the default namespace',
      description: 'Every pod of the namespace default; for another namespace put its name into the URI.',
    },
  ],
  action: (variables) => ({ verb: 'list', resource: 'pods', namespace: namespaceOf(variables) }),
  async read(variables, { cluster, signal }) {
    const namespace = namespaceOf(variables);
    const { items, truncated } = await cluster.listPods({ namespace, limit: LIST_LIMIT }, signal);
    return { namespace, pods: items.map(summary), count: items.length, ...truncationNote(truncated) };
  },
};
