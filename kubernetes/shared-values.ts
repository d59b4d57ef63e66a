// One copy of what many objects repeat: strings, and small objects and lists such as labels, owners, probes and security contexts. Parsing
// JSON makes a new one each time.

/** Longer texts hardly repeat: of a string, and of an object as JSON. */
const LONGEST = 512;
/** Objects with more values in them hardly repeat. */
const MOST_VALUES = 32;
/** Of each sort so many are known, and once more as many that were seen before those. */
const MOST = 1000;
/** What lies deeper stays as it is: how deep objects are is up to whoever writes them. */
const DEEPEST = 32;
/** Values that are nothing to be shared count for more than any other has. */
const TOO_MANY = 1e9;

const NONE: readonly string[] = [];

type Fields = Record<string, unknown>;

/** A field of a value, what it was before, and how deep it lies. */
interface Field {
  readonly name: string;
  readonly value: unknown;
  readonly earlier: unknown;
  readonly depth: number;
}

/** Values by their texts; those not seen for long are forgotten. */
class Seen<T> {
  #recent = new Map<string, T>();
  #before = new Map<string, T>();

  /** The value that was seen first with this text, as long as it comes again. */
  one(text: string, value: T): T {
    const recent = this.#recent.get(text);
    if (recent !== undefined) return recent;
    const known = this.#before.get(text) ?? value;
    if (this.#recent.size >= MOST) {
      this.#before = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(text, known);
    return known;
  }
}

/** Strings by their values, objects and lists by their JSON. */
export class SharedValues {
  readonly #strings = new Seen<string>();
  readonly #objects = new Seen<object>();

  /**
   * Lets a value parsed from JSON share what is in it with earlier ones, in place: first with `before`, which it follows, and of which most
   * is usually the same. Who is given a value must not change it.
   */
  share<T>(value: T, before?: T): T {
    if (typeof value === 'string') return this.#string(value) as T;
    if (typeof value !== 'object' || value === null) return value;
    const isSame = this.#shareBelow(value as Fields, fieldsOf(before), 1) < 0;
    return isSame ? (before as T) : value;
  }

  /** An earlier object that is the same, in which fields come in the same order, or this one. It is not changed. */
  shared<T>(value: T): T {
    return typeof value === 'object' && value !== null ? this.#object(value) : value;
  }

  /**
   * How many values are in it, TOO_MANY where it is nothing to be shared; `asBefore` of it where all of it is as before, in the same
   * order. Makes little on its way: it is called for all that a watch tells of.
   */
  #shareBelow(fields: Fields, before: Fields | undefined, depth: number): number {
    if (depth > DEEPEST) return TOO_MANY;
    const names = Object.keys(fields);
    const known = before === undefined ? NONE : Object.keys(before);
    let size = isPlain(fields) ? names.length : TOO_MANY;
    let isSame = before !== undefined && isAlike(fields, before) && names.length === known.length;
    for (const [index, name] of names.entries()) {
      const value = fields[name];
      const earlier = before !== undefined && (known[index] === name || Object.hasOwn(before, name)) ? before[name] : undefined;
      const below = this.#shareIn(fields, { name, value, earlier, depth });
      isSame &&= known[index] === name && below < 0;
      size += below < 0 ? asBefore(below) : below;
    }
    return isSame ? asBefore(size) : size;
  }

  /** The same of one field. */
  #shareIn(fields: Fields, { name, value, earlier, depth }: Field): number {
    if (typeof value === 'object' && value !== null) {
      const below = this.#shareBelow(value as Fields, fieldsOf(earlier), depth + 1);
      if (below < 0) fields[name] = earlier;
      else if (below <= MOST_VALUES) fields[name] = this.#object(value);
      return below;
    }
    const size = value === undefined || (typeof value === 'string' && value.length > LONGEST) ? TOO_MANY : 0;
    if (value !== undefined && value === earlier) {
      fields[name] = earlier;
      return asBefore(size);
    }
    if (typeof value === 'string') fields[name] = this.#string(value);
    return size;
  }

  #string(text: string): string {
    return text.length > LONGEST ? text : this.#strings.one(text, text);
  }

  #object<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    return text.length > LONGEST ? value : (this.#objects.one(text, value) as T);
  }
}

/** A size, less than 0: of what is as before. Of that again it is the size. */
function asBefore(size: number): number {
  return -1 - size;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

/** Whether both are lists, or both plain objects. */
function isAlike(one: object, other: object): boolean {
  return isPlain(one) && isPlain(other) && Array.isArray(one) === Array.isArray(other);
}

/** Whether its JSON tells all of it. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
