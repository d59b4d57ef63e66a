// Text of others on a terminal: what would control it is shown instead. Pure.

/** Colours and other ways to set letters (ECMA-48 SGR): they say nothing, and most logs have them. */
const COLOURS = new RegExp(String.raw`${'\x1b'}\[[\d;:]*m`, 'g');
/** What moves, hides or reorders: control characters but the tab, format characters, and what is shown as nothing. */
const CONTROLS = /(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A line fit to be shown: without colours, and with each control character as `\u{1b}`. Lone surrogates become U+FFFD. */
export function visible(line: string): string {
  return line.toWellFormed().replaceAll(COLOURS, '').replaceAll(CONTROLS, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
