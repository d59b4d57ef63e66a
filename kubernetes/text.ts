// The gate for text that comes from outside (API errors, webhooks, pods, servers): made plain and bounded before it is
// shown, and folded where two such texts are compared. Pure, and linear in what it looks at, whatever the text.

/** Which end of a text stays when it is too long. */
export interface PlainOptions {
  readonly keep?: 'start' | 'end';
}

/** ANSI escape sequences as a whole (ECMA-48 §5.4, §8.3): control strings, control sequences, then two-character ones. */
const ESCAPES = new RegExp(
  [
    String.raw`(?:${'\x1b'}[PX\]^_]|[\x90\x98\x9d-\x9f])[^${'\x07\x1b'}\x80-\x9f]*(?:${'\x07'}|${'\x1b'}\\|\x9c)`,
    String.raw`(?:${'\x1b'}\[|\x9b)[0-?]*[ -/]*(?:[@-~]|$)`,
    String.raw`${'\x1b'}[ -/]*[0-~]`,
  ].join('|'),
  'g',
);
/**
 * What hides or reorders text without being seen: format characters (bidi controls, joiners, soft hyphens, tags, byte
 * order marks) and the other default-ignorable ones. Variation selectors are among them, for they can carry a text of
 * their own. An emoji of several joined ones falls apart, and an Arabic or Indic word may be joined otherwise.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** What plain text of ASCII never has: told in one look, because most texts are of that kind. */
const UNTIDY = /[^ -~]| {2}|^ | $/;
const BLANKS = /[\s\p{Cc}]+/gu;
const NONCHARACTERS = /\p{Noncharacter_Code_Point}/gu;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Longer graphemes, such as letters under a heap of accents, are cut by code points. */
const MAX_GRAPHEME = 32;

/**
 * `text` fit to be shown: one line, blanks single, without control, bidi, zero-width and other invisible characters and
 * escape sequences, at most `length` (≥ 1) UTF-16 units, which are never fewer than characters. Lone surrogates and
 * noncharacters become U+FFFD. A text that is too long loses its end, or with `keep: 'end'` its start, at a character,
 * and shows `…` there. A variable part (see `folded`) counts as at least 40, so that the same text with other variable
 * parts is cut at the same place. Looks at 4 × `length` + 1024 units of it. May be empty; made plain again, it stays.
 */
export function plain(text: string, length: number, { keep = 'start' }: PlainOptions = {}): string {
  const window = 4 * length + 1024;
  if (text.length <= length && !UNTIDY.test(text) && fits(text, length)) return text;
  const isWhole = text.length <= window;
  const part = isWhole ? text : keep === 'start' ? text.slice(0, window) : text.slice(-window);
  const unescaped = part.toWellFormed().replaceAll(INVISIBLE, '').replaceAll(ESCAPES, '');
  const line = unescaped.replaceAll(BLANKS, ' ').trim().replaceAll(NONCHARACTERS, '\uFFFD');
  if (isWhole && fits(line, length)) return line;
  const [room, reach] = [length - 1, length + LONGEST_ID];
  const near = keep === 'start' ? line.slice(0, reach) : line.slice(-reach);
  const shown = keep === 'start' ? `${near.slice(0, endOf(near, room)).trimEnd()}…` : `…${near.slice(startOf(near, room)).trimStart()}`;
  // A slice would keep the whole text in memory for as long as it lives.
  return Buffer.from(shown, 'utf16le').toString('utf16le');
}

/** A pattern for words in either case. A flag of its own inside a pattern, `(?i:…)`, fails in look-behinds of V8 13.6. */
function anyCase(words: string): string {
  return `(?:${words.replaceAll(/(?<!\\)[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)})`;
}

