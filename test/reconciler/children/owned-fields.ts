// Reads the API server's record of which fields of a child the operator applied.
import type { Manifest } from '../../../charts/render.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { contains } from '../../../reconciler/compare/contains.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields of the child that the operator applied though the manifest lacks them, owner reference and own annotations aside. */
export function ownedButNotRendered({ metadata }: KubernetesObject, manifest: Manifest): string[] {
  const entries = (metadata.managedFields ?? []) as { manager: string; operation: string; fieldsV1: Fields }[];
  const own = entries.filter(({ manager }) => manager === 'mcp-operator');
  if (own.length !== 1 || own[0]?.operation !== 'Apply') return ['not exactly one apply is recorded'];
  return missing(own[0].fieldsV1, manifest, '');
}

function missing(owned: Fields, value: unknown, path: string): string[] {
  return Object.entries(owned).flatMap(([field, below]) => {
    if (field === '.' || field.startsWith('v:')) return [];
    const at = `${path}/${field}`;
    const item = field.startsWith('k:') ? findItem(value, JSON.parse(field.slice(2))) : (value as Fields | undefined)?.[field.slice(2)];
    return item === undefined && !isOperatorsOwn(at) ? [at] : missing(below as Fields, item, at);
  });
}

function findItem(list: unknown, keys: unknown): unknown {
  return (list as unknown[] | undefined)?.find((item) => contains(item, keys));
}

function isOperatorsOwn(path: string): boolean {
  return /^\/f:metadata\/f:(ownerReferences|annotations$|annotations\/f:mcp\.example\.com\/(owner|applied-hash|references)$)/.test(path);
}
