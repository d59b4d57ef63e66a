// Types and bounds of the CRD's schema in words, for the API reference.
import * as z from 'zod';
import { QUANTITY_SYNTAX } from './quantity.ts';
import { dataKey, objectName } from './fields.ts';
import { asSaid } from './said-rules.ts';
import { LABEL_KEY, labels } from './scheduling-fields.ts';

/** A node of the CRD's OpenAPI schema, as far as the reference shows it. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-validations'?: unknown;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/** The pattern of a string, or of the values of a map. */
function patternOf(schema: z.ZodType): string {
  const { pattern, additionalProperties } = z.toJSONSchema(schema) as SchemaNode;
  return pattern ?? additionalProperties?.pattern ?? '';
}

/** What a pattern asks for, where that has a name. */
const NAMES: ReadonlyMap<string, string> = new Map([
  [patternOf(objectName()), 'object name (DNS-1123 subdomain)'],
  [patternOf(dataKey()), 'key of a ConfigMap or Secret'],
  [LABEL_KEY.source, 'label key'],
  [patternOf(labels), 'label value'],
]);

/** Type and bounds of a field, as Markdown that may stand in a table. */
export function typeOf(schema: SchemaNode): string {
  const node = asSaid(schema);
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node['x-kubernetes-int-or-string'] === true) return intOrString(node);
  if (node.items !== undefined) return list(node, node.items);
  if (node.additionalProperties !== undefined) return `map${between(undefined, node.maxProperties, ' keys')}; values: ${typeOf(node.additionalProperties)}`;
  if (node.type === 'string') return text(node);
  if (node.type === 'integer') return `integer${range(node)}`;
  return node.type ?? 'any';
}

function intOrString(node: SchemaNode): string {
  if (node.pattern === QUANTITY_SYNTAX.source) return 'quantity, such as `500m` or `1Gi`';
  return `integer${range(node)}, or string matching ${code(node.pattern ?? '')}`;
}

function list(node: SchemaNode, items: SchemaNode): string {
  const keys = node['x-kubernetes-list-map-keys'];
  const unique = keys === undefined ? '' : `, unique by ${keys.map(code).join(' and ')}`;
  const inner = items.properties === undefined ? `; items: ${typeOf(items)}` : '';
  return `list${between(node.minItems, node.maxItems, ' items')}${unique}${inner}`;
}

function text({ format, pattern, minLength, maxLength }: SchemaNode): string {
  if (format === 'date-time') return 'time (RFC 3339)';
  const name = pattern === undefined ? 'string' : (NAMES.get(pattern) ?? `string matching ${code(pattern)}`);
  return `${name}${between(minLength, maxLength, ' characters')}`;
}

function range({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return maximum === undefined ? '' : `, at most ${maximum}`;
  return maximum === undefined ? `, at least ${minimum}` : `, ${minimum} to ${maximum}`;
}

function between(least: number | undefined, most: number | undefined, unit: string): string {
  if (most === undefined) return least === undefined ? '' : `, at least ${least}${unit}`;
  return least === undefined || least === 0 ? `, at most ${most}${unit}` : `, ${least} to ${most}${unit}`;
}

/** Text as code that may stand in a table. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
