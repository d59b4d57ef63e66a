// What others added to a child and what contradicts what is rendered: found out, and taken away from them.
import type { KubernetesClient } from '../kubernetes/client.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { apiVersionOf, type KubernetesObject, type ManagedFields, type ResourceType } from '../kubernetes/objects.ts';
import type { Child } from './child.ts';
import { FIELD_MANAGER } from './ownership.ts';
import { takeOverSpec } from './take-over.ts';

interface Context {
  readonly client: Pick<KubernetesClient, 'get' | 'apply' | 'patch'>;
  readonly signal: AbortSignal;
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

/** Whether what would be applied is invalid under a name of its own as well, whatever is there now. */
export async function isRefusedAnyway({ client, signal }: Context, { type, desired }: Child): Promise<boolean> {
  const elsewhere = { ...desired, metadata: { ...desired.metadata, name: `${desired.metadata.name}-dry-run` } };
  try {
    await client.apply(type, elsewhere, { fieldManager: FIELD_MANAGER, dryRun: true, signal });
    return false;
  } catch (error) {
    return isApiError(error, 'Invalid');
  }
}
