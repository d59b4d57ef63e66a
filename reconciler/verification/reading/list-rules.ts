// What clients require of a list of tools and of each tool in it, by era: the rules of the schemas of the official TypeScript clients
// (`ListToolsResultSchema`, `ToolSchema`), as a table that a list is compared with as it comes. Where versions 1 and 2 differ, the laxer counts.

export type Era = 'modern' | 'legacy';

type Kind = 'text' | 'object' | 'array' | 'flag' | 'count' | 'id';

/** What a value must be, and what must be in it. */
export interface Rule {
  readonly kind: Kind;
  readonly isRequired?: true;
  /** The only texts there may be. */
  readonly oneOf?: readonly string[];
  /** Of an object. */
  readonly members?: Readonly<Record<string, Rule>>;
  /** Of an array. */
  readonly element?: Rule;
}

const text: Rule = { kind: 'text' };
const flag: Rule = { kind: 'flag' };
const object: Rule = { kind: 'object' };
const type: Rule = { kind: 'text', isRequired: true, oneOf: ['object'] };
const schema = { type, properties: object, required: { kind: 'array', element: text } } satisfies Record<string, Rule>;
const icons: Rule = {
  kind: 'array',
  element: {
    kind: 'object',
    members: {
      src: { ...text, isRequired: true },
      mimeType: text,
      sizes: { kind: 'array', element: text },
      theme: { kind: 'text', oneOf: ['light', 'dark'] },
    },
  },
};
const annotations: Rule = {
  kind: 'object',
  members: { title: text, readOnlyHint: flag, destructiveHint: flag, idempotentHint: flag, openWorldHint: flag },
};
const tool = {
  name: { ...text, isRequired: true }, title: text, description: text, icons, annotations, _meta: object,
} satisfies Record<string, Rule>;

const meta: Rule = {
  kind: 'object',
  members: { progressToken: { kind: 'id' }, 'io.modelcontextprotocol/related-task': { kind: 'object', members: { taskId: { ...text, isRequired: true } } } },
};

/** The list itself: each tool has what tools of both eras have, and these members. */
function toolsWith(members: Readonly<Record<string, Rule>>): Rule {
  return { kind: 'array', isRequired: true, element: { kind: 'object', members: { ...tool, ...members } } };
}

const LEGACY: Rule = {
  kind: 'object',
  members: {
    nextCursor: text,
    _meta: meta,
    tools: toolsWith({
      inputSchema: { kind: 'object', isRequired: true, members: schema },
      outputSchema: { kind: 'object', members: schema },
      execution: { kind: 'object', members: { taskSupport: { kind: 'text', oneOf: ['required', 'optional', 'forbidden'] } } },
    }),
  },
};

const MODERN: Rule = {
  kind: 'object',
  members: {
    resultType: { kind: 'text', isRequired: true, oneOf: ['complete'] },
    ttlMs: { kind: 'count', isRequired: true },
    cacheScope: { kind: 'text', isRequired: true, oneOf: ['public', 'private'] },
    nextCursor: text,
    _meta: object,
    tools: toolsWith({
      inputSchema: { kind: 'object', isRequired: true, members: { $schema: text, type } },
      outputSchema: { kind: 'object', members: { $schema: text } },
    }),
  },
};

/** A rule made ready for looking at hundreds of thousands of values. */
export interface Check {
  readonly kind: Kind;
  readonly oneOf: readonly string[] | undefined;
  readonly members: ReadonlyMap<string, Check>;
  readonly element: Check | undefined;
  /** Of a member that must be there, its bit among those of its parent; else 0. */
  readonly bit: number;
  /** The bits of all members that must be there, with their names in their order. */
  readonly required: number;
  readonly names: readonly string[];
}

function checkOf({ kind, oneOf, members = {}, element }: Rule, bit = 0): Check {
  const names = Object.keys(members).filter((name) => members[name]?.isRequired === true);
  const bitOf = (name: string): number => (names.includes(name) ? 2 ** names.indexOf(name) : 0);
  return {
    kind, oneOf, bit, names,
    members: new Map(Object.entries(members).map(([name, member]) => [name, checkOf(member, bitOf(name))])),
    element: element && checkOf(element),
    required: 2 ** names.length - 1,
  };
}

/** Of the result of `tools/list`. */
export const LIST_CHECKS: Readonly<Record<Era, Check>> = { legacy: checkOf(LEGACY), modern: checkOf(MODERN) };

/** Of what no rule is about. */
export const UNCHECKED: Readonly<Record<'object' | 'array', Check>> = { object: checkOf({ kind: 'object' }), array: checkOf({ kind: 'array' }) };

const IN_WORDS: Readonly<Record<Kind, string>> = {
  text: 'no text', object: 'no object', array: 'no list', flag: 'neither true nor false', count: 'no whole number',
  id: 'neither a text nor a whole number',
};

/** What is wrong with a value that is no object and no array; undefined when nothing. Texts are given as they are written. */
export function flawOfScalar(value: unknown, { kind, oneOf }: Check): string | undefined {
  if (value === null) return 'is null';
  if (!isOfKind(value, kind)) return `is ${IN_WORDS[kind]}`;
  return oneOf === undefined || oneOf.some((each) => each === value) ? undefined : `is not ${oneOf.join(' or ')}`;
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'flag') return typeof value === 'boolean';
  if (kind === 'id') return typeof value === 'string' || Number.isInteger(value);
  return kind === 'count' && Number.isInteger(value) && Number(value) >= 0;
}

/** The same of an object or array. */
export function flawOfContainer(actual: 'object' | 'array', { kind }: Check): string | undefined {
  return actual === kind ? undefined : `is ${IN_WORDS[kind]}`;
}

/** The first member that must be there and is not among the bits of those seen. */
export function missingOf({ required, names }: Check, seen: number): string | undefined {
  // oxlint-disable-next-line no-bitwise -- a set of a handful of members, kept for each of hundreds of thousands of objects
  return (required & seen) === required ? undefined : names.find((_, index) => (seen & (2 ** index)) === 0);
}
