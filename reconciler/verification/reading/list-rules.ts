// What clients require of a list of tools and of each tool in it, by era: the rules of the schemas of the official TypeScript clients
// (`ListToolsResultSchema`, `ToolSchema`), as a table that a list is compared with as it comes. Where versions 1 and 2 differ, the laxer counts.

export type Era = 'modern' | 'legacy';

type Kind = 'text' | 'object' | 'array' | 'flag' | 'count';

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

const LEGACY: Rule = {
  kind: 'object',
  members: {
    nextCursor: text,
    _meta: object,
    tools: {
      kind: 'array',
      isRequired: true,
      element: {
        kind: 'object',
        members: {
          ...tool,
          inputSchema: { kind: 'object', isRequired: true, members: schema },
          outputSchema: { kind: 'object', members: schema },
          execution: object,
        },
      },
    },
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
    tools: {
      kind: 'array',
      isRequired: true,
      element: {
        kind: 'object',
        members: {
          ...tool,
          inputSchema: { kind: 'object', isRequired: true, members: { $schema: text, type } },
          outputSchema: { kind: 'object', members: { $schema: text } },
        },
      },
    },
  },
};

/** Of the result of `tools/list`. */
export const LIST_RULES: Readonly<Record<Era, Rule>> = { legacy: LEGACY, modern: MODERN };

/** The rule about a member or element, undefined where there is none. */
export function ruleWithin(rule: Rule | undefined, name: string): Rule | undefined {
  if (rule?.kind === 'array') return rule.element;
  return rule?.members !== undefined && Object.hasOwn(rule.members, name) ? rule.members[name] : undefined;
}

const IN_WORDS: Readonly<Record<Kind, string>> = {
  text: 'no text', object: 'no object', array: 'no list', flag: 'neither true nor false', count: 'no whole number',
};

/** What is wrong with a value that is no object and no array; undefined when nothing. Texts are given as they are written. */
export function flawOfScalar(value: unknown, { kind, oneOf }: Rule): string | undefined {
  if (value === null) return 'is null';
  if (!isOfKind(value, kind)) return `is ${IN_WORDS[kind]}`;
  return oneOf === undefined || oneOf.some((each) => each === value) ? undefined : `is not ${oneOf.join(' or ')}`;
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'flag') return typeof value === 'boolean';
  return kind === 'count' && Number.isInteger(value) && Number(value) >= 0;
}

/** The same of an object or array. */
export function flawOfContainer(actual: 'object' | 'array', { kind }: Rule): string | undefined {
  return actual === kind ? undefined : `is ${IN_WORDS[kind]}`;
}

/** The first member that must be there and is not among those seen. */
export function missingOf(rule: Rule, seen: ReadonlySet<string>): string | undefined {
  return Object.entries(rule.members ?? {}).find(([name, { isRequired }]) => isRequired === true && !seen.has(name))?.[0];
}