const WORD = String.raw`["']?(?: ?[:=] ?| )["']?`;
const CLOCK = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d:[0-6]\d(?:[.,]\d{1,12})?(?: ?[AP]M\b)?`;
const SHORT_CLOCK = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,12})?)?(?: ?[AP]M\b)?`;
const ZONE = String.raw`(?: ?(?:Z\b|[+-]\d\d:?\d\d\b|\b(?:UTC|GMT|[ECMPA][SD]T|CES?T|EES?T|WES?T|MSK|[BIJKH]KT|[BIJK]ST|SGT|A[EC][SD]T|NZ[SD]T)\b)){0,2}`;
const DAY = String.raw`(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? {1,2})?`;
const MONTH = String.raw`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}`;
const ADDRESS = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.%\w]{2,60}\]|\blocalhost)`;
const EPHEMERAL = String.raw`(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[4-6]\d{4})`;
const KEYS = 'request|req|trace|span|correlation|audit|transaction|txn|session|incident|activity|operation|invocation|event|error|log|ray|host|support|tracking|reference|message|connection|container|insert|cf';
const NAMED_KEYS = 'traceparent|trace-context|cf-ray|nonce|jti|xid|x-amz-id-2|x-varnish|idempotency-key';
const SHORT_KEYS = 'req|request|trace|span|correlation|incident|transaction|txn|ticket|ray';
/** An id of letters and digits: no version, quantity, date, address or klog header. */
const MIXED = String.raw`(?!v\d{1,3}(?:(?:alpha|beta)\d{1,3})?\b|\d{1,15}(?:[numkMGTPE]|[KMGTPE]i)\b|\d{4}-\d\d-\d\d\b|[IWEFD]\d{4} \d\d:)(?=[A-Za-z_-]{0,40}\d)[\w-]{3,128}(?![\w-]|[.:]\w)`;
const SECONDS = String.raw`(?:1[7-9]|20)\d{8}`;

/**
 * The parts of a text that differ each time it is said: kind, an example, pattern; the first that matches counts. No pattern
 * repeats without a bound, so each looks at a bounded stretch from each place. Context that tells such a part from a
 * count, a version, a name or a status code stands in look-behinds and is never folded.
 */
export const VARIABLE_PARTS: readonly (readonly [kind: string, example: string, pattern: string])[] = [
  ['keyed id', 'denied, requestId="a/b"', String.raw`(?<=${anyCase(String.raw`(?:${KEYS})[-_ .]?(?:id|uuid|guid)s?`)}["')]?(?: ?[:=#] ?)["'([]?)[^\s"',;()[\]{}<>]{1,256}`],
  ['keyed id after a blank', 'Request ID 7F3 failed', String.raw`(?<=${anyCase(String.raw`(?:${KEYS})[-_ .]?(?:id|uuid|guid)s?`)}["')]? ["'([]?)(?=[a-z]{0,64}[\dA-Z_-])[^\s"',;()[\]{}<>]{1,256}`],
  ['named id', 'traceparent: 00-4bf9-00f0-01', String.raw`(?<=${anyCase(String.raw`\b(?:${NAMED_KEYS})["']?[:=] ?["']?|\b(?:sig|signature|verify)=`)})[^\s"',;()[\]{}<>&]{1,256}`],
  ['short id', 'incident: INC0012', String.raw`(?<=${anyCase(String.raw`\b(?:(?:${SHORT_KEYS})(?:["']?[:=] ?["']?| ?#)|id["']?[:=] ?["']?)`)})(?!\d{1,3}(?![\w-]))${MIXED}`],
  ['short id after a blank', 'request 7f3a failed', String.raw`(?<=${anyCase(String.raw`\b(?:${SHORT_KEYS}) `)})(?!\d{1,15}(?![\w-]))${MIXED}`],
  ['dashed id', 'see req-7f3', String.raw`(?<=(?<![\w.-])${anyCase(String.raw`req|txn|corr|trace|span`)}[-_])(?=[A-Za-z]{0,40}\d)[\dA-Za-z-]{2,80}(?![\w-])`],
  ['reference', 'Ref A: 3F2 Ref B: AMS01 Reference #18.2d3a', String.raw`(?<=\bRef [A-C]: |\bReference #)[^\s,;]{1,128}`],
  ['date and time', 'at 2026-11-28T21:46:25.1+01:00', String.raw`(?<!\d)(?:\d{4}(?:-\d\d-|/\d\d/|\.\d\d\.)\d\d|\d{1,2}/\d{1,2}/\d{4},?)(?:[Tt_]| {1,2})${SHORT_CLOCK}(?:z\b|${ZONE})|(?<!\d)\d{8}T\d{6}(?:\.\d{1,9})?(?:Z|[+-]\d{4})?(?!\w)`],
  ['worded date and time', 'since Sat, 28 Nov 2026 21:46:25 GMT', String.raw`${DAY}\b(?:\d{1,2}[ /-]${MONTH}[ /-](?:\d{4}|\d\d)[ :]|${MONTH} {1,2}\d{1,2},?(?: \d{4},?)? (?:at )?)${SHORT_CLOCK}${ZONE}(?: 20\d\d(?![\w:/.-]))?`],
  ['monotonic clock', 'at noon m=+12.3', String.raw`\bm=[+-]\d{1,12}\.\d{1,9}\b`],
  ['klog header', 'E1128 21:46:25.123456 7 proxy.go:12] lost', String.raw`(?<=\b[IWEFD])\d{4} \d\d:\d\d:\d\d\.\d{3,9}(?: {1,7}\d{1,8}\b)?`],
  ['clock', 'retried at 9:46PM', String.raw`(?<![\w.]|::|(?:^|[^A-Za-z])[\da-fA-F]{1,4}:)(?:${CLOCK}${ZONE}|(?:0?\d|1[0-2]):[0-5]\d ?[AaPp][Mm]\b)(?![\w:])`],
  ['Unix time', 'expired at 1795902385', String.raw`(?<![\w./-]|[A-Za-z\d]:|${anyCase(String.raw`memory|storage|size|bytes|limit|quota|disk`)}[^\w]{1,3})${SECONDS}(?:\d{9}|\d{6}|\d{3})?(?:\.\d{1,9})?(?![\w-]|\.\w| ?(?:bytes|B|[KMGTPE]i?B?)(?![\w…]))`],
  ['keyed Unix time', 'ts:1795902385', String.raw`(?<=${anyCase(String.raw`\b(?:time|timestamp|ts|exp|iat|nbf|epoch|date|expires|now|since|until|start|end)`)}["']?[:=] ?["']?)${SECONDS}\d{0,9}(?:\.\d{1,9})?(?![\w-])`],
  ['built Unix time', 'version 1.0.1795902385123', String.raw`(?<=\d[.+])1[7-9]\d{11}(?!\w)`],
  ['age', 'last seen 3d4h ago', String.raw`(?<![\w.-])(?:\d{1,6}[smhdy](?:\d{1,3}[smhd]){0,2}|(?:an?|one|a few) (?:second|minute|hour|day)s?) ago\b`],
  ['duration', 'timed out after 1m30.5s', String.raw`(?<![\w.]|[\w.]-)(?:\d{1,6}h)?(?:\d{1,4}m)?\d{1,9}(?:\.\d{1,12})?(?:s|[muµμn]s)(?!\w)`],
  ['worded duration', 'gave up after 3 seconds', String.raw`(?<![\w.]|[\w.]-)(?:\d{1,9}(?:[.,]\d{1,9})? (?:ms|s|h)|\d{1,9}(?:[.,]\d{1,9})?[ -]?${anyCase(String.raw`(?:nano|micro|milli)?sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?`)})\b`],
  ['repeats', 'BackOff (x17 over 5m)', String.raw`(?<=\(x)\d{1,6} over [\dsmhd]{1,12}`],
  ['ephemeral port', 'read tcp 10.0.0.5:43210', String.raw`(?<=${ADDRESS}(?::|,? port[ :=]))${EPHEMERAL}(?![\w/]|\.\d)`],
  ['local port', 'read tcp node-1:12345->10.96.0.1:443', String.raw`(?<=[\w\]]:)[1-6]\d{4} ?->|(?<=${anyCase(String.raw`\b(?:source|src|local|client|remote|peer)[ _-]?port`)}${WORD})\d{4,5}\b`],
  ['UUID', 'call 6f1c1a52-9d0e-4f0b-8a53-0e9f7a4d2b11', String.raw`(?<![\da-fA-F]|\bpvc-)[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}(?![\da-fA-F])`],
  ['ULID', 'call 01JDTQ7X2V8M4N6P9R3S5T7W8Y', String.raw`(?<![A-Za-z\d.-])[0-7][\dA-HJKMNP-TV-Za-hjkmnp-tv-z]{25}(?![\w-])`],
  ['opaque id', 'call 2pRkXn8BzL0QmYw5vTc7HsJd1Fa', String.raw`(?<![\w-])(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])(?=[\w-]{0,40}[A-Z])(?:[A-Za-z\d]{27}|[\w+-]{40,1024}={0,2})(?![\w-])`],
  ['pointer', 'at 0xc000123456', String.raw`(?<!\w)0x(?!(?:80|[cC]0)[\da-fA-F]{6}(?!\w))[\da-fA-F]{8,16}(?!\w)`],
  ['hex id', 'call 3f2a9b1c', String.raw`(?<![\w.-]|[A-Za-z\d]:|sha\d{1,3}[:=-])(?=[a-fA-F]{0,128}\d)(?=\d{0,128}[a-fA-F])[\da-fA-F]{8,128}(?![\w-]|\.\w)`],
  ['resourceVersion', 'too old resource version: 1234 (5678)', String.raw`(?<=${anyCase(String.raw`\bresource ?version|\bmod_?revision`)}${WORD})\d{1,20}(?: \(\d{1,20}\)|, current: \d{1,20})?`],
  ['attempt', 'attempt 17', String.raw`(?<=${anyCase(String.raw`\battempts?(?: number| count| no\.?)?`)}["']?(?: ?[:=] ?| ?\(?#))\d{1,9}\b|(?<=${anyCase(String.raw`\battempt(?: number| count| no\.?)?`)} \(?)\d{1,9}\b|(?<=${anyCase(String.raw`\b(?:retry|try|tries|retries)(?: number| count| no\.?)?`)}["']?(?: ?[:=#] ?| #))\d{1,9}\b|(?<=${anyCase(String.raw`\b(?:retry|try)`)} )(?![1-5]\d\d\b)\d{1,9}\b`],
  ['number of attempts', 'gave up after 17 attempts', String.raw`(?<![\w.:-])\d{1,9} (?:attempts?|retries|tries|times)\b`],
  ['time to wait', 'Retry-After: 30', String.raw`(?<=${anyCase(String.raw`\bretry[-_ ]?after(?:[-_ ]?seconds)?`)}["']?(?:: ?|=| )["']?)\d{1,9}\b`],
  ['process', 'goroutine 42 stopped', String.raw`(?<=${anyCase(String.raw`\b(?:t?pid|tid|goroutine|thread|process)(?: id)?`)}["']?(?: ?[:=#] ?| ))\d{1,10}\b|(?<=(?:^|[\s…])[A-Za-z][\w-]{0,40})\[\d{3,7}\]:`],
];

/** None of them begins with a blank or between two letters, which is told first, for speed. */
const VARIABLE = new RegExp(String.raw`(?!\s|(?<=[A-Za-z])[A-Za-z])(?:${VARIABLE_PARTS.map(([, , pattern]) => pattern).join('|')})`, 'gu');
/** What a variable part counts as when a text is cut, for nearly all are shorter. */
const NOMINAL_LENGTH = 40;
/** Beyond the place where a text is cut, this much is looked at to see a variable part there whole. */
const LONGEST_ID = 300;

interface Part {
  readonly index: number;
  readonly end: number;
}

/** As long as a message of a condition may be; what follows is not folded. */
const FOLD_LIMIT = 32_768;

/**
 * `text` for comparing: times, durations, ephemeral ports, ids, resourceVersions, counters of attempts and numbers of
 * processes each stand as `#`, so that the same sentence said again is the same text. Counts, fixed ports, versions,
 * dates without a time, field paths, status codes, sizes and names stay. Never to be shown.
 */
export function folded(text: string): string {
  return `${text.slice(0, FOLD_LIMIT).replaceAll(VARIABLE, '#')}${text.slice(FOLD_LIMIT)}`;
}

/** Whether a line may be shown whole. Asked of the same text with other variable parts, the answer is the same. */
function fits(line: string, length: number): boolean {
  return line.length * NOMINAL_LENGTH <= length || (line.length <= length && endOf(line, length) === line.length);
}

/** Where to cut so that what is before counts as at most `room`: at a character, and never inside a variable part. */
function endOf(line: string, room: number): number {
  let [counted, at] = [0, 0];
  for (const { index, end } of [...variableParts(line), { index: line.length, end: line.length }]) {
    counted += index - at;
    if (counted > room) return boundary(line, index - (counted - room), 'start');
    counted += countOf(index, end);
    if (counted > room) return index;
    at = end;
  }
  return line.length;
}

/** The same from the end. What told a variable part for one may be cut off then, such as the `pid` of `pid 7`. */
function startOf(line: string, room: number): number {
  let [counted, at] = [0, line.length];
  for (const { index, end } of [{ index: 0, end: 0 }, ...variableParts(line)].toReversed()) {
    counted += at - end;
    if (counted > room) return boundary(line, end + (counted - room), 'end');
    counted += countOf(index, end);
    if (counted > room) return end;
    at = index;
  }
  return 0;
}

function countOf(index: number, end: number): number {
  return end === index ? 0 : Math.max(end - index, NOMINAL_LENGTH);
}

function variableParts(line: string): Part[] {
  const parts: Part[] = [];
  // Not matchAll: it works on a copy of the expression, which is compiled anew.
  line.replaceAll(VARIABLE, (part, index: number) => {
    parts.push({ index, end: index + part.length });
    return '';
  });
  return parts;
}

/** `index`, or if that is inside a character, the place before it, or after it when the end is kept. */
function boundary(line: string, index: number, keep: 'start' | 'end'): number {
  const { index: start, segment } = GRAPHEMES.segment(line).containing(index) ?? { index, segment: '' };
  if (start === index) return index;
  if (segment.length <= MAX_GRAPHEME) return keep === 'start' ? start : start + segment.length;
  const splits = (line.codePointAt(index - 1) ?? 0) > 0xffff;
  if (!splits) return index;
  return keep === 'start' ? index - 1 : index + 1;
}
