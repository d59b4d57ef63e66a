// An MCPServer as a tree: the resource, its objects, and under the Deployment its pods, each with its state. Pure.
import { render } from '../../charts/render.ts';
import { InvalidMCPServerError } from '../../charts/api/mcpserver.ts';
import type { Condition } from '../../charts/api/status.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { plain } from '../../kubernetes/text.ts';
import { CHILD_TYPES, type AutoscalerObject, type DeploymentObject, type MCPServerObject } from '../kinds.ts';
import { conditionOf } from '../status/conditions.ts';
import { standingsOf, type PodStanding } from './pod-standing.ts';
import type { Snapshot } from './snapshot.ts';
import { unseen } from './unseen.ts';

/** The tree of one MCPServer. The output in JSON. Every key is always there; new ones may be added. */
export interface ServerTree {
  readonly namespace: string;
  readonly name: string;
  /** Status of the condition Ready; Unknown where it speaks of another spec than the present one. */
  readonly ready: Condition['status'];
  /** Of the condition Ready; NotObserved where no operator has looked. */
  readonly reason: string;
  readonly message: string;
  /** URL inside the cluster; null while none serves. */
  readonly endpoint: string | null;
  readonly objects: readonly ObjectStanding[];
  readonly pods: readonly PodStanding[];
  /** Kinds that could not be read. */
  readonly unread: readonly string[];
}

/** One object of an MCPServer. */
export interface ObjectStanding {
  readonly kind: string;
  readonly name: string;
  /** `Present`, `Missing`, `Terminating`, or what its kind has to say, such as `1/2 ready`. */
  readonly state: string;
  /** A condition's reason that speaks of it; null where none does. */
  readonly reason: string | null;
}

const LONGEST_MESSAGE = 4096;
const NOT_OBSERVED = 'NotObserved';

/** Reads the tree off a snapshot. */
export function treeOf(snapshot: Snapshot): ServerTree {
  const { server, pods, unread, now } = snapshot;
  const { metadata: { name, namespace }, spec, status } = server;
  const ready = conditionOf(status, 'Ready');
  const notSeen = unseen(server, now);
  return {
    namespace,
    name,
    ready: notSeen === undefined ? ready?.status ?? 'Unknown' : 'Unknown',
    reason: notSeen === undefined ? plain(ready?.reason ?? NOT_OBSERVED, 100) : NOT_OBSERVED,
    message: notSeen ?? plain(ready?.message ?? 'No operator has said anything about it yet.', LONGEST_MESSAGE),
    endpoint: status?.endpoint === undefined ? null : plain(status.endpoint, 2048),
    objects: objectsOf(snapshot),
    pods: standingsOf(pods, { now, lastWords: spec.lastWords ?? 'Show' }),
    unread,
  };
}

function objectsOf(snapshot: Snapshot): ObjectStanding[] {
  const { server, children, unread } = snapshot;
  const there = children.map((object) => standing(server, object));
  const isThere = new Set(there.map(({ kind, name }) => `${kind} ${name}`));
  const missing = expected(server).filter(({ kind, name }) => !isThere.has(`${kind} ${name}`) && !unread.includes(kind));
  const all = [...there, ...missing.map(({ kind, name }) => ({ kind, name, state: 'Missing', reason: null }))];
  return all.toSorted((a, b) => order(a.kind) - order(b.kind) || (a.name < b.name ? -1 : 1));
}

function order(kind: string): number {
  // The Deployment last, for its pods stand below it.
  return kind === 'Deployment' ? CHILD_TYPES.length : CHILD_TYPES.findIndex((type) => type.kind === kind);
}

/** What there should be; nothing is told of a spec that cannot be rendered, or whose MCPServer goes. */
function expected({ metadata, spec, apiVersion, kind }: MCPServerObject): { kind: string; name: string }[] {
  if (metadata.deletionTimestamp !== undefined) return [];
  try {
    const { name, namespace } = metadata;
    const manifest = { apiVersion, kind, metadata: { name, namespace }, spec };
    return render(manifest, { stored: true }).map((each) => ({ kind: each.kind, name: each.metadata.name }));
  } catch (error) {
    if (error instanceof InvalidMCPServerError) return [];
    throw error;
  }
}

function standing(server: MCPServerObject, object: KubernetesObject): ObjectStanding {
  const { kind = 'object', metadata: { name, deletionTimestamp } } = object;
  if (deletionTimestamp !== undefined) return { kind, name, state: 'Terminating', reason: null };
  const reasonOf = (type: 'DeploymentReady' | 'ServiceReady'): string | null => {
    const reason = conditionOf(server.status, type)?.reason;
    return reason === undefined ? null : plain(reason, 100);
  };
  if (kind === 'Deployment') {
    const { spec, status } = object as DeploymentObject;
    return { kind, name, state: `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1} ready`, reason: reasonOf('DeploymentReady') };
  }
  if (kind === 'Service' && name === server.metadata.name) return { kind, name, state: 'Present', reason: reasonOf('ServiceReady') };
  if (kind === 'HorizontalPodAutoscaler') {
    const ailing = (object as AutoscalerObject).status?.conditions?.find(({ type, status }) => type === 'ScalingActive' && status === 'False');
    return { kind, name, state: 'Present', reason: ailing?.reason === undefined ? null : plain(ailing.reason, 100) };
  }
  return { kind, name, state: 'Present', reason: null };
}
