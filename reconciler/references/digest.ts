// What the operator keeps of a referenced object: hashes that tell a change, and never a value. Pure.
import { createHash } from 'node:crypto';
import type { Reference } from '../../charts/references.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

/** A Secret by its metadata, a ConfigMap by its keys; of a ServiceAccount nothing but that it is there. */
export type Digest =
  | { readonly kind: 'Secret'; readonly hash: string }
  | { readonly kind: 'ConfigMap'; readonly hashes: ReadonlyMap<string, string> }
  | { readonly kind: 'ServiceAccount' };

interface DataObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** The digest of an object as it arrives; nothing of the object itself is kept. */
export function digestOf(kind: Reference['kind'], object: KubernetesObject): Digest {
  if (kind === 'Secret') return { kind, hash: secretHash(object) };
  if (kind === 'ServiceAccount') return { kind };
  const { data = {}, binaryData = {} } = object as DataObject;
  return { kind, hashes: new Map(Object.entries({ ...data, ...binaryData }).map(([key, value]) => [key, hashOf(value)])) };
}

/** Twelve hexadecimal digits of SHA-256. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}

/**
 * Who wrote data, how and when, is all that metadata tells about it. The fields themselves belong to it: a key that
 * somebody else takes out changes nothing but the owner's list of fields. `f:stringData` is what an apply of it leaves.
 */
function secretHash({ metadata: { uid, resourceVersion, managedFields = [] } }: KubernetesObject): string {
  if (managedFields.length === 0) return hashOf([uid, resourceVersion]);
  const writes = (managedFields as ManagedFields[]).flatMap(({ manager, operation, time, fieldsV1 = {} }) => {
    const { 'f:data': data, 'f:stringData': stringData } = fieldsV1;
    return data === undefined && stringData === undefined ? [] : [JSON.stringify([manager, operation, time, data, stringData])];
  });
  return hashOf([uid, ...writes.toSorted()]);
}
