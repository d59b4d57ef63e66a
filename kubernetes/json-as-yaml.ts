// JSON that every YAML reader takes and reads equal: the API server reads what is applied as YAML, which is no superset of
// JSON when it comes to characters. Pure, and linear in the text.

/**
 * Characters that JSON leaves as they are and YAML refuses in either version (DEL, C1 controls, U+FFFE and U+FFFF), or takes
 * for a line break in one of them and folds into a blank (U+0085, U+2028, U+2029), or for the start of a text (U+FEFF).
 */
const UNREADABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;
const ALL_UNREADABLE = new RegExp(UNREADABLE, 'g');
/** How every lone surrogate begins that `JSON.stringify` writes; other text may begin so behind an escaped backslash. */
const SURROGATE = String.raw`\ud`;
const ESCAPES = /\\(?:ud[\da-f]{3}|.)/g;

/**
 * What `JSON.stringify` wrote, as a text of the same values that is valid JSON and valid YAML 1.1 and 1.2. Lone surrogates,
 * which no YAML can say and API servers replace in JSON, become U+FFFD. Characters beyond U+FFFF stay as they are: YAML
 * refuses the pairs of escapes that JSON has for them.
 */
export function jsonAsYaml(json: string): string {
  // Told in one look each, because most texts have neither.
  const readable = UNREADABLE.test(json) ? json.replaceAll(ALL_UNREADABLE, escaped) : json;
  if (!json.includes(SURROGATE)) return readable;
  return readable.replaceAll(ESCAPES, (escape) => (escape.startsWith(SURROGATE) ? String.raw`\ufffd` : escape));
}

function escaped(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
