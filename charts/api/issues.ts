// What the schema finds wrong with a spec, in sentences like those of the rules: what it must be, and what to do. Pure.
import type * as z from 'zod';
import { unusualCharacter } from './text-rules.ts';

/** One thing wrong with an MCPServer: where, and what to do. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** An issue as zod asks for its message; schemas that have a message of their own do not ask. */
type Asked = z.core.$ZodRawIssue;
type Of<Code extends z.core.$ZodIssueCode> = Extract<z.core.$ZodIssue, { readonly code: Code }>;

/** What is expected, by the names zod has for it. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
};

/** Names what is counted: characters of text, and so on. */
const COUNTED: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item', map: 'key', record: 'key' };

/** The message of an issue. For `safeParse(…, { error: sayIssue, reportInput: true })`. */
export function sayIssue(issue: Asked): string {
  // By the code, so that the compiler asks for a sentence where zod has a further kind.
  switch (issue.code) {
    case 'invalid_type':
      return sayType(issue as Of<'invalid_type'>);
    case 'too_big':
      return sayBound(issue as Of<'too_big'>, { word: 'most', beyond: 'less', bound: (issue as Of<'too_big'>).maximum });
    case 'too_small':
      return sayBound(issue as Of<'too_small'>, { word: 'least', beyond: 'more', bound: (issue as Of<'too_small'>).minimum });
    case 'invalid_format':
      return 'must have the form that docs/api.md gives for it';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'unknown field: check the spelling, or remove it';
    case 'invalid_value':
      return `must be ${alternatives(issue.values.map(String))}`;
    case 'invalid_union':
      return sayUnion(issue as Of<'invalid_union'>);
    case 'invalid_key':
    case 'invalid_element':
      return `has a ${issue.code === 'invalid_key' ? 'key' : 'value'} that cannot be: ${within(issue.issues)}`;
    case 'custom':
      return 'cannot be so; docs/api.md says what it may be';
    default:
      return issue satisfies never;
  }
}

/** The problems of a spec that does not fit its schema. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => {
    const field = ['spec', ...issue.path.map(String)].join('.');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ field: `${field}.${key}`, message: issue.message }));
    const character = issue.code === 'invalid_format' ? unusualCharacter(String(issue.input)) : undefined;
    const further = character === undefined ? '' : `; it has the character ${character}`;
    return [{ field, message: `${issue.message}${further}` }];
  });
}

function sayType({ expected, input }: Of<'invalid_type'>): string {
  if (input === undefined) return 'required: set it';
  const must = `must be ${KINDS[expected] ?? expected}, not ${described(input)}`;
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) {
    return `${must}: put it in quotes, without which YAML makes a ${typeof input} of it`;
  }
  return typeof input === 'string' && isQuoted(expected, input) ? `${must}: leave out the quotes` : must;
}

/** Whether text is what was expected but for the quotes around it. */
function isQuoted(expected: string, text: string): boolean {
  if (expected === 'boolean') return text === 'true' || text === 'false';
  return (expected === 'number' || expected === 'int') && /^-?\d{1,15}$/.test(text);
}

/** What stands there, by its kind alone: a text may be as long as it likes, and a secret in the wrong place. */
function described(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : String(value);
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  return ({ string: 'text', boolean: 'true or false', object: 'a mapping' } as Readonly<Record<string, string>>)[typeof value] ?? `a ${typeof value}`;
}

interface Bound {
  readonly word: 'most' | 'least';
  readonly beyond: 'less' | 'more';
  readonly bound: number | bigint;
}

function sayBound({ origin, inclusive = true, exact = false, input }: Of<'too_big'> | Of<'too_small'>, { word, beyond, bound }: Bound): string {
  const counted = COUNTED[origin];
  if (counted === undefined) {
    const found = typeof input === 'number' ? `, not ${input}` : '';
    return `must be ${inclusive ? `at ${word}` : `${beyond} than`} ${bound}${found}`;
  }
  if (word === 'least' && bound === 1 && !exact) return 'must not be empty';
  return `must have ${exact ? 'exactly' : `at ${word}`} ${bound} ${counted}${Number(bound) === 1 ? '' : 's'}`;
}

function sayUnion({ errors }: Of<'invalid_union'>): string {
  const said = [...new Set(errors.map(within))];
  return said.length === 0 ? 'must be one of several forms, and is more than one' : said.join(', or ');
}

function within(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')} ${message}`)).join(' and ');
}

/** `A`, `A or B`, `A, B or C`. */
function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
