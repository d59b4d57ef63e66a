// Follows the objects MCPServers refer to: what is known of them, and since when a change has been waiting.
import { referencesOf } from '../../charts/references.ts';
import type { ResolvedServer } from '../../charts/server.ts';
import type { Known } from './record.ts';
import { decide, type Decision, type Evidence } from './token.ts';
import { Watches, type WatchesOptions } from './watches.ts';

/** An MCPServer waits at most so long until all it refers to was looked at: what is on record before pods start cannot change unnoticed. */
const FIRST_LOOK_MS = 30_000;

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
  readonly #pendingSince = new Map<string, number>();

  constructor(options: WatchesOptions) {
    this.#watches = new Watches(options);
    this.#clock = options.clock;
  }

  /** Follows what the MCPServer refers to now, and tells what is known of it. */
  follow(key: string, server: ResolvedServer): Look {
    const references = referencesOf(server);
    this.#watches.follow(key, references);
    const known = references.map((reference) => ({ reference, observed: this.#watches.observed(key, reference) }));
    const waiting = known.flatMap(({ observed }) => (observed.state === 'Waiting' ? [observed.at + FIRST_LOOK_MS - this.#clock.now()] : []));
    const waitMs = Math.max(0, ...waiting);
    return waitMs > 0 ? { known, waitMs } : { known };
  }

  /** Decides what the Deployment of the MCPServer is to carry. */
  decide(key: string, evidence: Omit<Evidence, 'pendingSince' | 'now'>): Decision {
    const now = this.#clock.now();
    const pendingSince = this.#pendingSince.get(key) ?? now;
    const decision = decide({ ...evidence, pendingSince, now });
    if (decision.waitMs === undefined) this.#pendingSince.delete(key);
    else this.#pendingSince.set(key, pendingSince);
    return decision;
  }

  /** Forgets an MCPServer that is gone. */
  forget(key: string): void {
    this.#watches.follow(key, []);
    this.#pendingSince.delete(key);
  }

  /** Ends every watch. */
  stop(): Promise<void> {
    return this.#watches.stop();
  }
}

