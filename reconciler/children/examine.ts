// What lives under the names of an MCPServer's children: as the caches know, or looked at one by one.
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../kubernetes/objects.ts';
import type { MCPServerObject } from '../kinds.ts';
import { conditionOf } from '../status/conditions.ts';
import type { View } from '../view/view.ts';
import { Child } from './child.ts';
import type { ReconcilingClient } from './counted-client.ts';
import type { PlannedChild } from './plan.ts';

/** What is needed to look. */
export interface Examination {
  readonly client: Pick<ReconcilingClient, 'get'>;
  readonly view: Pick<View, 'child'>;
  readonly signal: AbortSignal;
}

/** What is known of the names of the children of one MCPServer, beside the caches. */
export interface Names {
  /** Whether one was found to be taken by something that the caches do not know: then it is looked before anything is created. */
  taken: boolean;
}

/** Whose children. */
interface Planned {
  readonly server: MCPServerObject;
  readonly children: readonly PlannedChild[];
  readonly names: Names;
}

/** Each planned child as the caches know it. They hold labelled objects only: a name that they do not know may be taken all the same. */
export function known(view: Pick<View, 'child'>, { server, children }: Omit<Planned, 'names'>): Child[] {
  const { namespace } = server.metadata;
  return children.map((planned) => new Child(server, planned, view.child(planned.type, { namespace, name: planned.name })));
}

/** Each planned child as it is, asked for where the caches do not know it. Takes note of names that are taken. @throws ApiError of a failed request. */
export async function examine(reader: Examination, planned: Planned): Promise<Child[]> {
  const { server: { metadata: { namespace } }, names } = planned;
  const before = known(reader.view, planned);
  const children = await Promise.all(before.map(async (child) => {
    const live = child.live ?? (await find(reader, child.type, { namespace, name: child.planned.name }));
    return live === undefined ? child : child.with(live);
  }));
  names.taken = children.some(({ live }, index) => live !== undefined && before[index]?.live === undefined);
  return children;
}

/** Whether it is to be looked before anything is created. A process that has just started has the status alone to go by. */
export function looksFirst({ server: { status }, names }: Planned): boolean {
  const reason = conditionOf(status, 'Ready')?.reason;
  return names.taken || reason === 'NameConflict' || reason === 'WaitingForDeletion';
}

async function find({ client, signal }: Examination, type: ResourceType, ref: ObjectReference): Promise<KubernetesObject | undefined> {
  try {
    return await client.get(type, ref, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
