// Reads values of which no schema says how they look: what is not there, or of another kind, counts as nothing. Pure.

type Fields = Readonly<Record<string, unknown>>;

/** A container as it is written in an open field. */
export interface OpenContainer {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** An object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of fields such as `spec.containers`; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce(fieldOf, value);
}

function fieldOf(parent: unknown, field: string): unknown {
  return isFields(parent) && Object.hasOwn(parent, field) ? parent[field] : undefined;
}

/** The object there; an empty one where there is none. */
export function fieldsAt(value: unknown, path: string): Fields {
  const found = valueAt(value, path);
  return isFields(found) ? found : {};
}

/** The items of the list there. */
export function itemsAt(value: unknown, path: string): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** The text there, unless it is empty. */
export function textAt(value: unknown, path: string): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
