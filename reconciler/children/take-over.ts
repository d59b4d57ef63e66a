// What others added to a child and what contradicts what is rendered: found out, and taken away from them.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Manifest } from '../../charts/render.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { apiVersionOf, type KubernetesObject, type ManagedFields, type ResourceType } from '../../kubernetes/objects.ts';
import type { Child } from './child.ts';
import { FIELD_MANAGER } from '../compare/our-fields.ts';
import { CREATE_ONLY } from './ownership.ts';
import { isRefused } from './refusals.ts';
import { fingerprint } from '../runtime/fingerprint.ts';
import { takeOverSpec } from './managed-fields.ts';

interface Trial {
  readonly client: Pick<KubernetesClient, 'apply'>;
  readonly signal: AbortSignal;
}

interface Context extends Trial {
  readonly client: Pick<KubernetesClient, 'get' | 'apply' | 'patch'>;
}

/**
 * Apply leaves alone what others added to a list, even where it contradicts our own items, such as a second port of one
 * name after an edit by hand, or another name of a port of an adopted Service: make it ours, so that the next apply
 * removes it. The object after that; undefined when nobody added anything, when that is not why the apply is refused, or
 * when it is not the object that consented any more. @throws ApiError of a failed request.
 */
export async function takeOver(context: Context, child: Child): Promise<KubernetesObject | undefined> {
  const { client, signal } = context;
  const { type, live, ownership: owner } = child;
  if (live === undefined) return undefined;
  const { metadata } = await client.get(type, live.metadata, { signal });
  const isAdopted = owner?.kind === 'adoptable';
  if (metadata.uid !== live.metadata.uid || (isAdopted && metadata.resourceVersion !== live.metadata.resourceVersion)) return undefined;
  const entries = metadata.managedFields ?? [];
  const managedFields = takeOverSpec(isAdopted ? [...entries, firstEntry(type)] : entries, FIELD_MANAGER);
  if (managedFields === undefined || (await isRefusedAnyway(context, child))) return undefined;
  return client.patch(type, metadata, { metadata: { resourceVersion: metadata.resourceVersion, managedFields } }, { signal });
}

/** What an adopted object lacks: the operator has never applied it. */
function firstEntry(type: ResourceType): ManagedFields & { readonly apiVersion: string; readonly fieldsType: string } {
  return { manager: FIELD_MANAGER, operation: 'Apply', apiVersion: apiVersionOf(type), fieldsType: 'FieldsV1', fieldsV1: {} };
}

/** Whether what would be applied is refused under a name of its own as well, whatever is there now. */
function isRefusedAnyway(context: Context, { type, desired }: Child): Promise<boolean> {
  const metadata = { ...desired.metadata, name: unusedName(desired), resourceVersion: CREATE_ONLY };
  return isRefusedWhenTried(context, type, { ...desired, metadata });
}

/** Whether the API server, or what it asks, refuses an apply for the object's sake or for what is there, found out without applying it. */
export async function isRefusedWhenTried(
  { client, signal }: Trial,
  type: ResourceType,
  object: KubernetesObject,
): Promise<boolean> {
  try {
    await client.apply(type, object, { fieldManager: FIELD_MANAGER, force: true, dryRun: true, signal });
    return false;
  } catch (error) {
    // A webhook with side effects is not asked about what is only tried.
    const isInVain = isRefused(error) || isApiError(error, 'Conflict', 'AlreadyExists');
    return isInVain && !/does not support dry run/.test((error as Error).message);
  }
}

/** A name that nobody has given: no dry run meets an object. Services take 63 characters, of which an MCPServer's name has at most 52. */
function unusedName({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${name.slice(0, 52)}-${fingerprint(['dry run', kind, namespace, name], 10)}`;
}
