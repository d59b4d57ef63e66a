// Whether a live object already holds everything that would be applied. Pure.

type Fields = Readonly<Record<string, unknown>>;

/** Keys by which Kubernetes merges lists of objects, most specific first; a list of anything else is compared whole. */
const LIST_KEYS: readonly (readonly string[])[] = [
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['mountPath'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['uid'],
  ['name'],
];

/**
 * Whether every field of `desired` is in `live` with the same value. Fields and items of keyed lists that only `live`
 * has belong to the API server's defaults or to other field managers and do not matter.
 */
export function contains(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) return Array.isArray(live) && containsList(live, desired);
  if (!isFields(desired)) return live === desired;
  return isFields(live) && Object.entries(desired).every(([key, value]) => contains(live[key], value));
}

function containsList(live: readonly unknown[], desired: readonly unknown[]): boolean {
  const keys = LIST_KEYS.find((names) => desired.every((item) => isFields(item) && names.every((name) => item[name] !== undefined)));
  if (keys === undefined || desired.length === 0) {
    return live.length === desired.length && desired.every((item, index) => contains(live[index], item));
  }
  return desired.every((item) => live.some((other) => keys.every((key) => isFields(other) && other[key] === (item as Fields)[key]) && contains(other, item)));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
