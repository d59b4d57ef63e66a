// Whom the fields of a child's spec belong to, when what somebody added by hand makes ours impossible. Pure.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership-between-managers
import type { ManagedFields } from '../../kubernetes/objects.ts';
import { RUNTIME_FIELD_MANAGER } from '../compare/our-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

const SPEC = 'f:spec';
/** Never taken over: it is rendered, and then an apply has it anyway, or it was left to others. */
const REPLICAS = 'f:replicas';

/**
 * The entries with every field of the spec but `replicas` in the hands of `manager`, so that its next apply removes what
 * it does not name; undefined when there is nothing to take over. What the operator's overlay holds, and what was
 * written through a subresource, such as scale, stays.
 */
export function takeOverSpec(entries: readonly ManagedFields[], manager: string): ManagedFields[] | undefined {
  const own = entries.find((entry) => entry.manager === manager && entry.operation === 'Apply' && entry.subresource === undefined);
  const others = entries.filter((entry) => {
    const isForeign = entry !== own && entry.manager !== RUNTIME_FIELD_MANAGER && entry.subresource === undefined;
    return isForeign && Object.keys(takenFrom(entry)).length > 0;
  });
  if (own === undefined || others.length === 0) return undefined;
  const spec = [specOf(own), ...others.map(takenFrom)].reduce(union);
  return entries.map((entry) => {
    if (entry === own) return { ...own, fieldsV1: { ...own.fieldsV1, [SPEC]: spec } };
    return others.includes(entry) ? without(entry) : entry;
  });
}

function specOf({ fieldsV1 }: ManagedFields): Fields {
  return (fieldsV1?.[SPEC] ?? {}) as Fields;
}

function takenFrom(entry: ManagedFields): Fields {
  const { [REPLICAS]: _, ...taken } = specOf(entry);
  return taken;
}

function without(entry: ManagedFields): ManagedFields {
  const { [SPEC]: _, ...rest } = entry.fieldsV1 ?? {};
  const { [REPLICAS]: replicas } = specOf(entry);
  return { ...entry, fieldsV1: { ...rest, ...(replicas !== undefined && { [SPEC]: { [REPLICAS]: replicas } }) } };
}

function union(one: Fields, other: Fields): Fields {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, below] of Object.entries(other)) merged[key] = union((merged[key] ?? {}) as Fields, below as Fields);
  return merged;
}
