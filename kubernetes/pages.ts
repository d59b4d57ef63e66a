// Reads a collection page by page, so that no page is large, however large the objects are and whoever put them there.

/** Objects of the first page; each later page may have twice as many as the one before if they are small, up to `MOST_OBJECTS`. */
const FIRST_OBJECTS = 25;
const MOST_OBJECTS = 200;
/** A page of more bytes is not read to its end, and asked for again with a quarter of the objects. A single object is read whatever its size. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** What to ask for; `maxBytes` undefined: read it all. */
export interface PageRequest {
  readonly limit: number;
  readonly next: string | undefined;
  readonly maxBytes: number | undefined;
}

/** One page; `next` is where the following one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly next: string | undefined;
  readonly bytes: number;
}

/** A whole collection; `resourceVersion` is where to watch from. */
export interface List<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

/** How a collection is read. */
export interface Paging<T, K> {
  /** Reads one page; undefined: it has more bytes than allowed. */
  readonly read: (request: PageRequest) => Promise<Page<T> | undefined>;
  /** What of each object is kept; undefined: nothing. The rest goes before the next page comes. */
  readonly keep: (object: T) => K | undefined;
  /** Objects of a page at most; default: what its bytes allow. */
  readonly limit?: number | undefined;
}

/** Reads all pages, and keeps of each object what is to be kept. */
export async function readPages<T, K>({ read, keep, limit: most = MOST_OBJECTS }: Paging<T, K>): Promise<List<K>> {
  const items: K[] = [];
  let limit = Math.min(FIRST_OBJECTS, most);
  let next: string | undefined;
  for (;;) {
    const page = await read({ limit, next, maxBytes: limit === 1 ? undefined : MAX_PAGE_BYTES });
    if (page === undefined) {
      limit = Math.ceil(limit / 4);
      continue;
    }
    for (const object of page.items) {
      const kept = keep(object);
      if (kept !== undefined) items.push(kept);
    }
    ({ next } = page);
    if (next === undefined) return { items, resourceVersion: page.resourceVersion };
    if (page.bytes <= MAX_PAGE_BYTES / 2) limit = Math.min(limit * 2, most);
  }
}

/** Lets so many do something at a time, in the order they came. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Does it when there is a place. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
