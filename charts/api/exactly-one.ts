// The commonest rule of all, in both languages: an item has exactly one of some fields.

/** CEL that is true when the item has exactly one of the fields. */
export function exactlyOneCel(item: string, fields: readonly string[]): string {
  return `[${fields.map((field) => `has(${item}.${field})`).join(', ')}].filter(x, x).size() == 1`;
}

/** The same in TypeScript. */
export function hasExactlyOne(item: object, fields: readonly string[]): boolean {
  return fields.filter((field) => (item as Readonly<Record<string, unknown>>)[field] !== undefined).length === 1;
}
