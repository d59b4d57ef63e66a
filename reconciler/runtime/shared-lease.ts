// When the lease was last renewed, in memory that threads share: known also to one that got no message for long.

/** Written by the thread that renews, read by the one that works. Times are those of a clock that is the same in both. */
export class SharedLease {
  readonly memory: SharedArrayBuffer;
  /** Microseconds; 0 before the first renewal. */
  readonly #sent: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#sent = new BigInt64Array(memory);
  }

  /** A renewal that was sent then has succeeded. */
  renewed(sentMs: number): void {
    Atomics.store(this.#sent, 0, BigInt(Math.round(sentMs * 1000)));
  }

  /** Milliseconds since the last renewal was sent; endless before the first. */
  ageMs(nowMs: number): number {
    const sent = Atomics.load(this.#sent, 0);
    return sent === 0n ? Infinity : nowMs - Number(sent) / 1000;
  }
}

/** A leader whose lease ran out so long ago hangs. */
const HEALTH_TOLERANCE_MS = 20_000;

/** Why a process that leads under this lease is not healthy: it should have stopped long ago. */
export function leaderProblem(lease: SharedLease, { leaseMs, nowMs }: { leaseMs: number; nowMs: number }): string | undefined {
  const agoMs = lease.ageMs(nowMs);
  return agoMs <= leaseMs + HEALTH_TOLERANCE_MS ? undefined : `leads, though its lease was last renewed ${Math.round(agoMs / 1000)} s ago`;
}
