// No message of the schema library reaches a user: every kind of mistake is told in a sentence of ours.
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { InvalidMCPServerError, resolveSpec } from '../../../charts/api/mcpserver.ts';
import { problemsOf, sayIssue, type Problem } from '../../../charts/api/issues.ts';
import { specWith, exampleSpecs } from '../../support/field-examples.ts';
import { crd, fieldsOf } from '../../support/spec-schema.ts';

type Code = z.core.$ZodIssueCode;

/** What is said of a value by a schema that has no message of its own. */
function said(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value, { error: sayIssue, reportInput: true });
  return problemsOf(error?.issues ?? []).map(({ field, message }) => `${field}: ${message}`);
}

/** By the kind of the issue. A kind that zod has and this table lacks does not compile. */
const KINDS: Readonly<Record<Code, readonly (readonly [schema: z.ZodType, value: unknown, message: string])[]>> = {
  invalid_type: [
    [z.string(), undefined, 'spec: required: set it'],
    [z.string(), 8080, 'spec: must be text, not a number: put it in quotes, without which YAML makes a number of it'],
    [z.string(), true, 'spec: must be text, not true or false: put it in quotes, without which YAML makes a boolean of it'],
    [z.string(), ['a'], 'spec: must be text, not a list'],
    [z.int(), 1.5, 'spec: must be a whole number, not 1.5'],
    [z.int(), '80', 'spec: must be a number, not text: leave out the quotes'],
    [z.int(), 'http', 'spec: must be a number, not text'],
    [z.number(), Number.NaN, 'spec: must be a number, not NaN'],
    [z.boolean(), 'true', 'spec: must be true or false, not text: leave out the quotes'],
    [z.boolean(), 'yes', 'spec: must be true or false, not text'],
    [z.boolean(), 1, 'spec: must be true or false, not a number'],
    [z.array(z.string()), 'a', 'spec: must be a list, not text'],
    [z.array(z.string()), [null], 'spec.0: must be text, not null'],
    [z.record(z.string(), z.string()), ['a'], 'spec: must be a mapping, not a list'],
    [z.strictObject({ a: z.string() }), 'image', 'spec: must be a mapping, not text'],
    [z.strictObject({ a: z.strictObject({ b: z.int() }) }), { a: {} }, 'spec.a.b: required: set it'],
  ],
  too_big: [
    [z.int().max(65_535), 99_999, 'spec: must be at most 65535, not 99999'],
    [z.number().lt(1), 1, 'spec: must be less than 1, not 1'],
    [z.string().max(2), 'abc', 'spec: must have at most 2 characters'],
    [z.array(z.int()).max(1), [1, 2], 'spec: must have at most 1 item'],
    [z.string().length(2), 'abc', 'spec: must have exactly 2 characters'],
  ],
  too_small: [
    [z.int().min(1), 0, 'spec: must be at least 1, not 0'],
    [z.number().gt(0), 0, 'spec: must be more than 0, not 0'],
    [z.string().min(1), '', 'spec: must not be empty'],
    [z.array(z.int()).min(1), [], 'spec: must not be empty'],
    [z.array(z.int()).min(2), [1], 'spec: must have at least 2 items'],
    [z.string().length(1), '', 'spec: must have exactly 1 character'],
  ],
  invalid_format: [
    [z.string().regex(/^a$/), 'b', 'spec: must have the form that docs/api.md gives for it'],
    [z.string().regex(/^a$/, 'must be a'), 'é', 'spec: must be a; it has the character U+00E9'],
  ],
  not_multiple_of: [[z.int().multipleOf(5), 7, 'spec: must be a multiple of 5']],
  unrecognized_keys: [[z.strictObject({}), { a: 1, b: 1 }, 'spec.a: unknown field: check the spelling, or remove it']],
  invalid_union: [
    [z.union([z.int().min(1), z.string().min(1)]), true, 'spec: must be a number, not true or false, or must be text, not true or false: put it in quotes, without which YAML makes a boolean of it'],
    [z.xor([z.string(), z.string()]), 'a', 'spec: must be one of several forms, and is more than one'],
  ],
  invalid_key: [[z.record(z.string().max(1), z.int()), { ab: 1 }, 'spec.ab: has a key that cannot be: must have at most 1 character']],
  invalid_element: [[z.map(z.object(), z.int().max(1)), new Map([[{}, 2]]), 'spec: has a value that cannot be: must be at most 1, not 2']],
  invalid_value: [
    [z.enum(['Always', 'Never']), 'always', 'spec: must be Always or Never'],
    [z.enum(['A', 'B', 'C']), 1, 'spec: must be A, B or C'],
    [z.literal('A'), '', 'spec: must be A'],
  ],
  custom: [
    [z.string().refine(() => false), 'a', 'spec: cannot be so; docs/api.md says what it may be'],
    [z.string().refine(() => false, 'must rhyme'), 'a', 'spec: must rhyme'],
  ],
};
const CASES = Object.entries(KINDS).flatMap(([code, cases]) => cases.map(([schema, value, message]) => ({ code, schema, value, message })));

describe('what a schema finds', () => {
  it.each(CASES)('is told in a sentence: $code, $message', ({ code, schema, value, message }) => {
    expect(schema.safeParse(value).error?.issues.map((issue) => issue.code)).toContain(code);
    expect(said(schema, value)).toContain(message);
  });
});

/** What every field is tried with, besides the examples of its own. */
const WRONG = [
  true, 0, -1, 1.5, 1e18, Number.NaN, '', 'é', ' ', 'true', '8080', 'x'.repeat(300_000),
  [], [null], [1], {}, { a: null }, { a: 1 }, { 'a b': 'c' },
];

function problemsIn(spec: unknown): readonly Problem[] {
  try {
    resolveSpec('demo', spec);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidMCPServerError)) throw error;
    return error.problems;
  }
}

describe('every field of the spec', () => {
  const fields = fieldsOf(crd().spec.versions[0].schema.openAPIV3Schema.properties.spec).map(([path]) => path);
  /** How the library words what nobody worded for it. */
  const RAW = /^(Invalid|Too |Unrecognized|Expected)|\breceived\b|must match pattern/;
  /** What is said where a schema lacks the sentence that it should have. */
  const VAGUE = /docs\/api\.md/;

  it.each(fields)('%s has a sentence for whatever is wrong with it', (path) => {
    const found = WRONG.flatMap((value) => problemsIn(specWith(path, value)));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ message }) => RAW.test(message) || VAGUE.test(message) || message === '')).toEqual([]);
  });

  it('has one for every example of what it refuses', () => {
    const found = exampleSpecs('rejected').flatMap(([, spec]) => problemsIn(spec));
    expect(found.length).toBeGreaterThan(1000);
    expect(found.filter(({ message }) => RAW.test(message) || VAGUE.test(message) || message === '')).toEqual([]);
  });
});
