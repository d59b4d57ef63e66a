// Which field of a live object keeps it from holding what would be applied. Pure.
import { ITEM_KEYS } from '../../charts/api/merge-keys.ts';
import { isFields } from '../../charts/api/open-values.ts';
import { contains } from './contains.ts';

/** Path of the first field of `desired` that `live` does not hold, as deep as it can be told; undefined where it holds all. */
export function lackingField(live: unknown, desired: unknown, path = ''): string | undefined {
  if (contains(live, desired)) return undefined;
  if (!isFields(live) || !isFields(desired)) return path;
  const [field, value] = Object.entries(desired).find(([name, wanted]) => !contains({ [name]: live[name] }, { [name]: wanted })) ?? [];
  if (field === undefined) return path;
  const below = path === '' ? field : `${path}.${field}`;
  const key = ITEM_KEYS.get(field)?.merge;
  if (key === undefined || !Array.isArray(value) || !Array.isArray(live[field])) return lackingField(live[field], value, below);
  return lackingItem(live[field] as readonly unknown[], value as readonly unknown[], { path: below, key });
}

function lackingItem(live: readonly unknown[], desired: readonly unknown[], list: { readonly path: string; readonly key: string }): string {
  const { path, key } = list;
  for (const item of desired.filter(isFields)) {
    const same = live.filter(isFields).find((other) => other[key] === item[key]);
    const lacking = lackingField(same, item, `${path}[${String(item[key])}]`);
    if (lacking !== undefined) return lacking;
  }
  return path;
}
