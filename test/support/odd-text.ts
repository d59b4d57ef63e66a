// Text of every kind that JSON can carry and somebody trips over: what others say, and what users write.
import * as fc from 'fast-check';

/** A character of each kind, by kind. */
export const ODD_CHARACTERS = {
  'no character': '\0',
  'a control character': '\x1B',
  'a delete': '\x7F',
  'the next line of EBCDIC': '\x85',
  'a C1 control': '\x9B',
  'a blank that does not break': '\xA0',
  'a joiner': '\u200D',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a bidi override': '\u202E',
  'the first half of a pair': '\uD83D',
  'the second half of a pair': '\uDE80',
  'a character of nobody': '\uE000',
  'a noncharacter': '\uFDD0',
  'a byte order mark': '\uFEFF',
  'a byte order mark, swapped': '\uFFFE',
  'the last of the plane': '\uFFFF',
  'a rocket': '\u{1F680}',
  'a tag': '\u{E0041}',
  'a noncharacter of another plane': '\u{1FFFE}',
  'the last character': '\u{10FFFF}',
} as const;

const unit = fc.integer({ min: 0, max: 0xFFFF }).map((code) => String.fromCharCode(code));
const control = fc.integer({ min: 0, max: 0x9F }).map((code) => String.fromCharCode(code));
/** What looks like an escape, a quote, or another value. */
const markup = fc.constantFrom(
  '\\', '"', "'", String.raw`\ud800`, String.raw`\\ud83d`, '\\u', '\r\n', '\n ', ' #', ': ', '- ', '%', '&a', '*a', '!!', '{', ']', '|', '<<', '0o17', 'yes',
  'e\u0301', ' ', 'a',
);

/** Random text of UTF-16 units, odd characters and markup, of some dozen pieces. */
export const oddText: fc.Arbitrary<string> = fc
  .array(fc.oneof(unit, control, fc.constantFrom(...Object.values(ODD_CHARACTERS)), markup), { minLength: 1, maxLength: 24 })
  .map((pieces) => pieces.join(''));
