// The blocks of code of a documentation page, by the heading they stand under, for tests that do what the page says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block. */
export interface Block {
  /** Of the nearest heading. */
  readonly heading: string;
  /** For instance sh. */
  readonly language: string;
  readonly text: string;
}

/** All blocks of a page below docs/, in order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
  let heading = '';
  return [...text.matchAll(/^#+ ([^\n]*)$|^```(\w+)\n(.*?)^```$/gms)].flatMap(([, title, language, body = '']) => {
    heading = title ?? heading;
    return language === undefined ? [] : [{ heading, language, text: body }];
  });
}

/** Words of a command line as a shell splits them, where quotes are all it knows. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}
