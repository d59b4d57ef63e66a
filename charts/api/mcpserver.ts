// The MCPServer resource as a whole: its type, and the check every reader of one makes first.
import { API_VERSION, KIND } from './group.ts';
import { problemsOf, sayIssue, type Problem } from './issues.ts';
import { MAX_NAME_LENGTH, NAME_MESSAGE, NAME_PATTERN, SPEC_RULES } from './rules.ts';
import type { SpecRule } from './spec-rule.ts';
import { OPEN_FIELDS } from './open-fields.ts';
import { openProblems } from './open-rules.ts';
import { specSchema, type MCPServerSpec, type ResolvedSpec } from './spec.ts';
import { unfitTexts } from './text-rules.ts';

export type { Problem } from './issues.ts';

/** What is needed of an MCPServer to render it. */
export interface MCPServerManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec: MCPServerSpec;
}

/** So many problems are listed, and so much of each: a spec may hold thousands of keys, each as long as it likes. */
const [MAX_LISTED, MAX_FIELD, MAX_PROBLEM] = [50, 200, 500];

/** The problems in one line, the first fifty of them; what a spec quotes of itself is cut off. */
export function listProblems(problems: readonly Problem[]): string {
  const listed = problems.slice(0, MAX_LISTED).map(({ field, message }) => `${cutOff(field, MAX_FIELD)}: ${cutOff(message, MAX_PROBLEM)}`);
  return [...listed, ...(problems.length > MAX_LISTED ? [`and ${problems.length - MAX_LISTED} more`] : [])].join('; ');
}

function cutOff(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Thrown for an MCPServer that breaks a rule. The message lists every problem. */
export class InvalidMCPServerError extends Error {
  override readonly name = 'InvalidMCPServerError';
  readonly problems: readonly Problem[];

  constructor(name: string, problems: readonly Problem[]) {
    super(`${KIND} ${name} is invalid: ${listProblems(problems)}`);
    this.problems = problems;
  }
}

/** Whether a manifest claims to be an MCPServer of the served version. */
export function isMCPServer(manifest: unknown): manifest is MCPServerManifest {
  const { apiVersion, kind } = (manifest ?? {}) as Partial<MCPServerManifest>;
  return apiVersion === API_VERSION && kind === KIND;
}

/** Of a spec that is `stored` already, rules that may be younger than it do not count. */
export interface ResolveOptions {
  readonly stored?: boolean | undefined;
}

/**
 * The spec with every default filled in.
 * @throws InvalidMCPServerError naming everything that breaks the schema or a rule.
 */
export function resolveSpec(name: string, spec: unknown, { stored = false }: ResolveOptions = {}): ResolvedSpec {
  const problems: Problem[] = nameProblems(name);
  const parsed = specSchema.safeParse(withoutUnset(spec, OPEN_FIELDS), { reportInput: true, error: sayIssue });
  if (!parsed.success) throw new InvalidMCPServerError(name, [...problems, ...problemsOf(parsed.error.issues)]);
  for (const rule of SPEC_RULES) {
    if (stored && rule.sparesStored === true) continue;
    if (!rule.holds(parsed.data)) problems.push(ruleProblem(rule, parsed.data));
  }
  const further = [...openProblems(parsed.data), ...unfitTexts(parsed.data, { stored })];
  problems.push(...further.map(({ field, message }) => ({ field: `spec.${field}`, message })));
  if (problems.length > 0) throw new InvalidMCPServerError(name, problems);
  return parsed.data;
}

function nameProblems(name: string): Problem[] {
  const isValid = typeof name === 'string' && name.length <= MAX_NAME_LENGTH && NAME_PATTERN.test(name);
  return isValid ? [] : [{ field: 'metadata.name', message: NAME_MESSAGE }];
}

function ruleProblem({ field, message, found }: SpecRule, spec: ResolvedSpec): Problem {
  return { field: field === '' ? 'spec' : `spec.${field}`, message: found === undefined ? message : `${message} (${found.of(spec)})` };
}

/**
 * The API server reads `field: null` as "not set"; so do we, and `undefined` of a construct's props likewise. Below the fields
 * named in `open` null is refused, which is for their rules to say.
 */
function withoutUnset(value: unknown, open: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutUnset(item));
  if (typeof value !== 'object' || value === null) return value;
  const set = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(set.map(([key, item]) => [key, open.includes(key) ? item : withoutUnset(item)]));
}
