// Label selectors of the user, as the API server keeps them.

/**
 * The value without any empty `matchLabels`, however deep: it selects nothing, the API server drops it, and would see a
 * change in every apply that holds it.
 */
export function withoutEmptyMatchLabels<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, below: unknown) => (key === 'matchLabels' && isEmpty(below) ? undefined : below)) as T;
}

function isEmpty(map: unknown): boolean {
  return Object.keys(map as object).length === 0;
}
