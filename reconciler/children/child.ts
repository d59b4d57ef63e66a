// One child as it is and as it should be, and what follows from the two: what is in the way, what differs, what is left over.
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import { referencesOf } from '../../charts/references.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { DEPLOYMENTS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import type { Manifest } from '../../charts/render.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { contains } from '../compare/contains.ts';
import { childType, type MCPServerObject } from '../kinds.ts';
import { ADOPT_ANNOTATION, isOrphaning, ownership, withOwner, type Ownership } from './ownership.ts';
import type { Obstacle } from '../status/situation.ts';
import type { View } from '../view/view.ts';

/** What is needed to look at the children of a server. */
export interface ChildReader {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly view: Pick<View, 'child' | 'childrenOf'>;
  readonly server: MCPServerObject;
  readonly signal: AbortSignal;
}

/** A rendered object and what lives under its name. */
export interface Child {
  readonly type: ResourceType;
  /** With the operator's marks. */
  readonly desired: Manifest;
  readonly live: KubernetesObject | undefined;
  readonly ownership: Ownership | undefined;
}

/** Looks at what lives under the name of each manifest. @throws ApiError of a failed request. */
export function examine(reader: ChildReader, manifests: readonly Manifest[]): Promise<Child[]> {
  return Promise.all(manifests.map(async (manifest) => {
    const { view, server } = reader;
    const type = childType(manifest);
    const ref = { namespace: server.metadata.namespace, name: manifest.metadata.name };
    // The caches hold labelled objects only, so a name they do not know may still be taken.
    const live = view.child(type, ref) ?? (await find(reader, type, ref));
    return { type, desired: withOwner(manifest, server), live, ownership: live && ownership(live, server) };
  }));
}

async function find({ client, signal }: ChildReader, type: ResourceType, ref: { namespace: string; name: string }): Promise<KubernetesObject | undefined> {
  try {
    return await client.get(type, ref, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Kind and name, for people. */
export function nameOf({ type, desired }: Pick<Child, 'type' | 'desired'>): string {
  return `${type.kind} ${desired.metadata.name}`;
}

/** All names that are taken at once, so that a person need not find them one by one. */
export function obstacleIn(children: readonly Child[], server: MCPServerObject): Obstacle | undefined {
  const foreign = children.flatMap((child) => (child.ownership?.kind === 'foreign' ? [`${nameOf(child)} (${child.ownership.owner})`] : []));
  if (foreign.length > 0) {
    const message = `Not managed by this MCPServer, and left alone: ${foreign.join(', ')}. Rename the MCPServer, delete what is in its way, or hand it over by annotating it with ${ADOPT_ANNOTATION}=${server.metadata.name}.`;
    return { reason: 'NameConflict', message, stalled: true };
  }
  const leaving = children.filter(({ live, ownership: owner }) => owner?.kind === 'leftover' || live?.metadata.deletionTimestamp !== undefined);
  if (leaving.length === 0) return undefined;
  return { reason: 'WaitingForDeletion', message: `Being deleted, and created again when gone: ${leaving.map(nameOf).join(', ')}.`, stalled: false };
}

/** Whether the child holds all that would be applied, and is tied to the MCPServer's life exactly if it should be. */
export function isAsDesired({ live, desired, ownership: owner }: Child, server: MCPServerObject): boolean {
  return live !== undefined && owner?.kind === 'owned' && owner.attached !== isOrphaning(server) && contains(live, desired);
}

/** Objects of a server that are not rendered. */
export interface Unwanted {
  readonly toDelete: ReturnType<View['childrenOf']>;
  /** Not the operator's to delete. */
  readonly strays: ReturnType<View['childrenOf']>;
}

/**
 * What is the server's own, not on its way out, no longer rendered, and not what the spec now refers to by its name. A second
 * Deployment can only be somebody's copy, as restores and canary tools make them, and the operator deletes none: a stray.
 */
export function unwanted({ view, server }: Pick<ChildReader, 'view' | 'server'>, children: readonly Child[]): Unwanted {
  const wanted = new Set(children.map(({ type, desired }) => `${type.plural}/${desired.metadata.name}`));
  const candidates = view.childrenOf(server.metadata).filter(({ type, object }) =>
    !wanted.has(`${type.plural}/${object.metadata.name}`) && object.metadata.deletionTimestamp === undefined && ownership(object, server).kind === 'owned');
  const [strays, rest] = [candidates.filter(({ type }) => type === DEPLOYMENTS), candidates.filter(({ type }) => type !== DEPLOYMENTS)];
  if (rest.length === 0) return { strays, toDelete: rest };
  const { name, namespace } = server.metadata;
  const referred = new Set(referencesOf({ name, namespace, spec: resolveSpec(name, server.spec) }).map((reference) => `${reference.kind}/${reference.name}`));
  return { strays, toDelete: rest.filter(({ type, object }) => !referred.has(`${type.kind}/${object.metadata.name}`)) };
}
