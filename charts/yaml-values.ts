// What text without quotes means in YAML to those who read what we write, above all kubectl: it reads YAML 1.1 as Go's readers do,
// which know more spellings of a number than either version of YAML. Pure.

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);
const NULLS = ['', '~', 'null', 'Null', 'NULL'];
const SPECIAL_NUMBER = /^(?:\.(?:nan|NaN|NAN)|([-+]?)\.(?:inf|Inf|INF))$/;
const INTEGER = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/;
/** Go's readers take a sign behind this one prefix. */
const SIGN_WITHIN = /^0b(?<sign>[-+])(?<bits>[01]{1,63})$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/** The value kubectl reads where a text stands without quotes: the text itself, or something else than was written. */
export function plainValue(text: string): string | number | boolean | null {
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  if (NULLS.includes(text)) return null;
  return /^[-+.\d]/.test(text) ? (numberIn(text) ?? text) : text;
}

function numberIn(text: string): number | undefined {
  const [special, sign] = SPECIAL_NUMBER.exec(text) ?? [];
  if (special !== undefined) return sign === undefined ? Number.NaN : Number(`${sign}Infinity`);
  // Underscores count for nothing, wherever they are; in what starts with a point they must stand between digits.
  const digits = text.replaceAll(text.startsWith('.') ? /(?<=\d)_(?=\d)/g : '_', '');
  const whole = integerIn(digits.replace(SIGN_WITHIN, '$<sign>0b$<bits>'));
  if (whole !== undefined) return whole;
  const number = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function integerIn(text: string): number | undefined {
  const [match, sign, hexadecimal, binary, octal, decimal] = INTEGER.exec(text) ?? [];
  if (match === undefined) return undefined;
  const amount = BigInt(hexadecimal ? `0x${hexadecimal}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal ?? 0));
  const signed = sign?.startsWith('-') === true ? -amount : amount;
  // What has more than 64 bits is text, unless it can be a fraction.
  return decimal !== undefined || (signed >= -(2n ** 63n) && signed < 2n ** 64n) ? Number(signed) : undefined;
}

/** What other readers, such as Python's, take for something else than text: numbers of any length, or to the base of 60, times, and two words. */
const OTHERS = /^(?:[-+]?0[xXoObB][\da-fA-F_]+|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|=|<<)$/;

/**
 * What a reader of YAML takes a text for that stands without quotes, in words, such as `the number 15`; undefined where it is text
 * to all of them.
 */
export function misreading(text: string): string | undefined {
  const value = plainValue(text);
  if (value === null) return 'null';
  if (typeof value !== 'string') return `the ${typeof value} ${value}`;
  if (!OTHERS.test(text)) return undefined;
  return text === '<<' || text === '=' ? 'a key with a meaning of its own' : 'a number or a time';
}

/**
 * Characters that YAML refuses as they are (DEL, C1 controls, U+FFFE and U+FFFF), takes for a line break and folds into a blank
 * (U+0085, U+2028, U+2029), or takes for the start of a text (U+FEFF).
 */
export const UNREADABLE = /[\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/;
