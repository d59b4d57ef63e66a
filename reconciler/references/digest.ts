// What the operator keeps of a referenced object: hashes that tell a change, and never a value. Pure.
import type { Reference } from '../../charts/references.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { DataObject } from '../kinds.ts';
import { fingerprint } from '../runtime/fingerprint.ts';

/**
 * Fresh: its data is as it was created. A Secret by its metadata; a ConfigMap by one hash of all its data, and one of each key that is
 * read and in it; of a ServiceAccount nothing but that it is there.
 */
export type Digest =
  | { readonly kind: 'Secret'; readonly fresh: boolean; readonly hash: string }
  | { readonly kind: 'ConfigMap'; readonly fresh: boolean; readonly all: string; readonly hashes: ReadonlyMap<string, string> }
  | { readonly kind: 'ServiceAccount' };

/** The digest of an object as it arrives, for those who read these keys of a ConfigMap; nothing of the object itself is kept. */
export function digestOf(kind: Reference['kind'], object: KubernetesObject, keys: ReadonlySet<string> = new Set()): Digest {
  if (kind === 'ServiceAccount') return { kind };
  const { uid, resourceVersion, creationTimestamp, managedFields = [] } = object.metadata;
  const writes = dataWrites(object);
  const fresh = writes.length > 0 && writes.every(({ time }) => time === creationTimestamp);
  // Where nobody is on record, any write may have been one of data.
  const traces = managedFields.length > 0 ? writes.map((write) => JSON.stringify(Object.values(write))).toSorted() : [resourceVersion];
  if (kind === 'Secret') return { kind, fresh, hash: hashOf([uid, ...traces]) };
  const { data = {}, binaryData = {} } = object as DataObject;
  const hashes = Object.entries({ ...data, ...binaryData }).map(([key, value]) => [key, hashOf(value)] as const);
  // The same text as if whoever reads all keys hashed them: it stands in the records of running servers.
  const all = hashOf(hashes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { kind, fresh, all, hashes: new Map(hashes.filter(([key]) => keys.has(key))) };
}

/** Twelve hexadecimal digits of SHA-256. */
export function hashOf(value: unknown): string {
  return fingerprint(value, 12);
}

interface DataWrite {
  readonly manager: string | undefined;
  readonly operation: string | undefined;
  readonly time: string | undefined;
  readonly fields: unknown;
}

/**
 * Who wrote data, how and when: all that metadata tells about it. The fields themselves belong to it: a key that somebody
 * else takes out changes nothing but the owner's list of fields. `f:stringData` is what an apply of it leaves.
 */
function dataWrites({ metadata: { managedFields = [] } }: KubernetesObject): DataWrite[] {
  return managedFields.flatMap(({ manager, operation, time, fieldsV1 = {} }) => {
    const fields = ['f:data', 'f:stringData', 'f:binaryData'].map((field) => fieldsV1[field]);
    return fields.every((field) => field === undefined) ? [] : [{ manager, operation, time, fields }];
  });
}
