// Whether it is the operator that is cut off: when many servers turn unreachable at about the same time, their verdicts
// are held instead of believed. Pure state, no I/O.
import { canTell, tellsCutOff, type Voter } from './votes.ts';

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
      record.answeredMs = Math.max(record.answeredMs, nowMs);
      this.#answeredMs = Math.max(this.#answeredMs, nowMs);
      return false;
    }
    record.unreachableMs = before?.unreachableMs ?? nowMs;
    return record.verified && before?.unreachableMs === undefined;
  }

  /**
   * Verified servers that count as reachable, one of each namespace before the second of any, those first that were not heard of for
   * longest; none where they could prove nothing: too few can only show that there is a way to pods, which matters where one is `silent`.
   */
  witnesses({ silent }: { readonly silent: boolean }): string[] {
    return !silent && !canTell(this.#verified()) ? [] : this.#rounds().map(({ key }) => key);
  }

  /** One witness of each namespace: who shows that there is a way to pods, even if all of another tenant's are silent. */
  guides(): string[] {
    return this.#rounds().filter(({ round }) => round === 0).map(({ key }) => key);
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
    const others = this.#verified().filter((other) => other.key !== key);
    return others.some(({ record: { unreachableMs = Infinity } }) => unreachableMs >= sinceMs - intervalMs);
  }

  /**
   * What to make of it that a server does not answer. Suspected is the operator itself: of the verified servers that are known about
   * since then so many turned unreachable within one interval that it is cut off, by `tellsCutOff`. Undecided: that depends on
   * witnesses that are not heard yet.
   */
  judge(key: string, intervalMs: number): 'Believed' | 'Undecided' | 'Suspected' {
    const subject = this.#records.get(key);
    const since = subject?.unreachableMs;
    if (subject?.verified !== true || since === undefined) return 'Believed';
    const says = ({ unreachableMs, answeredMs, awaited }: Record, ofAwaited: Voter['says']): Voter['says'] => {
      if (unreachableMs !== undefined) return Math.abs(unreachableMs - since) <= intervalMs ? 'Lost' : 'Nothing';
      if (answeredMs >= since) return 'Answers';
      return awaited ? ofAwaited : 'Nothing';
    };
    const verified = this.#verified();
    const isCutOff = (ofAwaited: Voter['says']): boolean =>
      tellsCutOff(verified.map(({ namespace, record }) => ({ namespace, says: says(record, ofAwaited) })), namespaceOf(key));
    if (isCutOff('Answers')) return 'Suspected';
    return isCutOff('Lost') ? 'Undecided' : 'Believed';
  }

  /** Forgets a server, because nobody can be asked about it any more. */
  forget(key: string): void {
    this.#records.delete(key);
  }

  /** In the order in which they are asked; of each namespace one in each round. */
  #rounds(): { readonly key: string; readonly round: number }[] {
    const unasked = this.#verified().filter(({ record: { unreachableMs, awaited } }) => unreachableMs === undefined && !awaited);
    const counts = new Map<string, number>();
    const numbered = unasked.toSorted((a, b) => a.record.answeredMs - b.record.answeredMs).map(({ key, namespace }) => {
      const round = counts.get(namespace) ?? 0;
      counts.set(namespace, round + 1);
      return { key, round };
    });
    return numbered.toSorted((a, b) => a.round - b.round);
  }

  #verified(): { readonly key: string; readonly namespace: string; readonly record: Record }[] {
    return [...this.#records].filter(([, { verified }]) => verified).map(([key, record]) => ({ key, namespace: namespaceOf(key), record }));
  }
}

function namespaceOf(key: string): string {
  return key.split('/', 1)[0] ?? '';
}
