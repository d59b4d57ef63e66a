// Tools and results of servers as the page shows them: text alone, and no more than can be looked at. Pure.
import { plain } from '../../../../kubernetes/text.ts';
import { isObject, type JsonObject } from '../../../verification/reading/shape.ts';
import type { ToldPart, ToldResult, ToldTool } from '../told.ts';
import { LONGEST_NAME } from './asking.ts';
import { formOf, isDeeper } from './form.ts';

const LONGEST_LABEL = 128;
const LONGEST_DESCRIPTION = 4096;
/** Of a result: characters of all its texts, and pieces. */
const LONGEST_RESULT = 1024 * 1024;
const MOST_PARTS = 200;
const MOST_STRUCTURED_LEVELS = 100;
const LONGEST_TYPE = 100;

/** What a server says of its tools in a hint, and what is said where it is so. */
const HINTS: readonly (readonly [name: string, whenTrue: string, whenFalse: string])[] = [
  ['readOnlyHint', 'changes nothing', 'may change something'],
  ['destructiveHint', 'may destroy something', 'destroys nothing'],
  ['idempotentHint', 'twice is the same as once', 'twice is not the same as once'],
  ['openWorldHint', 'reaches into the world outside', 'stays within its own'],
];

/** One tool; undefined for what has no name by which it could be called. */
export function toolOf(tool: unknown): ToldTool | undefined {
  if (!isObject(tool)) return undefined;
  const { name, title, description, inputSchema, annotations } = tool;
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) return undefined;
  const claims = isObject(annotations) ? annotations : {};
  const named = [title, claims['title']].find((each) => typeof each === 'string' && each !== '') as string | undefined;
  return {
    name,
    label: plain(name, LONGEST_LABEL),
    title: named === undefined ? null : plain(named, LONGEST_LABEL),
    description: typeof description === 'string' ? plain(description, LONGEST_DESCRIPTION) : '',
    hints: HINTS.flatMap(([hint, whenTrue, whenFalse]) => (typeof claims[hint] === 'boolean' ? [claims[hint] ? whenTrue : whenFalse] : [])),
    fields: formOf(inputSchema),
    problem: problemOf(tool),
  };
}

function problemOf({ inputSchema, execution }: JsonObject): string | null {
  if (isObject(execution) && execution['taskSupport'] === 'required') return 'It runs as a task alone, which this page does not do.';
  const mirrors = isObject(inputSchema) && isObject(inputSchema['properties'])
    && Object.values(inputSchema['properties']).some((property) => isObject(property) && Object.hasOwn(property, 'x-mcp-header'));
  return mirrors ? 'It wants arguments in headers as well, which this page does not send.' : null;
}

/** A result, without what took how long. */
export function resultOf(result: JsonObject): Omit<ToldResult, 'milliseconds'> {
  const { content, structuredContent, isError } = result;
  const all = Array.isArray(content) ? content.map(partOf) : [];
  const structured: ToldPart[] = isObject(structuredContent) ? [{ kind: 'structured', text: asJson(structuredContent) }] : [];
  const parts: ToldPart[] = [];
  let left = LONGEST_RESULT;
  for (const part of [...all, ...structured].slice(0, MOST_PARTS)) {
    const text = shown(part.text, left);
    left -= Math.min(left, part.text.length);
    if (text !== '' || part.text === '') parts.push({ ...part, text });
  }
  const length = [...all, ...structured].reduce((sum, { text }) => sum + text.length, 0);
  return { problem: null, isError: isError === true, parts, isCut: length > LONGEST_RESULT || all.length + structured.length > MOST_PARTS };
}

function partOf(part: unknown): ToldPart {
  const { type, text, data, mimeType, uri, resource } = isObject(part) ? part : {};
  if (type === 'text' && typeof text === 'string') return { kind: 'text', text };
  const held = isObject(resource) ? resource : {};
  const media = [mimeType, held['mimeType']].find((each) => typeof each === 'string');
  const what = plain(media ?? (typeof type === 'string' ? type : 'something'), LONGEST_TYPE);
  const bytes = [data, held['blob']].find((each) => typeof each === 'string');
  const size = bytes === undefined ? sizeOf(held['text']) : sized(Math.floor(bytes.length * 0.75));
  const from = [uri, held['uri']].find((each) => typeof each === 'string');
  return { kind: 'hidden', text: `${[what, size, from === undefined ? '' : `of ${plain(from, LONGEST_LABEL)}`].filter(Boolean).join(', ')}: not shown` };
}

function sizeOf(text: unknown): string {
  return typeof text === 'string' ? sized(text.length) : '';
}

function sized(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** JSON of too many levels cannot be written. */
function asJson(value: JsonObject): string {
  return isDeeper(value, MOST_STRUCTURED_LEVELS) ? 'JSON of too many levels to be shown' : JSON.stringify(value, null, 2);
}

/** What hides or turns text, and what a terminal would act on; lines and tabs stay. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|(?![\n\t])\p{Cc}/gu;

/** Text of several lines, fit to be shown. */
function shown(text: string, most: number): string {
  return text.slice(0, most).toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(UNSEEN, '');
}
