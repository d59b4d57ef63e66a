// The addresses of the other replicas, as a name says them: asked for when somebody needs them, one question at a time.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { canonical } from './addresses.ts';
import { inTime } from './in-time.ts';
import type { Log } from './log.ts';

/** What was said stands for so long; so often at the most is asked. */
const FRESH_MS = 1000;
/** Whoever needs an answer waits so long for it, and then takes the last one. */
const WAIT_MS = 1000;
/** While there is no answer the last one stands for so long: later an address may be somebody else's. */
const STALE_MS = 30_000;
/** Addresses taken of one answer; and those that are remembered although they are no longer in it. */
const MOST_ADDRESSES = 512;

/** All addresses of a name; an address has itself. Rejects where it has none, or nobody says. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** As the system has it: its resolver, of both kinds of addresses. */
export const systemLookup: Lookup = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

export interface PeerAddressesOptions {
  /** Names, and addresses that stand for themselves. */
  readonly peers: readonly string[];
  /** The own one, which is left out. */
  readonly own: string;
  readonly lookup: Lookup;
  readonly log: Log;
}

export class PeerAddresses {
  /** Whether they are given, and so can never be others. */
  readonly isFixed: boolean;
  readonly #options: PeerAddressesOptions;
  #listed: ReadonlySet<string> = new Set();
  #departed: ReadonlySet<string> = new Set();
  #askedAt = Number.NEGATIVE_INFINITY;
  #saidAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(options: PeerAddressesOptions) {
    this.#options = options;
    this.isFixed = options.peers.every((peer) => isIP(peer) !== 0);
  }

  /** Those that are listed, as far as that is known. */
  get listed(): ReadonlySet<string> {
    return this.#isKnown ? this.#listed : new Set();
  }

  /** Those that were listed once, and are no longer. */
  get departed(): ReadonlySet<string> {
    return this.#departed;
  }

  /** Why nobody knows which there are; undefined while it is known. */
  get unknown(): string | undefined {
    return this.#isKnown ? undefined : (this.#failure ?? 'no answer yet');
  }

  /** Asks, unless that was done within the last second. Resolves when it is said, or after a second. */
  async look(): Promise<void> {
    if (this.#asking === undefined && performance.now() - this.#askedAt > FRESH_MS) {
      this.#askedAt = performance.now();
      this.#asking = this.#ask().finally(() => (this.#asking = undefined));
    }
    if (this.#asking !== undefined) await inTime(WAIT_MS, this.#asking);
  }

  get #isKnown(): boolean {
    return performance.now() - this.#saidAt <= STALE_MS;
  }

  async #ask(): Promise<void> {
    const { peers, own, lookup: addressesOf, log } = this.#options;
    try {
      const found = await Promise.all(peers.map((peer) => addressesOf(peer)));
      const listed = new Set(found.flat().map(canonical).slice(0, MOST_ADDRESSES));
      const gone = [...this.#departed, ...this.#listed].filter((address) => !listed.has(address));
      listed.delete(own);
      this.#departed = new Set(gone.slice(-MOST_ADDRESSES));
      this.#listed = listed;
      this.#saidAt = performance.now();
      if (this.#failure !== undefined) log.info('other replicas can be looked up again', { peers });
      this.#failure = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (this.#failure === undefined) log.warn('other replicas cannot be looked up', { peers, why: message });
      this.#failure = message;
    }
  }
}
