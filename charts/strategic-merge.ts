// Strategic merge of a pod template, as kubectl and API servers do it: lists that Kubernetes merges by a key keep the items
// that the patch does not name, every other list is replaced. Pure. Patches hold no null and no directive: rules refuse both.
import { ITEM_KEYS } from './api/merge-keys.ts';

/** Plain values of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonFields;
/** An object of JSON. */
export interface JsonFields {
  readonly [field: string]: Json;
}

/** Lists of texts that are merged (`x-kubernetes-patch-strategy: merge` without a key). */
export const MERGED_TEXTS: readonly string[] = ['finalizers'];

/** The template with the patch merged over it; neither is changed. Where kinds of values differ the patch counts. */
export function strategicMerge(original: JsonFields, patch: JsonFields): JsonFields {
  const merged = new Map(Object.entries(original));
  for (const [field, value] of Object.entries(patch)) {
    const before = merged.get(field);
    merged.set(field, before === undefined ? value : mergeField(field, before, value));
  }
  return Object.fromEntries(merged);
}

function mergeField(field: string, original: Json, patch: Json): Json {
  if (isFields(original) && isFields(patch)) return strategicMerge(original, patch);
  if (!isList(original) || !isList(patch)) return patch;
  const key = ITEM_KEYS.get(field)?.merge;
  if (key !== undefined) return mergeItems(original, patch, key);
  return MERGED_TEXTS.includes(field) ? mergeTexts(original, patch) : patch;
}

function mergeItems(original: readonly Json[], patch: readonly Json[], key: string): Json[] {
  const keyOf = (item: Json): Json | undefined => (isFields(item) ? item[key] : undefined);
  const merged = [...original];
  for (const item of patch) {
    const index = merged.findIndex((each) => keyOf(each) === keyOf(item));
    const before = merged[index];
    if (before === undefined) merged.push(item);
    else merged[index] = isFields(before) && isFields(item) ? strategicMerge(before, item) : item;
  }
  return inOrder(merged, { original: original.map(keyOf), patch: patch.map(keyOf), keyOf });
}

function mergeTexts(original: readonly Json[], patch: readonly Json[]): Json[] {
  return inOrder([...new Set([...original, ...patch])], { original, patch, keyOf: (text) => text });
}

interface Order {
  readonly original: readonly (Json | undefined)[];
  readonly patch: readonly (Json | undefined)[];
  readonly keyOf: (item: Json) => Json | undefined;
}

/**
 * What the patch names in the order of the patch, and the rest as it was. What is new stands before what stays, as with kubectl; an
 * item that stays comes first only where it stood before the next one of the patch.
 */
function inOrder(merged: readonly Json[], { original, patch, keyOf }: Order): Json[] {
  const place = (item: Json): number => original.indexOf(keyOf(item));
  const named = merged.filter((item) => patch.includes(keyOf(item))).toSorted((a, b) => patch.indexOf(keyOf(a)) - patch.indexOf(keyOf(b)));
  const staying = merged.filter((item) => !patch.includes(keyOf(item)));
  const ordered: Json[] = [];
  for (const item of named) {
    while (staying[0] !== undefined && place(item) >= 0 && place(staying[0]) < place(item)) ordered.push(...staying.splice(0, 1));
    ordered.push(item);
  }
  return [...ordered, ...staying];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** An object that is no list. */
export function isFields(value: Json): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
