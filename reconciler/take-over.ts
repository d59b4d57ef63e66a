// Whom the fields of a child's spec belong to, when what somebody added by hand makes ours impossible. Pure.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership-between-managers

type Fields = Readonly<Record<string, unknown>>;

/** An entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
}

const SPEC = 'f:spec';

/**
 * The entries with every field of the spec in the hands of `manager`, so that its next apply removes what it does not
 * name; undefined when there is nothing to take over. What was written through a subresource, such as scale, stays.
 */
export function takeOverSpec(entries: readonly ManagedFields[], manager: string): ManagedFields[] | undefined {
  const own = entries.find((entry) => entry.manager === manager && entry.operation === 'Apply' && entry.subresource === undefined);
  const others = entries.filter((entry) => entry !== own && entry.subresource === undefined && entry.fieldsV1?.[SPEC] !== undefined);
  if (own === undefined || others.length === 0) return undefined;
  const spec = [own, ...others].map(({ fieldsV1 }) => (fieldsV1?.[SPEC] ?? {}) as Fields).reduce(union);
  return entries.map((entry) => {
    if (entry === own) return { ...own, fieldsV1: { ...own.fieldsV1, [SPEC]: spec } };
    if (!others.includes(entry)) return entry;
    const { [SPEC]: _, ...rest } = entry.fieldsV1 ?? {};
    return { ...entry, fieldsV1: rest };
  });
}

function union(one: Fields, other: Fields): Fields {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, below] of Object.entries(other)) merged[key] = union((merged[key] ?? {}) as Fields, below as Fields);
  return merged;
}
