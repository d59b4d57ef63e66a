// Whether it is the operator that is cut off: when many servers turn unreachable at about the same time, their verdicts
// are held instead of believed. Pure state, no I/O.

/** Fewer servers prove nothing. */
const LEAST_SERVERS = 5;

interface Record {
  /** It was verified, now or before a restart of the operator. */
  verified: boolean;
  /** When it last answered anything at all. */
  answeredMs: number;
  /** Since when it does not answer. */
  unreachableMs?: number | undefined;
  /** Asked as a witness, and not heard of yet. */
  awaited: boolean;
}

/** What is known of all servers together. Times are of the monotonic clock. */
export class Suspicion {
  readonly #records = new Map<string, Record>();
  /** When any server last answered anything at all. */
  #answeredMs = -Infinity;

  /** Takes note of a handshake that told whether a server can be reached. True when a verified one stopped to answer just now. */
  heard(
    key: string,
    { reachable, verified, nowMs }: { readonly reachable: boolean; readonly verified: boolean; readonly nowMs: number },
  ): boolean {
    const before = this.#records.get(key);
    const record: Record = { verified: verified || before?.verified === true, answeredMs: before?.answeredMs ?? -Infinity, awaited: false };
    this.#records.set(key, record);
    if (reachable) {
      record.answeredMs = nowMs;
      this.#answeredMs = nowMs;
      return false;
    }
    record.unreachableMs = before?.unreachableMs ?? nowMs;
    return record.verified && before?.unreachableMs === undefined;
  }

  /**
   * Verified servers that count as reachable, those first that were not heard of for longest; none where they could prove
   * nothing: fewer than five can only show that there is a way to pods, which matters where one is `silent`.
   */
  witnesses({ silent }: { readonly silent: boolean }): string[] {
    const verified = [...this.#records].filter(([, record]) => record.verified);
    if (!silent && verified.length < LEAST_SERVERS) return [];
    const unasked = verified.filter(([, { unreachableMs, awaited }]) => unreachableMs === undefined && !awaited);
    return unasked.toSorted(([, a], [, b]) => a.answeredMs - b.answeredMs).map(([key]) => key);
  }

  /** Takes note that a witness is being asked. */
  await(key: string): void {
    const record = this.#records.get(key);
    if (record !== undefined) record.awaited = true;
  }

  /** Whether a witness was asked and not heard of yet. */
  awaits(key: string): boolean {
    return this.#records.get(key)?.awaited === true;
  }

  /**
   * Whether the silence of a pod says nothing about it: other servers could show that there is a way to pods, and none
   * answered since. Those that were out of reach long before could not.
   */
  doubts(key: string, { sinceMs, intervalMs }: { readonly sinceMs: number; readonly intervalMs: number }): boolean {
    if (this.#answeredMs >= sinceMs) return false;
    const others = [...this.#records].filter(([other, { verified }]) => other !== key && verified);
    return others.some(([, { unreachableMs = Infinity }]) => unreachableMs >= sinceMs - intervalMs);
  }

  /**
   * What to make of it that a server does not answer. Suspected is the operator itself: of the verified servers known
   * about since then more than half, and at least five, turned unreachable within one interval. Undecided: witnesses are
   * not heard yet.
   */
  judge(key: string, intervalMs: number): 'Believed' | 'Undecided' | 'Suspected' {
    const subject = this.#records.get(key);
    const since = subject?.unreachableMs;
    if (subject?.verified !== true || since === undefined) return 'Believed';
    const verified = [...this.#records.values()].filter((record) => record.verified);
    if (verified.length < LEAST_SERVERS) return 'Believed';
    const isLost = ({ unreachableMs }: Record): boolean =>
      unreachableMs !== undefined && Math.abs(unreachableMs - since) <= intervalMs;
    const lost = verified.filter(isLost).length;
    const present = verified.filter(({ unreachableMs, answeredMs }) => unreachableMs === undefined && answeredMs >= since).length;
    if (lost >= LEAST_SERVERS && lost > present) return 'Suspected';
    return verified.some(({ awaited }) => awaited) ? 'Undecided' : 'Believed';
  }

  /** Forgets a server, because nobody can be asked about it any more. */
  forget(key: string): void {
    this.#records.delete(key);
  }
}
