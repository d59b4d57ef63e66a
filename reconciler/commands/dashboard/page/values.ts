// What is in the fields of a tool's form, as the arguments of a call, or in words what is wrong with it. Pure.
import type { ToldField } from '../told.ts';

/** What is in the fields, by their ids. */
export type Inputs = Readonly<Record<string, string>>;

/** A field keeps what it says of the value by this name. */
export const WHOLE = 'whole';

export interface Filled {
  /** Undefined where something is wrong. */
  readonly arguments: object | undefined;
  /** By ids of fields. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The id of a field: its place, for names may be anything. */
export function idOf(parent: string, index: number): string {
  return `${parent}-${index}`;
}

/** What the fields hold at first: the defaults of the schema. */
export function defaultsOf(fields: readonly ToldField[] | null, parent: string): Inputs {
  if (fields === null) return { [WHOLE]: '{}' };
  return Object.assign({}, ...fields.map((field, index): Inputs => {
    const id = idOf(parent, index);
    if (field.kind === 'group') return defaultsOf(field.fields, id);
    return { [id]: field.default === null ? '' : written(field, field.default) };
  })) as Inputs;
}

/** A value as it is typed. */
function written({ kind, element }: ToldField, json: string): string {
  if (kind === 'choice' || kind === 'json') return json;
  const value = JSON.parse(json) as unknown;
  if (kind === 'list') return Array.isArray(value) ? value.map((each) => (element === 'text' ? String(each) : JSON.stringify(each))).join('\n') : '';
  return typeof value === 'string' ? value : typeof value === 'object' ? '' : JSON.stringify(value);
}

/** The arguments that are written as a whole. */
export function argumentsWritten(text: string): Filled {
  const read = jsonOf(text);
  if ('problem' in read) return { arguments: undefined, problems: new Map([[WHOLE, read.problem]]) };
  const { value } = read;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { arguments: value, problems: new Map() };
  return { arguments: undefined, problems: new Map([[WHOLE, 'This is no JSON object: it begins with { and ends with }.']]) };
}

/** The arguments in the fields. What is empty is not sent. */
export function argumentsIn(fields: readonly ToldField[], inputs: Inputs, parent: string): Filled {
  const problems = new Map<string, string>();
  const value = objectIn(fields, { inputs, problems, isWanted: true }, parent);
  return { arguments: problems.size === 0 ? value ?? {} : undefined, problems };
}

interface Reading {
  readonly inputs: Inputs;
  readonly problems: Map<string, string>;
  /** Whether the object is sent even if it is empty, so that what is required in it is. */
  readonly isWanted: boolean;
}

function objectIn(fields: readonly ToldField[], { inputs, problems, isWanted }: Reading, parent: string): object | undefined {
  const isSent = isWanted || fields.some((field, index) => isTouched(field, inputs, idOf(parent, index)));
  if (!isSent) return undefined;
  const entries = fields.flatMap((field, index): [string, unknown][] => {
    const id = idOf(parent, index);
    if (field.kind === 'group') {
      const value = objectIn(field.fields, { inputs, problems, isWanted: field.isRequired }, id);
      return value === undefined ? [] : [[field.name, value]];
    }
    const text = inputs[id] ?? '';
    if (text.trim() === '' && !(field.kind === 'text' && text !== '')) {
      if (field.isRequired) problems.set(id, 'This is required.');
      return [];
    }
    const read = valueOf(field, text);
    if ('problem' in read) problems.set(id, read.problem);
    return 'problem' in read ? [] : [[field.name, read.value]];
  });
  // Not by assignment: a name may be __proto__.
  return Object.fromEntries(entries);
}

function isTouched(field: ToldField, inputs: Inputs, id: string): boolean {
  if (field.kind !== 'group') return (inputs[id] ?? '') !== '';
  return field.fields.some((each, index) => isTouched(each, inputs, idOf(id, index)));
}

type Read = { readonly value: unknown } | { readonly problem: string };

function valueOf({ kind, element }: ToldField, text: string): Read {
  if (kind === 'list') return listOf(text, element ?? 'text');
  if (kind === 'choice' || kind === 'json') return jsonOf(text);
  return simpleOf(text, kind);
}

function listOf(text: string, element: ToldField['kind']): Read {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const read = lines.map((line) => simpleOf(line, element));
  const at = read.findIndex((each) => 'problem' in each);
  const wrong = read[at];
  if (wrong !== undefined && 'problem' in wrong) return { problem: `Line ${at + 1}: ${wrong.problem}` };
  return { value: read.map((each) => ('value' in each ? each.value : undefined)) };
}

function simpleOf(text: string, kind: ToldField['kind']): Read {
  if (kind === 'text') return { value: text };
  const trimmed = text.trim();
  if (kind === 'boolean') return trimmed === 'true' || trimmed === 'false' ? { value: trimmed === 'true' } : { problem: 'This is neither true nor false.' };
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (!Number.isFinite(number)) return { problem: 'This is no number.' };
  if (kind === 'integer' && !Number.isInteger(number)) return { problem: 'This is no whole number.' };
  if (kind === 'integer' && !Number.isSafeInteger(number)) return { problem: 'This number is too large to be sent as it is.' };
  return { value: number };
}

function jsonOf(text: string): Read {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.` };
  }
}
