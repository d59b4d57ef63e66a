// The types of a spec as users write it, imports/mcpserver-spec.ts: what each field is, its bounds and its default, for editors to show.
// They are those that zod infers, which a test proves; inferred ones have no text to show. Pure: text out.
import { customResourceDefinition } from './crd.ts';
import { typeOf, type SchemaNode } from './reference-type.ts';
import { asSaid } from './said-rules.ts';

const ROOT = 'MCPServerSpec';
const PRESERVES = 'x-kubernetes-preserve-unknown-fields';

interface Crd {
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: SchemaNode } }] };
}

/** Interfaces by the shape of what they describe, which may stand in several places. */
type Names = ReadonlyMap<string, string>;

/** The text of imports/mcpserver-spec.ts. Deterministic. */
export function specTypes(): string {
  const [{ schema }] = (customResourceDefinition() as unknown as Crd).spec.versions;
  const root = schema.openAPIV3Schema.properties?.['spec'] ?? {};
  const shapes = shapesBelow(root);
  const names = namesOf(shapes);
  const inner = [...shapes].map(([shape, { node }]) => `export interface ${names.get(shape)} ${fields(node, names)}`);
  return [
    '// Written by `npm run generate` from charts/api/. Do not edit.',
    '/* eslint-disable */',
    `/** The spec of an MCPServer as users write it: what has a default may be left out. */\nexport interface ${ROOT} ${fields(root, names)}`,
    ...inner,
  ].join('\n\n').replace('edit.\n\n', 'edit.\n').concat('\n');
}

interface Shape {
  readonly node: SchemaNode;
  readonly paths: string[][];
}

/** Objects with fields of their own below one, each shape once, with all its places. */
function shapesBelow(node: SchemaNode, path: readonly string[] = [], found = new Map<string, Shape>()): Map<string, Shape> {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const inner = child.items ?? child;
    if (inner.properties === undefined) continue;
    const shape = shapeOf(inner);
    const known = found.get(shape) ?? { node: inner, paths: [] };
    known.paths.push([...path, name]);
    found.set(shape, known);
    shapesBelow(inner, [...path, name], found);
  }
  return found;
}

function shapeOf({ properties, required }: SchemaNode): string {
  return JSON.stringify([properties, required]);
}

function namesOf(shapes: ReadonlyMap<string, Shape>): Names {
  const names = new Map<string, string>();
  const taken = new Set<string>([ROOT]);
  for (const [shape, { paths }] of shapes) {
    const short = `Spec${commonName(paths)}`;
    const name = taken.has(short) ? `Spec${pascal(paths[0] ?? [])}` : short;
    if (taken.has(name)) throw new Error(`two shapes would be named ${name}`);
    taken.add(name);
    names.set(shape, name);
  }
  return names;
}

/** The path itself; of several places what their names end with, or else what they stand in. */
function commonName(paths: readonly string[][]): string {
  const [first = []] = paths;
  if (paths.length === 1) return pascal(first);
  const words = paths.map((path) => pascal(path.slice(-1)).split(/(?=[A-Z])/));
  const shared = common(words.map((each) => each.toReversed())).toReversed();
  const folder = common(paths);
  return shared.length > 0 ? shared.join('') : pascal(folder.length > 0 ? [...folder, 'each'] : first);
}

/** What all lists begin with. */
function common(lists: readonly (readonly string[])[]): string[] {
  const [first = []] = lists;
  const end = first.findIndex((word, index) => lists.some((list) => list[index] !== word));
  return first.slice(0, end < 0 ? undefined : end);
}

function pascal(path: readonly string[]): string {
  return path.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join('');
}

function fields(node: SchemaNode, names: Names): string {
  const isOpen = Object.hasOwn(node, PRESERVES);
  const lines = Object.entries(node.properties ?? {}).map(([name, child]) => {
    const isRequired = node.required?.includes(name) === true;
    return `${comment(child)}\n  ${isOpen ? 'readonly ' : ''}${name}${isRequired ? '' : '?'}: ${typeText(child, names)}${isRequired ? '' : ' | undefined'};`;
  });
  return `{\n${[...lines, ...(isOpen ? ['  readonly [field: string]: unknown;'] : [])].join('\n')}\n}`;
}

function typeText(schema: SchemaNode, names: Names): string {
  const node = asSaid(schema);
  if (node.enum !== undefined) return node.enum.map((value) => `'${String(value)}'`).join(' | ');
  if (node['x-kubernetes-int-or-string'] === true) return 'string | number';
  if (node.items !== undefined) return listOf(typeText(node.items, names));
  if (node.additionalProperties !== undefined) return `Record<string, ${typeText(node.additionalProperties, names)}>`;
  if (node.properties !== undefined) return names.get(shapeOf(node)) ?? 'never';
  if (Object.hasOwn(node, PRESERVES)) return 'Record<string, unknown>';
  return node.type === 'integer' ? 'number' : (node.type ?? 'unknown');
}

function listOf(item: string): string {
  return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
}

/** What an editor shows: description, bounds, default. */
function comment(node: SchemaNode): string {
  const bounds = boundsOf(node);
  const parts = [
    node.description ?? '',
    ...(bounds === undefined ? [] : ['', bounds]),
    ...(node.default === undefined ? [] : [`@default ${JSON.stringify(node.default)}`]),
  ];
  return `  /**\n${parts.map((part) => `   * ${part}`.trimEnd()).join('\n')}\n   */`.replaceAll(/\*\/(?!$)/g, '*\\/');
}

/** Type and bounds in words; undefined where the type says it all. */
function boundsOf(schema: SchemaNode): string | undefined {
  const node = asSaid(schema);
  if (node.enum !== undefined || node.type === 'boolean' || (node.type === 'object' && node.additionalProperties === undefined)) return undefined;
  const words = typeOf(node).replaceAll('\\|', '|');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
