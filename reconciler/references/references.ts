// Follows the objects MCPServers refer to, and tells what is known of them.
import { MAX_REFERENCES } from '../../charts/api/uses.ts';
import type { Reference } from '../../charts/references.ts';
import type { Observed } from './followed.ts';
import type { Known } from './record.ts';
import { Watches, type WatchesOptions } from './watches.ts';

/** An MCPServer waits at most so long until all it refers to was looked at: what is on record before pods start cannot change unnoticed. */
const FIRST_LOOK_MS = 30_000;

const UNFOLLOWED: Observed = { state: 'Unfollowed', at: 0, told: false };

/** What is known of everything a server refers to. */
export interface Look {
  readonly known: readonly Known[];
  /** Set while the first look at something is still under way. */
  readonly waitMs?: number | undefined;
}

/** The references of all MCPServers; keys are `namespace/name`. */
export class References {
  readonly #watches: Watches;
  readonly #clock: WatchesOptions['clock'];

  constructor(options: WatchesOptions) {
    this.#watches = new Watches(options);
    this.#clock = options.clock;
  }

  /** Follows what the MCPServer refers to now, the first ones of too many, and tells what is known of it. */
  follow(key: string, references: readonly Reference[]): Look {
    const followed = references.slice(0, MAX_REFERENCES);
    this.#watches.follow(key, followed);
    const known = [
      ...followed.map((reference) => ({ reference, observed: this.#watches.observed(key, reference) })),
      ...references.slice(MAX_REFERENCES).map((reference) => ({ reference, observed: UNFOLLOWED })),
    ];
    const waiting = known.flatMap(({ observed }) => (observed.state === 'Waiting' ? [observed.at + FIRST_LOOK_MS - this.#clock.now()] : []));
    const waitMs = Math.max(0, ...waiting);
    return waitMs > 0 ? { known, waitMs } : { known };
  }

  /** Forgets an MCPServer that is gone. */
  forget(key: string): void {
    this.#watches.follow(key, []);
  }

  /** Number of objects that are followed. */
  get followed(): number {
    return this.#watches.counts.objects;
  }

  /** Ends every watch. */
  stop(): Promise<void> {
    return this.#watches.stop();
  }
}
