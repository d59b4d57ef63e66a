// What a text may be, refused in a sentence of ours. In the CRD a rule takes the place of the pattern or enum, for an API server says
// of those only what they are, and asks no rule beside an enum that is not kept.
import * as z from 'zod';

/** The parts of a schema that a rule may stand for. */
interface Said {
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-validations'?: unknown;
}

/** One of the values; `message` is said of any other. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T, message: string): z.ZodEnum<{ [K in T[number]]: K }> {
  const rule = `self in [${values.map((value) => `'${value}'`).join(', ')}]`;
  const longest = Math.max(...values.map(({ length }) => length));
  return z.enum(values, { error: message }).meta({ maxLength: longest * 4, 'x-kubernetes-validations': [{ rule, message }] });
}

/** Text of at most `max` characters that matches the pattern; `message` is said of any other. */
export function matching(pattern: RegExp, max: number, message: string): z.ZodString {
  return z.string().max(max).regex(pattern, message).meta({ 'x-kubernetes-validations': [{ rule: `self.matches(r'${pattern.source}')`, message }] });
}

/** Whether a schema of zod's is that of `oneOf` or `matching`: the pattern or enum then stays out of the CRD. */
export function isSaid(schema: Said): boolean {
  return saidIn(schema) !== undefined;
}

/** A schema of the CRD with the pattern or enum that its rule stands for. */
export function asSaid<T extends Said>(schema: T): T {
  const { message: _message, ...said } = saidIn(schema) ?? {};
  return { ...schema, ...said };
}

/** What is said of a value that the schema of the CRD refuses by such a rule; undefined where it has none. */
export function saidMessage(schema: Said): string | undefined {
  return saidIn(schema)?.message;
}

function saidIn(schema: Said): (Said & { readonly message: string }) | undefined {
  for (const { rule, message } of (schema['x-kubernetes-validations'] ?? []) as readonly { readonly rule: string; readonly message: string }[]) {
    const [, pattern] = /^self\.matches\(r'(.*)'\)$/.exec(rule) ?? [];
    const [, values] = /^self in \[(.*)\]$/.exec(rule) ?? [];
    if (pattern !== undefined) return { message, pattern };
    if (values !== undefined) return { message, enum: [...values.matchAll(/'([^']*)'/g)].map(([, value]) => value) };
  }
  return undefined;
}
