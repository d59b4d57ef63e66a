// Where in a JSON text a value stands, so that it alone can be replaced: what else a message holds stays as it was written.

/** From its first character to behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The value at a path of keys, in a text that is known to be JSON and an object. `absent` when there is none; `twice` when a
 * key on the way is there more than once, for readers differ in which of the two they take.
 */
export function spanAt(text: string, path: readonly string[]): Span | 'absent' | 'twice' {
  let span: Span = { start: skipSpace(text, 0), end: text.length };
  for (const key of path) {
    if (text[span.start] !== '{') return 'absent';
    const found = member(text, span.start, key);
    if (typeof found === 'string') return found;
    span = found;
  }
  return span;
}

/** The text with another value in the place of one. */
export function replaced(text: string, { start, end }: Span, value: string): string {
  return text.slice(0, start) + value + text.slice(end);
}

/** The text with further members at the beginning of the object at a place. */
export function withMembers(text: string, { start }: Span, members: string): string {
  const first = skipSpace(text, start + 1);
  return `${text.slice(0, start + 1)}${members}${text[first] === '}' ? '' : ','}${text.slice(start + 1)}`;
}

function member(text: string, object: number, key: string): Span | 'absent' | 'twice' {
  let found: Span | undefined;
  for (let at = skipSpace(text, object + 1); text[at] === '"';) {
    const keyEnd = stringEnd(text, at);
    const name = text.slice(at + 1, keyEnd - 1);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    if ((name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name) === key) {
      if (found !== undefined) return 'twice';
      found = { start, end };
    }
    const next = skipSpace(text, end);
    at = text[next] === ',' ? skipSpace(text, next + 1) : text.length;
  }
  return found ?? 'absent';
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}

/** Behind the closing quote of the string that begins there. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let escapes = 0;
    while (text[quote - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

const WORD_END = /[\s,\]}]/g;
const BRACKET_OR_QUOTE = /["[\]{}]/g;

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[') return indexOf(WORD_END, text, start);
  let depth = 0;
  for (let at = start; at < text.length;) {
    const character = text[at];
    if (character === '"') at = indexOf(BRACKET_OR_QUOTE, text, stringEnd(text, at));
    else {
      depth += character === '{' || character === '[' ? 1 : -1;
      if (depth === 0) return at + 1;
      at = indexOf(BRACKET_OR_QUOTE, text, at + 1);
    }
  }
  return text.length;
}

function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
