// A live object with what would be applied laid over it: what server-side apply would leave, as far as that can be told without it. Pure.
import { ITEM_KEYS } from '../../charts/api/merge-keys.ts';
import { isFields } from '../../charts/api/open-values.ts';
import { contains } from './contains.ts';

/**
 * `live` with every field of `desired`. Fields that only `live` has stay: whether they are defaults or would go is for the API server alone
 * to say. What `live` holds in its own spelling stays as it is.
 */
export function laidOver(live: unknown, desired: unknown, field = ''): unknown {
  if (contains({ [field]: live }, { [field]: desired })) return live;
  if (isFields(live) && isFields(desired)) {
    const laid = Object.entries(desired).map(([name, value]) => [name, name in live ? laidOver(live[name], value, name) : value] as const);
    return { ...live, ...Object.fromEntries(laid) };
  }
  const key = ITEM_KEYS.get(field)?.merge;
  if (key === undefined || !isKeyed(live, key) || !isKeyed(desired, key)) return desired;
  const kept = live.map((item) => laidOver(item, desired.find((other) => other[key] === item[key]) ?? item));
  return [...kept, ...desired.filter((item) => !live.some((other) => other[key] === item[key]))];
}

function isKeyed(value: unknown, key: string): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((item) => isFields(item) && item[key] !== undefined);
}
