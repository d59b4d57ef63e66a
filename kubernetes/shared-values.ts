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

type Fields = Record<string, unknown>;

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

  /** Lets a value parsed from JSON share what is in it with earlier ones, in place. Who is given a value must not change it. */
  share<T>(value: T): T {
    if (typeof value === 'string') return this.#string(value) as T;
    if (typeof value === 'object' && value !== null) this.#shareBelow(value as Fields, 1);
    return value;
  }

  /** An earlier object that is the same, in which fields come in the same order, or this one. It is not changed. */
  shared<T>(value: T): T {
    return typeof value === 'object' && value !== null ? this.#object(value) : value;
  }

  /** How many values are in it; Infinity where it is nothing to be shared. Makes little on its way: it is called for all that a watch tells of. */
  #shareBelow(fields: Fields, depth: number): number {
    if (depth > DEEPEST) return Infinity;
    let size = isPlain(fields) ? 0 : Infinity;
    for (const field of Object.keys(fields)) {
      const value = fields[field];
      size += 1;
      if (typeof value === 'string') {
        if (value.length > LONGEST) size = Infinity;
        else fields[field] = this.#string(value);
      } else if (typeof value === 'object' && value !== null) {
        const below = this.#shareBelow(value as Fields, depth + 1);
        if (below <= MOST_VALUES) fields[field] = this.#object(value);
        size += below;
      } else if (value === undefined) size = Infinity;
    }
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

/** Whether its JSON tells all of it. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
