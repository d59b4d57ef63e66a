// Adds and removes one member in the text of a JSON file, which may have comments: all else stays byte for byte. Pure.

/** The text is no JSON object; the message says what is wrong, and where. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

/** A member of an object, by places in the text. */
interface Member {
  readonly key: string;
  readonly start: number;
  readonly valueStart: number;
  /** After the value. */
  readonly end: number;
}

interface JsonObject {
  /** After the brace. */
  readonly start: number;
  readonly members: readonly Member[];
}

/** Which member: `name` in the object that is `section` of the whole. */
export interface Address {
  readonly section: string;
  readonly name: string;
}

/** The text with the member; one that is there already makes it `undefined`. Throws JsonError. */
export function withMember(text: string, { section, name }: Address, value: unknown): string | undefined {
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  const written = (depth: number, what: unknown): string => JSON.stringify(what, null, indent).replaceAll('\n', `\n${indent.repeat(depth)}`);
  if (text.replace(/^\uFEFF/, '').trim() === '') return `${JSON.stringify({ [section]: { [name]: value } }, null, indent)}\n`;
  const root = rootOf(text);
  const there = root.members.find(({ key }) => key === section);
  if (there === undefined) {
    const member = `${JSON.stringify(section)}: ${written(1, { [name]: value })}`;
    return inserted(text, root, { member, indent, outer: '' });
  }
  if (text[there.valueStart] !== '{') throw new JsonError(`its ${section} is not an object`);
  const object = objectAt(text, there.valueStart);
  if (object.members.some(({ key }) => key === name)) return undefined;
  return inserted(text, object, { member: `${JSON.stringify(name)}: ${written(2, value)}`, indent: indent.repeat(2), outer: indent });
}

/** The value of the member; undefined where it is not there, or is no plain JSON. Throws JsonError. */
export function memberOf(text: string, { section, name }: Address): unknown {
  const { member } = located(text, { section, name }) ?? {};
  try {
    return member && JSON.parse(text.slice(member.valueStart, member.end));
  } catch {
    return undefined;
  }
}

/** The text without the member; as it is where there is none. Throws JsonError. */
export function withoutMember(text: string, address: Address): string {
  const { object, member } = located(text, address) ?? {};
  if (object === undefined || member === undefined) return text;
  const index = object.members.indexOf(member);
  const [before, after] = [object.members[index - 1], object.members[index + 1]];
  if (after !== undefined) return text.slice(0, member.start) + text.slice(after.start);
  return text.slice(0, before?.end ?? object.start) + text.slice(member.end);
}

interface Insertion {
  readonly member: string;
  readonly indent: string;
  /** That of the object itself. */
  readonly outer: string;
}

function inserted(text: string, { start, members }: JsonObject, { member, indent, outer }: Insertion): string {
  const rest = text.slice(start);
  const [isLineEnd, isEmpty] = [/^[ \t]*\r?\n/.test(rest), members.length === 0];
  // What follows on the same line goes to a line of its own.
  const behind = isLineEnd ? '' : `\n${isEmpty ? outer : indent}`;
  return `${text.slice(0, start)}\n${indent}${member}${isEmpty ? '' : ','}${behind}${isLineEnd ? rest : rest.trimStart()}`;
}

function located(text: string, { section, name }: Address): { readonly object: JsonObject; readonly member: Member } | undefined {
  if (text.trim() === '') return undefined;
  const there = rootOf(text).members.find(({ key }) => key === section);
  if (there === undefined || text[there.valueStart] !== '{') return undefined;
  const object = objectAt(text, there.valueStart);
  const member = object.members.find(({ key }) => key === name);
  return member && { object, member };
}

function rootOf(text: string): JsonObject {
  const start = afterBlanks(text, text.startsWith('\uFEFF') ? 1 : 0);
  if (text[start] !== '{') throw wrong(text, start, 'it does not begin with {');
  const end = afterBlanks(text, afterValue(text, start));
  if (end < text.length) throw wrong(text, end, 'something stands after its end');
  return objectAt(text, start);
}

function objectAt(text: string, open: number): JsonObject {
  const members: Member[] = [];
  let at = afterBlanks(text, open + 1);
  while (text[at] !== '}') {
    const start = at;
    const keyEnd = afterString(text, start);
    const colon = afterBlanks(text, keyEnd);
    if (text[colon] !== ':') throw wrong(text, colon, 'a colon is missing');
    const valueStart = afterBlanks(text, colon + 1);
    const end = afterValue(text, valueStart);
    members.push({ key: keyIn(text, start, keyEnd), start, valueStart, end });
    at = afterBlanks(text, end);
    if (text[at] === ',') at = afterBlanks(text, at + 1);
    else if (text[at] !== '}') throw wrong(text, at, 'a comma is missing');
  }
  return { start: open + 1, members };
}

function keyIn(text: string, start: number, end: number): string {
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    throw wrong(text, start, 'a name is no JSON');
  }
}

const SCALAR = /(?:true|false|null|-?\d[\d.eE+-]*)/y;

/** Of nested values only brackets and strings are looked at. */
function afterValue(text: string, start: number): number {
  if (text[start] === '"') return afterString(text, start);
  if (text[start] !== '{' && text[start] !== '[') {
    SCALAR.lastIndex = start;
    if (!SCALAR.test(text)) throw wrong(text, start, 'a value is missing');
    return SCALAR.lastIndex;
  }
  const open: string[] = [];
  for (let at = start; at < text.length; at = afterBlanks(text, at)) {
    const character = text[at] ?? '';
    if (character === '"') {
      at = afterString(text, at);
      continue;
    }
    if (character === '{' || character === '[') open.push(character === '{' ? '}' : ']');
    if ((character === '}' || character === ']') && open.pop() !== character) throw wrong(text, at, `${character} closes nothing`);
    at += 1;
    if (open.length === 0) return at;
  }
  throw wrong(text, start, 'what is opened there is not closed');
}

const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const BLANKS = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;

function afterString(text: string, start: number): number {
  STRING.lastIndex = start;
  if (!STRING.test(text)) throw wrong(text, start, 'a text in quotes is missing');
  return STRING.lastIndex;
}

function afterBlanks(text: string, start: number): number {
  BLANKS.lastIndex = start;
  BLANKS.test(text);
  return BLANKS.lastIndex;
}

function wrong(text: string, at: number, what: string): JsonError {
  return new JsonError(`line ${text.slice(0, at).split('\n').length}: ${what}`);
}
