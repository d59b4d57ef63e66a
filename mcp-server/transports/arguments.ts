// Arguments as models and forms send them, turned into what they mean, before a schema checks them: for all tools and prompts.
import * as z from 'zod';

/** What a schema says of its fields to clients; of more nothing is known here. */
interface Fields {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
  readonly required?: readonly string[];
}

/** A whole number as text. Programs that know floating-point numbers only write its fraction, too. */
const WHOLE_NUMBER = /^\d{1,15}(?:\.0+)?$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([['true', true], ['false', false]]);

const known = new WeakMap<z.ZodObject, Fields>();

function fieldsOf(schema: z.ZodObject): Fields {
  const fields = known.get(schema) ?? (z.toJSONSchema(schema, { io: 'input' }) as Fields);
  known.set(schema, fields);
  return fields;
}

/**
 * The arguments as they are meant: `null`, and `""` where nothing is required, stand for an argument that is left out; of a number
 * "50" and "50.0" stand for 50; of a boolean "true" and "false" in any case for themselves. Everything else stays as it is, for the
 * schema to refuse: what it does not know, and what can mean nothing.
 */
export function asMeant(schema: z.ZodObject, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { properties = {}, required = [] } = fieldsOf(schema);
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]): [string, unknown][] => {
      if (!Object.hasOwn(properties, name)) return [[name, value]];
      if (value === null || (value === '' && !required.includes(name))) return [];
      return [[name, typeof value === 'string' ? read(properties[name]?.type, value) : value]];
    }),
  );
}

function read(type: unknown, text: string): unknown {
  if ((type === 'integer' || type === 'number') && WHOLE_NUMBER.test(text)) return Number(text);
  return type === 'boolean' ? (BOOLEANS.get(text.toLowerCase()) ?? text) : text;
}
