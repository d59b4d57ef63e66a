// Walks the CRD's schema of the spec and sets fields in specs by the paths found there, such as `env[].valueFrom`.
import { customResourceDefinition } from '../../charts/api/crd.ts';

/** A node of the CRD's OpenAPI schema. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly [keyword: string]: unknown;
}

/** The CRD as far as tests look into it. */
export interface Crd {
  readonly spec: {
    readonly versions: readonly [
      {
        readonly schema: { readonly openAPIV3Schema: SchemaNode & { readonly properties: Record<'spec' | 'status', SchemaNode> } };
        readonly [field: string]: unknown;
      },
    ];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The CRD of MCPServer. */
export function crd(): Crd {
  return customResourceDefinition() as unknown as Crd;
}

/** Every field below `node` with its path; items of a list are `[]`. */
export function fieldsOf(node: SchemaNode, path = ''): [path: string, node: SchemaNode][] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([name, child]): [string, SchemaNode][] => {
    const childPath = path === '' ? name : `${path}.${name}`;
    return [[childPath, child], ...fieldsOf(child, childPath)];
  });
  return node.items?.properties ? [...inner, ...fieldsOf(node.items, `${path}[]`)] : inner;
}

/** Paths of all maps with free keys. */
export function mapsOf(node: SchemaNode): string[] {
  return fieldsOf(node).filter(([, { additionalProperties }]) => additionalProperties !== undefined).map(([path]) => path);
}

/** A copy of `spec` with `value` at `path`; parents that are missing are made, with what `required` says they need. */
export function withField(
  spec: object,
  path: string,
  options: { value: unknown; required?: Readonly<Record<string, object>> },
): Record<string, unknown> {
  const copy = structuredClone(spec) as Record<string, unknown>;
  const names = path.replaceAll('[]', '.[]').split('.');
  let parent = copy;
  for (const [depth, name] of names.entries()) {
    const key = name === '[]' ? '0' : name;
    if (depth === names.length - 1) {
      parent[key] = options.value;
      break;
    }
    const childPath = names.slice(0, depth + 1).join('.').replaceAll('.[]', '[]');
    parent[key] ??= names[depth + 1] === '[]' ? [] : structuredClone(options.required?.[childPath] ?? {});
    parent = parent[key] as Record<string, unknown>;
  }
  return copy;
}
