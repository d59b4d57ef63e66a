// Whether the API server answers, as watches notice it: and from when it does not, asked again until it does.
import { setTimeout as sleep } from 'node:timers/promises';
import { isApiError } from '../../../kubernetes/errors.ts';
import { plain } from '../../../kubernetes/text.ts';
import type { Link } from './told.ts';

export interface LinkOptions {
  /** Asks the API server something small that the page needs; rejects where it does not say it. */
  readonly ask: () => Promise<void>;
  readonly onChange: () => void;
  readonly signal: AbortSignal;
}

/** Between two questions while it is away. */
const PAUSE_MS = 1000;
const LONGEST_REASON = 500;

/** What is known of it. */
export class ApiServerLink {
  readonly #options: LinkOptions;
  #state: Link = { away: null, since: null };
  #asks = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get state(): Link {
    return this.#state;
  }

  /** It was heard. */
  heard(): void {
    if (this.#state.away !== null) this.#set({ away: null, since: null });
  }

  /** A watch ended by an error: it is asked whether the rest can still be seen. */
  failed(error: unknown): void {
    if (this.#asks || isApiError(error, 'Gone')) return;
    this.#asks = true;
    void this.#askUntilItAnswers().finally(() => { this.#asks = false; });
  }

  async #askUntilItAnswers(): Promise<void> {
    const { ask, signal } = this.#options;
    while (!signal.aborted) {
      try {
        await ask();
        this.heard();
        return;
      } catch (error) {
        if (signal.aborted) return;
        const { since } = this.#state;
        const reason = error instanceof Error ? error.message : String(error);
        this.#set({ away: plain(reason, LONGEST_REASON), since: since ?? new Date().toISOString() });
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #set(state: Link): void {
    if (state.away === this.#state.away) return;
    this.#state = state;
    this.#options.onChange();
  }
}
