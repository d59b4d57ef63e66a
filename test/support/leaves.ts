// Leaves of values: those that are empty, and of open fields those that are not found again in what is rendered, as the API server
// keeps them.
import { canonicalQuantity } from '../../charts/api/quantity.ts';

/** What is written and not found, with the names on the way to it, items by their keys. What is nothing is left out. */
export function missingLeaves(written: unknown, found: unknown): string[] {
  const there = leavesOf(found);
  return leavesOf(written).filter((leaf) => !there.includes(leaf));
}

function leavesOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => leavesOf(item, `${path}[${keyOf(item) ?? index}]`));
  if (typeof value === 'object' && value !== null) {
    const isAmounts = /\.(limits|requests)$/.test(path);
    return Object.entries(value).flatMap(([key, below]) =>
      leavesOf(isAmounts || key === 'sizeLimit' ? canonicalQuantity(below as string) : below, `${path}.${key}`));
  }
  return isNothing(value, path) ? [] : [`${path}=${JSON.stringify(value)}`];
}

function isNothing(value: unknown, path: string): boolean {
  if (value === '') return !/(annotations|labels|args)/.test(path);
  return value === false || (value === 0 && path.endsWith('.initialDelaySeconds'));
}

function keyOf(item: unknown): string | undefined {
  const { name, mountPath, containerPort } = (item ?? {}) as Record<string, unknown>;
  const key = mountPath ?? containerPort ?? name;
  return key === undefined ? undefined : JSON.stringify(key);
}

/** Paths of empty values below `value`. */
export function empties(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([key, child]) => empties(child, `${path}/${key}`));
}
