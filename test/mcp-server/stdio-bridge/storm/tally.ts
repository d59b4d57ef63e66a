// What happened in the storm: how often what, and what must not have happened.

export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #wrong: string[] = [];
  #slowest = 0;

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Something that nobody may be told, or that may not be so. */
  wrong(what: string): void {
    this.#wrong.push(what);
  }

  took(milliseconds: number): void {
    this.#slowest = Math.max(this.#slowest, milliseconds);
  }

  get wrongs(): readonly string[] {
    return this.#wrong;
  }

  get slowestMs(): number {
    return this.#slowest;
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** One line for each, most frequent first. */
  text(): string {
    const sorted = [...this.#counts].toSorted(([, one], [, other]) => other - one);
    return sorted.map(([what, count]) => `${String(count).padStart(8)}  ${what}`).join('\n');
  }
}
