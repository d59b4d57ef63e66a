// Random values of a schema as CRDs have it: whatever its types, enums, bounds, patterns and list keys let through, though
// of moderate size. What the schema does not say, its user adds by path.
import * as fc from 'fast-check';
import { asSaid } from '../../charts/api/said-rules.ts';
import type { SchemaNode } from './spec-schema.ts';

/** What a schema does not say of the value at a path, such as `env[].name`. */
export interface Further {
  /** What to generate instead, where more is asked for than the schema says. */
  readonly narrower: (path: string, node: SchemaNode) => fc.Arbitrary<unknown> | undefined;
  /** Fields of an object that exclude each other: one of these sets is there, and none of the others. */
  readonly alternatives: (path: string) => readonly (readonly string[])[] | undefined;
}

const MAX_TEXT = 24;

/** Text that a pattern lets through, up to `maxLength`. */
export function matching(pattern: RegExp, maxLength = MAX_TEXT): fc.Arbitrary<string> {
  return fc.stringMatching(pattern, { size: '-1' }).filter((written) => written.length <= maxLength);
}

/** Printable text of at least one character. What YAML or JavaScript could take for something else is more likely than elsewhere. */
export const arbitraryText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: matching(/^[!-~]([ -~]{0,10}[!-~])?$/) },
  { weight: 1, arbitrary: fc.constantFrom('true', 'no', '0777', '1e3', 'null', '~', '- a', 'a: b', '{}', '#x', 'ключ', 'line\nbreak\n', '"', "'") },
);

/** Keys of maps: those of labels and annotations, some as long as their prefix makes them. */
const mapKey = matching(/^[a-z]{1,6}(\.io\/[a-z]{1,6})?$/).filter((key) => key !== 'constructor');

/** Values of a schema. */
export function arbitraryOf(schema: SchemaNode, path: string, further: Further): fc.Arbitrary<unknown> {
  const node = asSaid(schema);
  const narrowed = further.narrower(path, node);
  if (narrowed !== undefined) return narrowed;
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  if (node['x-kubernetes-int-or-string'] === true) return fc.oneof(integer(node), text(node));
  if (node.type === 'boolean') return fc.boolean();
  if (node.type === 'integer') return integer(node);
  if (node.type === 'string') return text(node);
  if (node.items !== undefined) return list(node, path, further);
  if (node.additionalProperties === undefined) return object(node, path, further);
  return fc.dictionary(mapKey, arbitraryOf(node.additionalProperties, `${path}.*`, further), { maxKeys: 2 });
}

/** The bounds themselves now and then. */
function integer({ minimum: min = 0, maximum: max = 2_147_483_647 }: SchemaNode): fc.Arbitrary<number> {
  return fc.oneof({ weight: 1, arbitrary: fc.constantFrom(min, max) }, { weight: 3, arbitrary: fc.integer({ min, max }) });
}

function text({ pattern, minLength = 0, maxLength = MAX_TEXT }: SchemaNode): fc.Arbitrary<string> {
  if (pattern !== undefined) return matching(new RegExp(pattern), Math.min(maxLength, MAX_TEXT));
  const some = arbitraryText.filter(({ length }) => length >= minLength && length <= maxLength);
  return minLength === 0 ? fc.oneof({ weight: 4, arbitrary: some }, { weight: 1, arbitrary: fc.constant('') }) : some;
}

function list({ items = {}, minItems = 0, maxItems = 2, ...node }: SchemaNode, path: string, further: Further): fc.Arbitrary<unknown[]> {
  const item = arbitraryOf(items, `${path}[]`, further);
  const usual = /[.[]/.test(path) ? 2 : 4;
  const bounds = { minLength: minItems, maxLength: Math.min(maxItems, Math.max(minItems, usual)) };
  const keys = node['x-kubernetes-list-map-keys'] as readonly string[] | undefined;
  if (keys === undefined) return fc.array(item, bounds);
  return fc.uniqueArray(item, { ...bounds, selector: (each) => JSON.stringify(keys.map((key) => (each as Record<string, unknown>)[key])) });
}

function object({ properties = {}, required = [] }: SchemaNode, path: string, further: Further): fc.Arbitrary<object> {
  const fields = Object.entries(properties).map(([name, node]): [string, fc.Arbitrary<unknown>] => [
    name,
    arbitraryOf(node, `${path}.${name}`, further),
  ]);
  const alternatives = further.alternatives(path) ?? [[]];
  const exclusive = new Set(alternatives.flat());
  const records = alternatives.map((chosen) => fc.record(
    Object.fromEntries(fields.filter(([name]) => chosen.includes(name) || !exclusive.has(name))),
    { requiredKeys: [...required, ...chosen] },
  ));
  return fc.oneof(...records);
}
