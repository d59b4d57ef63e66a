// Whether a live object already holds everything that would be applied, seen as server-side apply sees it. Pure.

import { LongText } from './long-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Keys by which Kubernetes merges the items of these lists; any other list is atomic. A port has one of the two numbers. */
const LIST_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['containers', ['name']],
  ['env', ['name']],
  ['hostAliases', ['ip']],
  ['imagePullSecrets', ['name']],
  ['ownerReferences', ['uid']],
  ['ports', ['containerPort', 'port', 'protocol']],
  ['topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
  ['volumeMounts', ['mountPath']],
  ['volumes', ['name']],
]);

/** Objects that have one owner as a whole (x-kubernetes-map-type: atomic, or within an atomic list), with what the API server adds to them. */
const ATOMIC_FIELDS: ReadonlyMap<string, Fields> = new Map<string, Fields>([
  ['configMapKeyRef', {}],
  ['fieldRef', { apiVersion: 'v1' }],
  ['labelSelector', {}],
  ['nodeSelector', {}],
  ['podSelector', {}],
  ['requiredDuringSchedulingIgnoredDuringExecution', {}],
  ['resourceFieldRef', { divisor: '0' }],
  ['secretKeyRef', {}],
  ['selector', {}],
  ['serviceAccountToken', { expirationSeconds: 3600 }],
]);

/**
 * Whether every field of `desired` is in `live` with the same value. Fields and items of keyed lists that only `live`
 * has belong to the API server's defaults or to other field managers and do not matter, except within what is atomic.
 */
export function contains(live: unknown, desired: unknown): boolean {
  if (!isFields(desired)) return equals(live, desired);
  return isFields(live) && Object.entries(desired).every(([field, value]) => containsField(field, live[field], value));
}

function containsField(field: string, live: unknown, desired: unknown): boolean {
  const keys = LIST_KEYS.get(field);
  if (keys !== undefined && Array.isArray(live) && Array.isArray(desired)) {
    const isSame = (one: unknown, other: unknown): boolean =>
      isFields(one) && isFields(other) && keys.every((key) => isSameValue(other[key], one[key]));
    return desired.every((item) => live.some((other) => isSame(item, other) && contains(other, item)));
  }
  return ATOMIC_FIELDS.has(field) ? equals(withDefaults(field, live), withDefaults(field, desired)) : contains(live, desired);
}

function withDefaults(field: string, value: unknown): unknown {
  return isFields(value) ? { ...ATOMIC_FIELDS.get(field), ...value } : value;
}

function equals(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) {
    return Array.isArray(live) && live.length === desired.length && desired.every((item, index) => equals(live[index], item));
  }
  if (!isFields(desired)) return isSameValue(live, desired);
  const isSame = (key: string): boolean => isFields(live) && equals(withDefaults(key, live[key]), withDefaults(key, desired[key]));
  return isFields(live) && Object.keys({ ...live, ...desired }).every(isSame);
}

/** Caches keep of long texts what tells them apart. */
function isSameValue(live: unknown, desired: unknown): boolean {
  return live === desired || (live instanceof LongText && live.isOf(desired));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongText);
}
