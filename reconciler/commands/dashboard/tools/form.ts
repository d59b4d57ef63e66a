// The form of a tool, made of its input schema, which may say anything: what is simple becomes fields, all else JSON. Pure.
// No pattern is looked at, and nothing outside the schema.
import { plain } from '../../../../kubernetes/text.ts';
import { isObject, type JsonObject } from '../../../verification/reading/shape.ts';
import type { ToldField } from '../told.ts';

/** So much of a schema is read: characters of its JSON, and levels in it. */
const LONGEST_SCHEMA = 64 * 1024;
const MOST_LEVELS = 20;
/** Fields of a form, groups within groups, choices of a field, and references one after the other. */
const MOST_FIELDS = 200;
const MOST_GROUPS = 5;
const MOST_CHOICES = 200;
const MOST_REFERENCES = 20;
const LONGEST_LABEL = 100;
const LONGEST_DESCRIPTION = 500;
const LONGEST_DEFAULT = 4096;

const SIMPLE = ['text', 'number', 'integer', 'boolean'] as const;
type Simple = (typeof SIMPLE)[number];

/** What all fields of one form share. */
interface Form {
  readonly root: JsonObject;
  fields: number;
}

class TooLarge extends Error {}

/** The fields; null where the whole of the arguments is written as JSON. */
export function formOf(schema: unknown): readonly ToldField[] | null {
  if (!isObject(schema) || isDeeper(schema, MOST_LEVELS) || JSON.stringify(schema).length > LONGEST_SCHEMA) return null;
  if (!isObject(schema['properties']) || ['anyOf', 'oneOf', 'allOf', '$ref'].some((name) => Object.hasOwn(schema, name))) return null;
  try {
    return fieldsOf(schema, { root: schema, fields: 0 }, 0);
  } catch (error) {
    if (error instanceof TooLarge) return null;
    throw error;
  }
}

/** Whether a value has more levels: each of its parts is looked at once, and none calls for another. */
export function isDeeper(value: unknown, levels: number): boolean {
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((each) => Object.values(each).filter((part): part is object => typeof part === 'object' && part !== null));
  }
  return false;
}

function fieldsOf(schema: JsonObject, form: Form, groups: number): ToldField[] {
  const { properties, required } = schema;
  const wanted = new Set<unknown>(Array.isArray(required) ? required : []);
  return Object.entries(isObject(properties) ? properties : {}).map(([name, property]) => {
    form.fields += 1;
    if (form.fields > MOST_FIELDS) throw new TooLarge();
    return fieldOf({ name, isRequired: wanted.has(name) }, property, { form, groups });
  });
}

interface Place {
  readonly form: Form;
  readonly groups: number;
}

function fieldOf({ name, isRequired }: Pick<ToldField, 'name' | 'isRequired'>, property: unknown, { form, groups }: Place): ToldField {
  const given = isObject(property) ? property : {};
  const schema = meant(given, form.root);
  // What stands beside a reference is about this field, and not about all that refer to the same.
  const said = (member: string): unknown => given[member] ?? schema?.[member];
  const title = said('title');
  const description = said('description');
  const common = {
    name,
    label: plain(typeof title === 'string' && title !== '' ? title : name, LONGEST_LABEL),
    description: typeof description === 'string' ? plain(description, LONGEST_DESCRIPTION) : '',
    isRequired,
    default: defaultOf(said('default')),
    choices: [],
    element: null,
    fields: [],
  };
  if (schema === undefined) return { ...common, kind: 'json' };
  const choices = choicesOf(schema);
  if (choices !== undefined) return { ...common, kind: 'choice', choices };
  const kind = simpleOf(schema);
  if (kind !== undefined) return { ...common, kind };
  const element = schema['type'] === 'array' && isObject(schema['items']) ? meant(schema['items'], form.root) : undefined;
  const simple = element === undefined || choicesOf(element) !== undefined ? undefined : simpleOf(element);
  if (simple !== undefined) return { ...common, kind: 'list', element: simple };
  if (typeOf(schema) !== 'object' || !isObject(schema['properties']) || groups === MOST_GROUPS) return { ...common, kind: 'json' };
  return { ...common, kind: 'group', fields: fieldsOf(schema, form, groups + 1) };
}

/** The schema itself: behind references within the whole, and the one of two of which the other is null. Undefined where that is not simple. */
function meant(schema: JsonObject, root: JsonObject): JsonObject | undefined {
  let at: unknown = schema;
  for (let hops = 0; hops <= MOST_REFERENCES; hops += 1) {
    if (!isObject(at)) return undefined;
    const { $ref: reference, anyOf, oneOf, allOf } = at;
    const either = anyOf ?? oneOf ?? allOf;
    if (reference === undefined && either === undefined) return at;
    if (reference === undefined) {
      const others = Array.isArray(either) ? either.filter((each) => !(isObject(each) && each['type'] === 'null')) : [];
      if (others.length !== 1 || (allOf !== undefined && Object.hasOwn(at, 'properties'))) return undefined;
      [at] = others;
    } else {
      at = typeof reference === 'string' ? behind(reference, root) : undefined;
    }
  }
  return undefined;
}

/** What a reference within the schema leads to; undefined for any other. */
function behind(reference: string, root: JsonObject): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const name of reference.slice(2).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

function typeOf({ type }: JsonObject): unknown {
  if (!Array.isArray(type)) return type;
  const others = type.filter((each) => each !== 'null');
  return others.length === 1 ? others[0] : undefined;
}

function simpleOf(schema: JsonObject): Simple | undefined {
  const type = typeOf(schema);
  return type === 'string' ? 'text' : SIMPLE.find((each) => each === type && each !== 'text');
}

function choicesOf(schema: JsonObject): ToldField['choices'] | undefined {
  const values: unknown = Object.hasOwn(schema, 'const') ? [schema['const']] : schema['enum'];
  if (!Array.isArray(values) || values.length === 0 || values.length > MOST_CHOICES) return undefined;
  if (values.some((value) => typeof value === 'object' && value !== null)) return undefined;
  return values.map((value) => ({ label: plain(String(value), LONGEST_LABEL), json: JSON.stringify(value) }));
}

function defaultOf(value: unknown): string | null {
  const text = value === undefined || value === null ? null : JSON.stringify(value);
  return text === null || text.length > LONGEST_DEFAULT ? null : text;
}
