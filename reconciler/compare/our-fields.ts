// Which fields of an object are the operator's: its field managers, and the marks it leaves. Pure.
import { GROUP } from '../../charts/api/group.ts';
import type { KubernetesObject, ManagedFields } from '../../kubernetes/objects.ts';

/** Field manager of everything rendered. */
export const FIELD_MANAGER = 'mcp-operator';
/** Field manager of overlays: what observation decides. */
export const RUNTIME_FIELD_MANAGER = 'mcp-operator-runtime';
/** Field manager of the status of MCPServers. */
export const STATUS_FIELD_MANAGER = 'mcp-operator-status';

/** Annotation with namespace, name and uid of the owner; survives where ownerReferences do not. */
export const OWNER_ANNOTATION = `${GROUP}/owner`;
/** Annotation with a hash of what was last applied, so that a restarted operator knows without a request. */
export const APPLIED_HASH_ANNOTATION = `${GROUP}/applied-hash`;
/** Annotation with a hash of the overlay last applied: says without a request which overlay an object carries. */
export const OVERLAY_HASH_ANNOTATION = `${GROUP}/overlay-hash`;

/** Annotation of Deployments that their controller counts up: it moves by itself, like a status. */
export const REVISION = 'deployment.kubernetes.io/revision';

/** The hash that stands for all of an object the operator applies; undefined on an object it never applied. */
export function appliedHash({ metadata }: Pick<KubernetesObject, 'metadata'>): string | undefined {
  return metadata.annotations?.[APPLIED_HASH_ANNOTATION];
}

/** Who else holds fields of an object, what was written through a subresource aside. */
export function othersIn(entries: readonly ManagedFields[]): string[] {
  const own = [FIELD_MANAGER, RUNTIME_FIELD_MANAGER];
  return entries.filter(({ manager, subresource }) => !own.includes(manager) && subresource === undefined).map(({ manager }) => manager);
}
