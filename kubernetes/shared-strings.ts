// One copy of the strings that many objects repeat, such as labels, owners and images: parsing JSON makes a new one each time.

/** Longer ones hardly repeat. */
const LONGEST = 256;
/** Strings known at a time: those that repeat are soon known again after all were forgotten. */
const MOST = 1000;
/** What lies deeper stays as it is: how deep objects are is up to whoever writes them. */
const DEEPEST = 32;

/** Strings by their values. */
export class SharedStrings {
  readonly #known = new Map<string, string>();

  /** Lets a value parsed from JSON share its strings with earlier ones. In place, which makes no difference to who reads it; the same value. */
  share<T>(value: T): T {
    if (typeof value === 'string') return this.#one(value) as T;
    if (typeof value === 'object' && value !== null) this.#shareBelow(value as Record<string, unknown>, 1);
    return value;
  }

  /** Makes nothing on its way: it is called for every object that a watch tells of. */
  #shareBelow(fields: Record<string, unknown>, depth: number): void {
    if (depth > DEEPEST) return;
    for (const field of Object.keys(fields)) {
      const value = fields[field];
      if (typeof value === 'string') fields[field] = this.#one(value);
      else if (typeof value === 'object' && value !== null) this.#shareBelow(value as Record<string, unknown>, depth + 1);
    }
  }

  #one(text: string): string {
    if (text.length > LONGEST) return text;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}
