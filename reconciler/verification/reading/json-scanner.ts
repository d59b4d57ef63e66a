// Reads JSON as it comes, whatever its size: looks at each byte once, and keeps nothing of it but where it stands (RFC 8259).

/** What is told of a JSON text. `path` names the members that lead to a value; every element of an array is called `*`, names are as strings. It changes, and is not to be kept. */
export interface JsonVisitor {
  /** An object or array begins. */
  begin(kind: 'object' | 'array', path: readonly string[]): void;
  /** It ends. */
  end(path: readonly string[]): void;
  /** A number, true, false or null; or a string: its bytes in Latin-1, as they are written, of a long one the first 1024. */
  scalar(value: unknown, path: readonly string[]): void;
}

/** Deeper text is nothing that programs read. */
const MAX_DEPTH = 1000;
/** Of names and strings no more is kept; no number is longer. */
const KEPT_BYTES = 1024;
/** The name of every element of an array. */
const ELEMENT = '*';

const HEX_DIGITS = 4;
const ESCAPE = HEX_DIGITS + 1;
/** What may follow a backslash. */
const ESCAPED = Buffer.from(String.raw`"\/bfnrtu`);
const U = 0x75;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([['true', true], ['false', false], ['null', null]]);

/** What may come next. */
type Expected = 'Value' | 'ValueOrEnd' | 'Name' | 'NameOrEnd' | 'Colon' | 'CommaOrEnd' | 'Nothing';

/** One JSON text. */
export class JsonScanner {
  readonly #visitor: JsonVisitor;
  /** Whether each container that is open is an array, and the name of its present member. */
  readonly #isArray: boolean[] = [];
  readonly #path: string[] = [];
  #expected: Expected = 'Value';
  /** What is kept of the string or word that is being read. */
  #kept: string | undefined;
  #isString = false;
  /** In an escape sequence: hexadecimal digits to come, or that it has just begun. */
  #escape = 0;
  #isBroken = false;

  constructor(visitor: JsonVisitor) {
    this.#visitor = visitor;
  }

  /** Whether what came so far cannot become JSON any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Reads on. */
  push(chunk: Buffer): void {
    let index = 0;
    while (index < chunk.length && !this.#isBroken) {
      if (this.#isString) {
        index = this.#takeOfString(chunk, index);
      } else {
        this.#take(chunk[index] ?? 0);
        index += 1;
      }
    }
  }

  /** Whether the text, which ends here, is JSON. */
  end(): boolean {
    this.#endWord();
    return !this.#isBroken && this.#expected === 'Nothing' && !this.#isString;
  }

  /** Returns where to go on. */
  #takeOfString(chunk: Buffer, start: number): number {
    let index = start;
    for (; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0;
      if (this.#escape > 0) this.#takeOfEscape(byte);
      else if (byte === QUOTE) break;
      else if (byte === BACKSLASH) this.#escape = ESCAPE;
      else if (byte < 0x20) this.#isBroken = true;
    }
    const kept = this.#kept ?? '';
    this.#kept = kept + chunk.toString('latin1', start, Math.min(index, start + KEPT_BYTES - kept.length));
    if (index === chunk.length) return index;
    this.#endString();
    return index + 1;
  }

  #takeOfEscape(byte: number): void {
    if (this.#escape < ESCAPE) this.#isBroken ||= !isHex(byte);
    else this.#isBroken ||= !ESCAPED.includes(byte);
    this.#escape = byte === U && this.#escape === ESCAPE ? HEX_DIGITS : this.#escape === ESCAPE ? 0 : this.#escape - 1;
  }

  #endString(): void {
    const text = this.#kept ?? '';
    this.#isString = false;
    this.#kept = undefined;
    if (this.#expected === 'Name' || this.#expected === 'NameOrEnd') {
      this.#path[this.#path.length - 1] = text;
      this.#expected = 'Colon';
    } else this.#scalar(text);
  }

  #take(byte: number): void {
    if (isOfWord(byte)) {
      this.#kept = (this.#kept ?? '') + String.fromCodePoint(byte);
      if (this.#kept.length > KEPT_BYTES) this.#isBroken = true;
      return;
    }
    this.#endWord();
    if (!isBlank(byte) && !this.#isBroken) this.#takeSign(byte);
  }

  /** A number, or true, false or null. */
  #endWord(): void {
    if (this.#kept === undefined || this.#isString) return;
    const value = valueOf(this.#kept);
    this.#kept = undefined;
    if (value === undefined || !this.#isValueExpected()) this.#isBroken = true;
    else this.#scalar(value);
  }

  #takeSign(byte: number): void {
    const expected = this.#expected;
    const isNameExpected = expected === 'Name' || expected === 'NameOrEnd';
    if (byte === QUOTE && (isNameExpected || this.#isValueExpected())) {
      this.#isString = true;
      this.#kept = '';
    } else if ((byte === BRACE || byte === BRACKET) && this.#isValueExpected()) this.#begin(byte === BRACKET);
    else if ((byte === BRACE_END || byte === BRACKET_END) && this.#isEndExpected(byte === BRACKET_END)) this.#end();
    else if (byte === COLON && expected === 'Colon') this.#expected = 'Value';
    else if (byte === COMMA && expected === 'CommaOrEnd') this.#expected = this.#isArray.at(-1) === true ? 'Value' : 'Name';
    else this.#isBroken = true;
  }

  #isValueExpected(): boolean {
    return this.#expected === 'Value' || this.#expected === 'ValueOrEnd';
  }

  #isEndExpected(ofArray: boolean): boolean {
    return this.#isArray.at(-1) === ofArray && ['ValueOrEnd', 'NameOrEnd', 'CommaOrEnd'].includes(this.#expected);
  }

  #begin(isArray: boolean): void {
    this.#visitor.begin(isArray ? 'array' : 'object', this.#path);
    this.#isArray.push(isArray);
    this.#path.push(isArray ? ELEMENT : '');
    this.#expected = isArray ? 'ValueOrEnd' : 'NameOrEnd';
    if (this.#path.length > MAX_DEPTH) this.#isBroken = true;
  }

  #end(): void {
    this.#isArray.pop();
    this.#path.pop();
    this.#visitor.end(this.#path);
    this.#endValue();
  }

  #scalar(value: unknown): void {
    this.#visitor.scalar(value, this.#path);
    this.#endValue();
  }

  #endValue(): void {
    this.#expected = this.#path.length === 0 ? 'Nothing' : 'CommaOrEnd';
  }
}

/** The value of a word; undefined when it has none. */
function valueOf(word: string): unknown {
  return NUMBER.test(word) ? Number(word) : LITERALS.get(word);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** A byte of a number, or of true, false or null. */
function isOfWord(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = (byte >= 0x61 && byte <= 0x7a) || byte === 0x45;
  return isDigit || isLetter || byte === 0x2d || byte === 0x2b || byte === 0x2e;
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
