// Reads what belongs to MCPServers: each kind with one list, whatever the number of MCPServers. What may not be read is left out, and told.
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { EVENTS, PODS, REPLICA_SETS, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import type { ListOptions } from '../../../kubernetes/requests.ts';
import { LOOKED_AT, type EventObject, type Snapshot } from '../../explain/snapshot.ts';
import type { MCPServerObject } from '../../kinds.ts';

type Reader = Pick<KubernetesClient, 'list'>;

export interface ReadOptions {
  /** Of this namespace alone; all without. */
  readonly namespace: string | undefined;
  /** Whether events are read as well. Default: no. */
  readonly events?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What belongs to each of `servers`, which are of the namespace of the options; of one server its objects alone are asked for. */
export async function readSnapshots(client: Reader, servers: readonly MCPServerObject[], options: ReadOptions): Promise<Snapshot[]> {
  const { namespace, events = false, signal } = options;
  const [only] = servers;
  const labelSelector = only !== undefined && servers.length === 1 ? `${SERVER_LABEL}=${only.metadata.name}` : SERVER_LABEL;
  const read = <T extends KubernetesObject>(type: ResourceType, selector?: string): Promise<readonly T[] | undefined> =>
    listed<T>(client, type, { namespace, labelSelector: selector, signal });
  const [told, ...lists] = await Promise.all([
    events ? read<EventObject>(EVENTS) : Promise.resolve([]),
    ...LOOKED_AT.map((type) => read(type, labelSelector)),
  ]);
  const hidden = LOOKED_AT.filter((_, index) => lists[index] === undefined).map(({ kind }) => kind);
  const unread = [...hidden, ...(told === undefined ? ['Event'] : [])];
  const objects = byServer(lists.flatMap((list) => list ?? []));
  const eventsBy = Map.groupBy(told ?? [], ({ metadata }) => metadata.namespace);
  const now = new Date();
  return servers.map((server) => ({
    server,
    ...belongingTo(server, objects.get(keyOf(server.metadata.namespace, server.metadata.name)) ?? []),
    events: eventsBy.get(server.metadata.namespace) ?? [],
    unread,
    now,
  }));
}

/** Of objects that carry the label of an MCPServer those that are its own, as a snapshot has them. */
export function belongingTo(server: MCPServerObject, labelled: readonly KubernetesObject[]): Pick<Snapshot, 'children' | 'replicaSets' | 'pods'> {
  const mine = labelled.filter((object) => isOf(server, object));
  return {
    children: mine.filter(({ kind }) => kind !== PODS.kind && kind !== REPLICA_SETS.kind),
    replicaSets: mine.filter(({ kind }) => kind === REPLICA_SETS.kind),
    pods: mine.filter(({ kind }) => kind === PODS.kind),
  };
}

/** Undefined where the user may not read them. */
async function listed<T extends KubernetesObject>(client: Reader, type: ResourceType, options: ListOptions): Promise<T[] | undefined> {
  try {
    const { items } = await client.list<T>(type, options);
    return items;
  } catch (error) {
    if (isApiError(error, 'Forbidden', 'NotFound')) return undefined;
    throw error;
  }
}

function byServer(objects: readonly KubernetesObject[]): Map<string, KubernetesObject[]> {
  return Map.groupBy(objects, ({ metadata: { namespace = '', labels } }) => keyOf(namespace, labels?.[SERVER_LABEL] ?? ''));
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** An object of somebody else may carry the label, and one of a namesake of before may not be gone yet. */
function isOf({ metadata: { uid } }: MCPServerObject, { kind, metadata: { ownerReferences = [] } }: KubernetesObject): boolean {
  const owner = ownerReferences.find(({ controller }) => controller === true);
  // Pods are a ReplicaSet's, and that is the Deployment's.
  return owner === undefined || kind === PODS.kind || kind === REPLICA_SETS.kind || owner.uid === uid;
}
