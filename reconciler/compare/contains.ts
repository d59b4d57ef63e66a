// Whether a live object already holds everything that would be applied, seen as server-side apply sees it. Pure.
import { ITEM_KEYS } from '../../charts/api/merge-keys.ts';
import { LongText } from './long-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Keys by which Kubernetes merges the items of these lists; any other list is atomic. A port has one of the two numbers. */
const LIST_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ...[...ITEM_KEYS].map(([list, { unique }]) => [list, unique] as const),
  ['ports', ['containerPort', 'port', 'protocol']],
]);

/** What the API server adds to these objects, also where they stand in an atomic list or object. */
const DEFAULTS: ReadonlyMap<string, Fields> = new Map<string, Fields>([
  ['fieldRef', { apiVersion: 'v1' }],
  ['resourceFieldRef', { divisor: '0' }],
  ['serviceAccountToken', { expirationSeconds: 3600 }],
]);

/** Objects that have one owner as a whole (x-kubernetes-map-type: atomic). */
const ATOMIC_FIELDS: ReadonlySet<string> = new Set([
  'configMapKeyRef', 'dataSource', 'fieldRef', 'fileKeyRef', 'labelSelector', 'nodeSelector', 'podSelector',
  'requiredDuringSchedulingIgnoredDuringExecution', 'resourceFieldRef', 'secretKeyRef', 'selector',
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
  return ATOMIC_FIELDS.has(field) && isFields(live) && isFields(desired) ? equalsField(field, live, desired) : contains(live, desired);
}

function equalsField(field: string, live: unknown, desired: unknown): boolean {
  const defaults = DEFAULTS.get(field);
  if (defaults === undefined || !isFields(live) || !isFields(desired)) return equals(live, desired);
  return equals({ ...defaults, ...live }, { ...defaults, ...desired });
}

function equals(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) {
    return Array.isArray(live) && live.length === desired.length && desired.every((item, index) => equals(live[index], item));
  }
  if (!isFields(desired)) return isSameValue(live, desired);
  return isFields(live) && Object.keys({ ...live, ...desired }).every((key) => equalsField(key, live[key], desired[key]));
}

/** Caches keep of long texts what tells them apart. */
function isSameValue(live: unknown, desired: unknown): boolean {
  return live === desired || (live instanceof LongText && live.isOf(desired));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongText);
}
