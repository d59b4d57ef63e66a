// Lines that fit a terminal of 80 columns. Pure.

const COLUMNS = 80;
/** What takes one column in every terminal. */
const NARROW = /^[\0-\u10ff─-╿→…]$/u;

/** A text in lines of 80 columns, the first behind `first`, the later ones indented. Words are broken where they do not fit, but for URLs, which are to be copied. */
export function wrapped(text: string, indent = '', first = ''): string {
  const lines: string[] = [];
  let line = first;
  const wrap = (): void => {
    lines.push(line);
    line = indent;
  };
  for (const word of text.split(' ')) {
    const isFirst = line === (lines.length === 0 ? first : indent);
    const glued = isFirst ? `${line}${word}` : `${line} ${word}`;
    if (widthOf(glued) <= COLUMNS) {
      line = glued;
      continue;
    }
    if (!isFirst) wrap();
    if (/^https?:/.test(word)) line += word;
    else for (const character of word) {
      if (widthOf(line + character) > COLUMNS) wrap();
      line += character;
    }
  }
  return [...lines, line].join('\n');
}

/** Columns a text takes at most: beyond the alphabets of Europe and the Near East a character may take two. */
function widthOf(text: string): number {
  return Array.from(text).reduce((width, each) => width + (NARROW.test(each) ? 1 : 2), 0);
}
