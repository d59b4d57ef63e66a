// What one object would be after it is applied: as the API server says in a dry run, or laid over what is there for who may not ask for one.
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../../kubernetes/objects.ts';
import { laidOver } from '../../compare/laid-over.ts';

/** An object before and after. */
export interface Tried {
  /** Undefined where there is none. */
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject;
  /** Whether the API server was asked, whose defaults and refusals are in it then. */
  readonly isDryRun: boolean;
}

/** As whom an object is applied. */
export interface Applying {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
  readonly fieldManager: string;
}

type Live = KubernetesObject | undefined;

/** The live object; undefined where there is none. Rejects with ApiError. */
export async function liveOf(client: KubernetesClient, type: ResourceType, reference: ObjectReference): Promise<Live> {
  try {
    return await client.get(type, reference);
  } catch (error) {
    if (isApiError(error, 'NotFound') && !isUnknownKind(error)) return undefined;
    throw error;
  }
}

/** Whether the API server does not know the kind at all. */
export function isUnknownKind(error: unknown): boolean {
  return isApiError(error, 'NotFound') && /could not find the requested resource|404 page not found/.test(error.message);
}

/** Tries to apply. Rejects with ApiError where the API server would refuse it; a right to try that is missing is no refusal. */
export async function tryApply(client: KubernetesClient, applying: Applying, live: Live): Promise<Tried> {
  const { type, object, fieldManager } = applying;
  const uid = live?.metadata.uid;
  const asked = { ...object, metadata: { ...object.metadata, ...(uid !== undefined && { uid }) } };
  try {
    return { before: live, after: await client.apply(type, asked, { fieldManager, force: true, dryRun: true }), isDryRun: true };
  } catch (error) {
    if (!isMissingRight(error)) throw error;
    return { before: live, after: live === undefined ? object : (laidOver(live, object) as KubernetesObject), isDryRun: false };
  }
}

/** An admission policy forbids, too: that is a refusal, of which the user is to hear. */
function isMissingRight(error: unknown): boolean {
  return isApiError(error, 'Forbidden') && / cannot (patch|create) resource /.test(error.message);
}
