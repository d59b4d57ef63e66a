// What differs between two states of an object, field by field, as a person reads it. Pure.
import { ITEM_KEYS } from '../../charts/api/merge-keys.ts';
import { isFields } from '../../charts/api/open-values.ts';
import { APPLIED_HASH_ANNOTATION, OVERLAY_HASH_ANNOTATION, REVISION } from './our-fields.ts';

/** One field that differs; undefined where it is not. */
export interface Difference {
  /** Such as `spec.template.spec.containers[weather].image`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Fields that move by themselves, or whenever anything does. */
const MOVING = new Set(['metadata.managedFields', 'metadata.resourceVersion', 'metadata.generation', 'metadata.uid', 'metadata.creationTimestamp', 'status']);
const MOVING_ANNOTATIONS = [APPLIED_HASH_ANNOTATION, OVERLAY_HASH_ANNOTATION, REVISION, 'kubectl.kubernetes.io/last-applied-configuration'];

/**
 * All differences, in the order of the fields. Items of lists that are merged by a key are told by it; of any other list the items in their
 * places. What the API server counts by itself is left out.
 */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isMoving(path) || isSame(before, after)) return [];
  if (isEmptiable(before) && isEmptiable(after) && (isFields(before) || isFields(after))) return inFields(before ?? {}, after ?? {}, path);
  if (Array.isArray(before) && Array.isArray(after)) return inLists(before, after, path);
  return [{ path, before, after }];
}

/** An object without what the API server counts by itself: what there is to say of one that is new. */
export function withoutMoving(value: unknown, path = ''): unknown {
  if (!isFields(value)) return value;
  const kept = Object.entries(value).flatMap(([name, below]) => {
    const at = path === '' ? name : `${path}${step(name)}`;
    const inner = isMoving(at) ? undefined : withoutMoving(below, at);
    const isEmptied = isFields(inner) && isFields(below) && Object.keys(inner).length === 0 && Object.keys(below).length > 0;
    return inner === undefined || isEmptied ? [] : [[name, inner] as const];
  });
  return Object.fromEntries(kept);
}

function isMoving(path: string): boolean {
  return MOVING.has(path) || MOVING_ANNOTATIONS.some((name) => path === `metadata.annotations${step(name)}`);
}

/** A whole map that comes or goes is told by its fields, unless there are none. */
function isEmptiable(value: unknown): value is Readonly<Record<string, unknown>> | undefined {
  return value === undefined || (isFields(value) && Object.keys(value).length > 0);
}

function inFields(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, path: string): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}${step(name)}`));
}

function step(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `[${name}]`;
}

function inLists(before: readonly unknown[], after: readonly unknown[], path: string): Difference[] {
  const key = ITEM_KEYS.get(/(\w+)$/.exec(path)?.[1] ?? '')?.merge;
  const one = key === undefined ? undefined : keyed(before, key);
  const other = key === undefined ? undefined : keyed(after, key);
  const names = one && other ? [...new Set([...one.keys(), ...other.keys()])] : undefined;
  if (names !== undefined) return names.flatMap((name) => differences(one?.get(name), other?.get(name), `${path}[${name}]`));
  const longest = Math.max(before.length, after.length);
  return Array.from({ length: longest }, (_, index) => differences(before[index], after[index], `${path}[${index}]`)).flat();
}

/** By their key, where each has one of its own. */
function keyed(list: readonly unknown[], key: string): Map<string, unknown> | undefined {
  const items = new Map(list.flatMap((item) => (isFields(item) && isKey(item[key]) ? [[String(item[key]), item] as const] : [])));
  return items.size === list.length ? items : undefined;
}

function isKey(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (!isFields(one) || !isFields(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isSame(one[name], other[name]));
}
