// Lines of a terminal as words with a style: how wide they are, how they are wrapped and cut, and how they are painted. Pure.
import { styleText } from 'node:util';

/** The 8 colours of a terminal's own palette, which its user has made readable on its background. */
const STYLES = { good: 'green', bad: 'red', waiting: 'yellow', strong: 'bold', faint: 'dim' } as const;
export type Style = keyof typeof STYLES;

/** Words of one style; without one, as the terminal writes. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** What stands on one line. */
export type Line = readonly Span[];

/** A line of plain words. */
export function plainLine(text: string): Line {
  return [{ text }];
}

/** Columns a text takes: characters of East Asia and pictures are two wide, marks that join others none. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += /\p{M}|\u200D|\uFE0F/u.test(character) ? 0 : isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return columns;
}

function isWide(code: number): boolean {
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) || code >= 0x1f300;
}

/** Columns of a line. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + columnsOf(text), 0);
}

/** The text, cut with an ellipsis where it is wider. */
export function cutText(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (columnsOf(kept + character) > width - 1) break;
    kept += character;
  }
  return width <= 0 ? '' : `${kept}…`;
}

/** The line, cut with an ellipsis where it is wider. */
export function cutLine(line: Line, width: number): Line {
  let left = width;
  const kept: Span[] = [];
  for (const [index, span] of line.entries()) {
    const isLast = index === line.length - 1 || widthOf(line.slice(index)) <= left;
    if (left <= 0) break;
    const text = isLast || columnsOf(span.text) > left ? cutText(span.text, left) : span.text;
    kept.push({ ...span, text });
    left -= columnsOf(text);
  }
  return kept;
}

/** A text in lines of so many columns at most, parted at spaces, and within words that are wider. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((each) => each !== '').flatMap((each) => pieces(each, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function pieces(word: string, width: number): string[] {
  const parts: string[] = [''];
  for (const character of word) {
    const last = parts.at(-1) ?? '';
    if (last === '' || columnsOf(last + character) <= width) parts[parts.length - 1] = last + character;
    else parts.push(character);
  }
  return parts;
}

/** Rows a line takes on a terminal, which wraps what is wider. */
export function rowsOf(line: Line, width: number): number {
  return Math.max(1, Math.ceil(widthOf(line) / width));
}

/** The line as a terminal is written it; plain where it has no colours. */
export function painted(line: Line, colours: boolean): string {
  const paint = ({ text, style }: Span): string => {
    return style === undefined || !colours ? text : styleText(STYLES[style], text, { validateStream: false });
  };
  return line.map(paint).join('');
}
