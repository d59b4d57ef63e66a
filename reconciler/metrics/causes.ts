// What led to a write: the change that concerns an MCPServer, until what it leads to is done.
import type { Clock } from '../runtime/clock.ts';
import type { ControllerOptions } from '../runtime/controller.ts';

/**
 * Generation: the MCPServer is new, or its spec changed. Object: an object of it changed, or a pod or endpoint. Reference: a Secret or
 * ConfigMap it refers to. Handshake: what its pods answer. Turn: it was its turn to have a newer bridge. Retry: what was refused is
 * tried again. Start: the operator has just begun to work.
 */
export const CAUSES = ['Generation', 'Object', 'Reference', 'Handshake', 'Turn', 'Retry', 'Start'] as const;
export type Cause = (typeof CAUSES)[number];

/** What a change leads to may wait for pods, or for other changes to join it; a change that is older explains nothing. */
const EXPLAINS_MS = 15 * 60_000;

interface Change {
  readonly cause: Cause;
  readonly atMs: number;
}

/** The changes that are being acted upon; of an MCPServer at rest there is none. */
export class Causes {
  readonly #changes = new Map<string, Change>();
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Takes note of a change that concerns an MCPServer. What follows from a change, such as pods that come and go, does not take its place. */
  note(key: string, cause: Cause): void {
    this.#changes.set(key, { cause: cause === 'Generation' ? cause : (this.of(key) ?? cause), atMs: this.#clock.now() });
  }

  /** What explains a write for an MCPServer now; undefined: nothing does. */
  of(key: string): Cause | undefined {
    const change = this.#changes.get(key);
    return change !== undefined && this.#clock.now() - change.atMs <= EXPLAINS_MS ? change.cause : undefined;
  }

  /** A reconcile after which a change explains nothing more, unless the reconcile failed or waits for something, or the change came meanwhile. */
  explaining(reconcile: ControllerOptions['reconcile']): ControllerOptions['reconcile'] {
    return async (key, context) => {
      const known = this.#changes.get(key);
      const result = await reconcile(key, context);
      const isLater = this.#changes.get(key) !== known;
      const waits = result?.requeueAfterMs !== undefined || result?.error !== undefined;
      if (!isLater && (!waits || this.of(key) === undefined)) this.#changes.delete(key);
      return result;
    };
  }
}
