// How wide a line of TypeScript is: code counts, and neither what quotes, templates and regular expressions contain nor comments.
import { parseSync, Visitor } from 'rolldown/utils';

/** Most columns of code on a line, its indentation counted. */
export const MAX_COLUMNS = 140;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Numbers, from 1, of the lines whose code is wider than the limit. Parses only what has a line that may be. */
export function wideLines(text: string, file = 'source.ts'): number[] {
  return longLines(text).length === 0 ? [] : longLines(codeOf(text, file));
}

function longLines(text: string): number[] {
  return text.split('\n').flatMap((line, index) => (line.trimEnd().length > MAX_COLUMNS ? [index + 1] : []));
}

/** The text, line for line, with empty literals and without comments. Code inside a template stays. What a file is tells its name. */
export function codeOf(text: string, file = 'source.ts'): string {
  const { program, comments } = parseSync(file, text);
  const literals: Span[] = [];
  const add = (node: Span): void => void literals.push(node);
  new Visitor({ Literal: add, TemplateElement: add, JSXText: add }).visit(program);
  const cuts = [...comments, ...literals.map((literal) => inside(literal, text))].toSorted((one, other) => one.start - other.start);
  const kept = cuts.map(({ start, end }, index) => text.slice(cuts[index - 1]?.end ?? 0, start) + text.slice(start, end).replace(/[^\n]+/g, ''));
  return kept.join('') + text.slice(cuts.at(-1)?.end ?? 0);
}

/** What stands between the delimiters, if there are any: numbers and `true` are literals without. */
function inside({ start, end }: Span, text: string): Span {
  const literal = text.slice(start, end);
  const closing = /(?:['"`]|\$\{|\/[a-z]*)$/.exec(literal)?.[0].length;
  return closing === undefined || closing === literal.length ? { start: end, end } : { start: start + 1, end: end - closing };
}
