// What watches have told of an object since it was looked at last: whether to look again, and whether that told all. Pure.

interface Told {
  readonly events: number;
  /** Something may have happened that nobody told. */
  readonly missed: boolean;
  /** The version told last; undefined: it is not there. */
  readonly version: string | undefined;
}

const NOTHING: Told = { events: 0, missed: false, version: undefined };

/** Watches tell of an object by its version alone; what is in it is seen by looking. */
export class News {
  /** Seen last; null: not yet looked at. */
  #seen: string | undefined | null = null;
  /** Told before the look that is under way began, and since then or since the last one. */
  #before = NOTHING;
  #since = NOTHING;
  /** Whether something may have been missed without calling for a look. */
  #isGap = false;

  /** A watch tells of a change (`told`), or a list of how things stand. Returns whether that calls for a look. */
  tell(version: string | undefined, told: boolean): boolean {
    const isPending = isNews(this.#before) || isNews(this.#since);
    if (!isPending && version === this.#seen) {
      // Where a list finds nothing, as before, something may have come and gone.
      this.#isGap ||= version === undefined && !told;
      return false;
    }
    this.#since = { events: this.#since.events + 1, missed: this.#since.missed || !told, version };
    return true;
  }

  /** What was seen counts no longer. */
  forget(): void {
    this.#seen = null;
  }

  /** A look begins, or begins again. */
  begin(): void {
    const { events, missed } = this.#before;
    if (isNews(this.#since)) this.#before = { ...this.#since, events: events + this.#since.events, missed: missed || this.#since.missed };
    this.#before = { ...this.#before, missed: this.#before.missed || this.#isGap };
    [this.#since, this.#isGap] = [NOTHING, false];
  }

  /**
   * A look has ended. `told`: a watch told of the very change that was seen, and nothing happened beside it.
   * `again`: something happened that it may not have seen.
   */
  saw(version: string | undefined): { readonly told: boolean; readonly again: boolean } {
    const { events, missed } = this.#before;
    // One absence is like another.
    const told = version !== undefined && events === 1 && !missed && this.#before.version === version && !isNews(this.#since);
    const again = isNews(this.#since) && this.#since.version !== version;
    if (!again) this.#since = NOTHING;
    this.#before = NOTHING;
    this.#seen = version;
    return { told, again };
  }
}

function isNews({ events }: Told): boolean {
  return events > 0;
}
