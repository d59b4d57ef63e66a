// A text as one word of a shell, whatever is in it.

/** In quotes, within which a shell changes nothing. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
