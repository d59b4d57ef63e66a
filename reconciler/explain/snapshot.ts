// What is looked at of one MCPServer at one moment: the resource, its objects, its pods, and the events about them. Read by whoever asks.
import { PODS, REPLICA_SETS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { CHILD_TYPES, type MCPServerObject, type PodObject } from '../kinds.ts';

/** One event, in whichever of its forms the API server serves it (events.k8s.io/v1). */
export interface EventObject extends KubernetesObject {
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly deprecatedCount?: number;
  readonly deprecatedLastTimestamp?: string | null;
  readonly regarding?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
}

/** Kinds that are read to explain an MCPServer. */
export const LOOKED_AT = [...CHILD_TYPES, REPLICA_SETS, PODS] as const;

/** One MCPServer, and what belongs to it. */
export interface Snapshot {
  readonly server: MCPServerObject;
  /** Objects of the kinds of `CHILD_TYPES` that carry its label. */
  readonly children: readonly KubernetesObject[];
  readonly replicaSets: readonly KubernetesObject[];
  readonly pods: readonly PodObject[];
  readonly events: readonly EventObject[];
  /** Kinds that could not be read, for want of a right: nothing is concluded from their absence. */
  readonly unread: readonly string[];
  readonly now: Date;
}
