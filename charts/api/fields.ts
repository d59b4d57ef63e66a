// Building blocks of the API schema: bounded strings, maps, quantities and lists that become valid CRD schemas.
import * as z from 'zod';
import { QUANTITY_SYNTAX } from './quantity.ts';

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A DNS-1123 subdomain, the syntax of most object names. */
export const objectName = (): z.ZodString =>
  z.string().min(1).max(253).regex(OBJECT_NAME, 'must be the name of an object: lower-case letters, digits and "-", in parts joined by "." that begin and end with a letter or digit');

/** A DNS-1123 label of at most 63 characters, the syntax of names within a pod. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
export const DNS_LABEL_SYNTAX = 'must be lower-case letters, digits and "-", and begin and end with a letter or digit';

/** What an image may be called: no blanks, and nothing outside ASCII. */
export const IMAGE = /^[!-~]+$/;
export const IMAGE_SYNTAX = 'cannot contain blanks, or characters outside ASCII: give it as registry/name:tag or registry/name@digest';

/** Key of a ConfigMap or Secret. */
export const dataKey = (): z.ZodString => z.string().min(1).max(253).regex(/^[-._a-zA-Z0-9]+$/, 'must be letters, digits, "-", "_" and "."');

const QUANTITY_MESSAGE = 'must be an amount, which is a whole number or text such as "0.5", "500m" or "1Gi"; put one with a point or a unit in quotes';

/**
 * An amount in any spelling Kubernetes accepts (`500m`, `0.5`, `1Gi`, `1`).
 * In the CRD it is an int-or-string whose pattern refuses what the API server could not parse.
 */
export const quantity = (): z.ZodType<string | number, string | number> =>
  intOrString(QUANTITY_SYNTAX, { min: 0, max: Number.MAX_SAFE_INTEGER, message: QUANTITY_MESSAGE });

interface IntOrString {
  readonly min: number;
  readonly max: number;
  /** What is said of anything else. */
  readonly message: string;
}

/** A whole number within bounds, or text that matches a pattern: what Kubernetes calls an int-or-string. */
export function intOrString(pattern: RegExp, { min, max, message }: IntOrString): z.ZodType<string | number, string | number> {
  return z
    .union([z.int().min(min).max(max), z.string().min(1).max(32).regex(pattern, message)], {
      error: ({ input }) => (input === undefined ? undefined : message),
    })
    .meta({ 'x-kubernetes-int-or-string': true, pattern: pattern.source, maxLength: 32, minimum: min, maximum: max });
}

/** Names that mean something else to JavaScript objects, in which cdk8s keeps maps. */
export const UNUSABLE_KEYS: readonly string[] = ['constructor', '__proto__'];
const UNUSABLE_MESSAGE = 'the keys constructor and __proto__ cannot be used';
/** Said of some thirty maps of the CRD, so it is short. */
const UNUSABLE_CEL = UNUSABLE_KEYS.map((key) => `!('${key}' in self)`).join('&&');

/** A map with at most `max` keys; `tooMany` is said of more. A CRD cannot bound keys: where they matter, a rule does. */
export function boundedMap<T extends z.ZodType>(value: T, max: number, tooMany = `must have at most ${max} keys`): z.ZodRecord<z.ZodString, T> {
  return z
    .record(z.string(), value)
    .refine((map) => Object.keys(map).length <= max, tooMany)
    .refine((map) => !Object.keys(map).some((key) => UNUSABLE_KEYS.includes(key)), UNUSABLE_MESSAGE)
    .meta({ maxProperties: max, 'x-kubernetes-validations': [{ rule: UNUSABLE_CEL, message: UNUSABLE_MESSAGE }] });
}

/** A list that server-side apply merges by `keys`, which must be unique in it. */
export function listMap<T extends z.ZodType>(item: T, options: { keys: readonly string[]; max: number }): z.ZodArray<T> {
  return z
    .array(item)
    .max(options.max)
    .refine((items) => isUnique(items, options.keys), `must not hold two items with the same ${options.keys.join(' and ')}`)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': options.keys });
}

function isUnique(items: readonly unknown[], keys: readonly string[]): boolean {
  const seen = items.map((item) => JSON.stringify(keys.map((key) => (item as Record<string, unknown>)[key])));
  return new Set(seen).size === seen.length;
}
