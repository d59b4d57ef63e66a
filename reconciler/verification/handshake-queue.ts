// Who is asked next, and how many at a time, so that no tenant's pods make another tenant's wait. Pure state, no I/O.

/** Handshakes with the pods of one MCPServer at a time. */
export const MOST_PER_SERVER = 2;

/** Of all slots: while more are free than this, a namespace may get its third and further ones. */
const FREE_FOR_MORE = 1 / 2;

/** Of all slots, and at least one: while more are free than this, a namespace may get its second. */
const FREE_FOR_SECOND = 1 / 4;

/** Of all slots, for handshakes of the lane `failing`. */
const FAILING_SHARE = 1 / 2;

/** Turns of earlier lanes after which one that waits has a turn. */
export const MOST_PASSED_OVER = 3;

/**
 * Why a pod is asked, in the order in which turns are given. `witness`: another server stopped to answer. `first`: it was never asked.
 * `repeated`: it passed before. `failing`: it, or where it was never asked another pod of its MCPServer, did not pass when it was last
 * asked, or took long.
 */
export const LANES = ['witness', 'first', 'repeated', 'failing'] as const;

export type Lane = (typeof LANES)[number];

/** Where a handshake waits. */
export interface Place {
  readonly namespace: string;
  /** Key of the MCPServer. */
  readonly server: string;
  readonly lane: Lane;
  /** Before the others of its MCPServer. */
  readonly ahead?: boolean;
}

/** Namespaces, those first whose turn is longest ago; of each its MCPServers, in the same order; of each what waits. */
type Line<T> = Map<string, Map<string, Set<T>>>;

/** How many handshakes run with whom. */
class Running {
  total = 0;
  failing = 0;
  readonly #counts = new Map<string, number>();

  of(...whom: readonly string[]): number {
    return this.#counts.get(whom.join('/')) ?? 0;
  }

  change({ namespace, server, lane }: Place, by: 1 | -1): void {
    this.total += by;
    if (lane === 'failing') this.failing += by;
    for (const whom of [`namespace/${namespace}`, `server/${server}`, `${lane}/namespace/${namespace}`, `${lane}/server/${server}`]) {
      const count = this.of(whom) + by;
      if (count === 0) this.#counts.delete(whom);
      else this.#counts.set(whom, count);
    }
  }
}

/**
 * Gives `slots` turns at a time, round robin over the namespaces of each lane:
 * - half of the slots are for whoever waits; of the others a namespace gets only its second, and the last quarter is for namespaces
 *   that hold none (from two slots on at least one is);
 * - handshakes with what fails or takes long hold at most half of the slots, each MCPServer one, and a namespace more than one only in
 *   the first half of these;
 * - each MCPServer has at most two.
 */
export class HandshakeQueue<T> {
  readonly #slots: number;
  readonly #lines: Readonly<Record<Lane, Line<T>>> = { witness: new Map(), first: new Map(), repeated: new Map(), failing: new Map() };
  readonly #places = new Map<T, Place>();
  readonly #taken = new Map<T, Place>();
  readonly #running = new Running();
  /** Turns given to earlier lanes while one of this lane could have had them. */
  readonly #passedOver: Record<Lane, number> = { witness: 0, first: 0, repeated: 0, failing: 0 };

  constructor(slots: number) {
    this.#slots = slots;
  }

  /**
   * Lets it wait, at the end of its MCPServer's line. Where it waits already in the same lane it keeps its place, or goes ahead; a
   * witness stays one.
   */
  add(item: T, place: Place): void {
    const { namespace, server, lane, ahead = false } = place;
    const waits = this.#places.get(item)?.lane;
    if (waits === 'witness' || (waits === lane && !ahead)) return;
    this.delete(item);
    this.#places.set(item, place);
    const servers = this.#lines[lane].get(namespace) ?? new Map<string, Set<T>>();
    const items = servers.get(server) ?? new Set<T>();
    this.#lines[lane].set(namespace, servers.set(server, ahead ? new Set([item, ...items]) : items.add(item)));
  }

  /** Lets it wait no more. A turn it has ends with `release`. */
  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const line = this.#lines[place.lane];
    const servers = line.get(place.namespace);
    const items = servers?.get(place.server);
    items?.delete(item);
    if (items?.size === 0) servers?.delete(place.server);
    if (servers?.size === 0) line.delete(place.namespace);
  }

  /** Whether it waits. */
  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** Gives a turn, which lasts until `release`; undefined when nobody can have one now. */
  next(): T | undefined {
    if (this.#running.total >= this.#slots || this.#places.size === 0) return undefined;
    const able = LANES.flatMap((lane) => this.#ablest(lane) ?? []);
    const chosen = able.find(({ place: { lane } }) => this.#passedOver[lane] >= MOST_PASSED_OVER) ?? able[0];
    if (chosen === undefined) return undefined;
    for (const { place: { lane } } of able.slice(able.indexOf(chosen) + 1)) this.#passedOver[lane] += 1;
    this.#passedOver[chosen.place.lane] = 0;
    this.#take(chosen.item, chosen.place);
    return chosen.item;
  }

  /** Ends a turn. */
  release(item: T): void {
    const place = this.#taken.get(item);
    if (place === undefined) return;
    this.#taken.delete(item);
    this.#running.change(place, -1);
  }

  /** Whose turn it would be in this lane. */
  #ablest(lane: Lane): { readonly item: T; readonly place: Place } | undefined {
    if (lane === 'failing' && this.#running.failing >= this.#mostFailing()) return undefined;
    for (const [namespace, servers] of this.#lines[lane]) {
      if (!this.#mayTake(namespace, lane)) continue;
      for (const [server, [item]] of servers) {
        const place = item === undefined ? undefined : this.#places.get(item);
        if (item !== undefined && place !== undefined && this.#mayBeAsked(server, lane)) return { item, place };
      }
    }
    return undefined;
  }

  #take(item: T, place: Place): void {
    const line = this.#lines[place.lane];
    const servers = line.get(place.namespace);
    const items = servers?.get(place.server);
    this.delete(item);
    // To the end of both lines.
    line.delete(place.namespace);
    servers?.delete(place.server);
    if (items !== undefined && items.size > 0) servers?.set(place.server, items);
    if (servers !== undefined && servers.size > 0) line.set(place.namespace, servers);
    this.#taken.set(item, place);
    this.#running.change(place, 1);
  }

  #mayTake(namespace: string, lane: Lane): boolean {
    const running = this.#running;
    const held = running.of('namespace', namespace);
    if (held === 0) return true;
    if (lane === 'failing' && running.of(lane, 'namespace', namespace) > 0 && running.failing >= this.#mostFailing() * FREE_FOR_MORE) return false;
    const free = this.#slots - running.total;
    return held === 1 ? free > Math.max(1, this.#slots * FREE_FOR_SECOND) : free > this.#slots * FREE_FOR_MORE;
  }

  #mayBeAsked(server: string, lane: Lane): boolean {
    if (lane === 'failing' && this.#running.of(lane, 'server', server) > 0) return false;
    return this.#running.of('server', server) < MOST_PER_SERVER;
  }

  #mostFailing(): number {
    return Math.max(1, Math.floor(this.#slots * FAILING_SHARE));
  }
}
