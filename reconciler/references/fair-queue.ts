// What is to be done for many namespaces: one namespace after the other, however much one of them wants. Pure.

interface Entry<T> {
  readonly item: T;
  readonly dueMs: number;
}

/** Items by namespace and id, each due at a time of the caller's clock. */
export class FairQueue<T> {
  /** In the order of their turns. */
  readonly #namespaces = new Map<string, Map<string, Entry<T>>>();
  readonly #pausedUntil = new Map<string, number>();

  /** Items that wait. */
  get size(): number {
    return [...this.#namespaces.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Adds an item, or replaces the one with its id, which keeps its place. */
  put(namespace: string, id: string, entry: Entry<T>): void {
    const entries = this.#namespaces.get(namespace) ?? new Map<string, Entry<T>>();
    entries.set(id, entry);
    this.#namespaces.set(namespace, entries);
  }

  delete(namespace: string, id: string): void {
    const entries = this.#namespaces.get(namespace);
    entries?.delete(id);
    if (entries?.size === 0) this.#namespaces.delete(namespace);
  }

  clear(): void {
    this.#namespaces.clear();
    this.#pausedUntil.clear();
  }

  /** Nothing of the namespace is taken before that. */
  pause(namespace: string, untilMs: number): void {
    this.#pausedUntil.set(namespace, untilMs);
  }

  /** The first due item of the namespace whose turn it is; its next turn comes after all others. */
  take(nowMs: number): T | undefined {
    for (const [namespace, entries] of this.#namespaces) {
      if (this.#isPaused(namespace, nowMs)) continue;
      for (const [id, { item, dueMs }] of entries) {
        if (dueMs > nowMs) continue;
        this.#namespaces.delete(namespace);
        entries.delete(id);
        if (entries.size > 0) this.#namespaces.set(namespace, entries);
        return item;
      }
    }
    return undefined;
  }

  /** When there will be something to take; undefined: not before something is put or a pause is changed. */
  nextMs(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const [namespace, entries] of this.#namespaces) {
      const paused = this.#pausedUntil.get(namespace) ?? 0;
      for (const { dueMs } of entries.values()) {
        next = Math.min(next, Math.max(paused, dueMs));
        if (dueMs <= paused) break;
      }
    }
    return Number.isFinite(next) ? next : undefined;
  }

  #isPaused(namespace: string, nowMs: number): boolean {
    const until = this.#pausedUntil.get(namespace) ?? 0;
    if (until > nowMs) return true;
    this.#pausedUntil.delete(namespace);
    return false;
  }
}
