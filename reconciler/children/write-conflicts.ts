// Notices when what the operator applies to a child is undone again and again, or not even kept by the API server that took it, and
// keeps the operator from fighting on.
import type { Clock } from '../runtime/clock.ts';

/** So many applies of the same to one existing child within the window are a fight. */
const APPLIES = 10;
const WINDOW_MS = 5 * 60_000;
/** In a fight, the pause before the next attempt; each doubles it. */
const PAUSE_MS = { least: 10_000, most: 10 * 60_000 };
/** So many applies in a row that are not kept are one, too. */
const UNKEPT = 2;
/** A fight is over when the child stayed as it should be for so long. */
const QUIET_MS = 30_000;

/** What is seen of a child in a reconcile. */
export interface Sighting {
  /** Stands for this very object. */
  readonly uid: string;
  /** Stands for what should be applied: another one is a change of our own. */
  readonly hash: string;
  /** Whether the child is as it should be. */
  readonly asDesired: boolean;
}

/** What follows from it. */
export interface Ruling {
  readonly mayApply: boolean;
  readonly contested: boolean;
  /** In a fight: when to look again, in milliseconds. */
  readonly waitMs?: number;
  /** In a fight: whether the API server answered the last apply with an object that does not hold what was applied. */
  readonly unkept?: boolean;
  /** In a fight: whether to find out now who else writes; at other times there is nobody to be seen, or nothing new. */
  readonly askWho?: boolean;
}

interface Memory {
  readonly hash: string;
  /** When it was applied. */
  readonly applies: number[];
  seenMs: number;
  /** How many of the last applies were answered with an object that does not hold what was applied. */
  unkept: number;
  /** Set while fighting; `rivals` are the other writers seen since it began. */
  fight?: { pauseMs: number; nextMs: number; readonly rivals: Set<string> };
}

/** Remembers applies in this process alone: a restarted operator gives the other writer a new chance. */
export class WriteConflicts {
  readonly #clock: Pick<Clock, 'now'>;
  /** By uid; the child seen longest ago first. Most are as they should be, and have been for long: of those nothing is remembered. */
  readonly #memories = new Map<string, Memory>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Children remembered now: those applied lately, or not as they should be. */
  get size(): number {
    return this.#memories.size;
  }

  /** Takes note of a child as it is now, and rules whether it may be applied and whether somebody contests it. */
  rule({ uid, hash, asDesired }: Sighting): Ruling {
    const nowMs = this.#clock.now();
    this.#forgetOld(nowMs);
    const known = this.#memories.get(uid);
    const memory: Memory = known?.hash === hash ? known : { hash, applies: [], seenMs: nowMs, unkept: 0 };
    memory.seenMs = nowMs;
    if (known !== undefined) this.#memories.delete(uid);
    const ruling = asDesired ? calm(memory, nowMs) : contest(memory, nowMs);
    if (!asDesired || memory.fight !== undefined || isRecent(memory.applies.at(-1), nowMs)) this.#memories.set(uid, memory);
    return ruling;
  }

  /**
   * Takes note of a successful apply to a child that was looked at, and whether the answer holds what was applied. Where it does not
   * for the second time, the same apply would end the same: it is a fight.
   */
  applied(uid: string, { isKept = true } = {}): void {
    const memory = this.#memories.get(uid);
    const nowMs = this.#clock.now();
    memory?.applies.push(nowMs);
    if (memory === undefined) return;
    memory.unkept = isKept ? 0 : memory.unkept + 1;
    if (memory.fight !== undefined || memory.unkept < UNKEPT) return;
    memory.fight = { pauseMs: PAUSE_MS.least, nextMs: nowMs + PAUSE_MS.least, rivals: new Set() };
  }

  /** Takes note of who else writes to a contested child; all seen during the fight, for right after an apply none is to be seen. */
  rivals(uid: string, seen: readonly string[]): string[] {
    const rivals = this.#memories.get(uid)?.fight?.rivals ?? new Set<string>();
    for (const rival of seen) rivals.add(rival);
    return [...rivals].toSorted();
  }

  #forgetOld(nowMs: number): void {
    for (const [uid, { seenMs }] of this.#memories) {
      if (nowMs - seenMs <= 2 * PAUSE_MS.most) return;
      this.#memories.delete(uid);
    }
  }
}

function isRecent(applyMs: number | undefined, nowMs: number): boolean {
  return applyMs !== undefined && nowMs - applyMs <= WINDOW_MS;
}

function calm(memory: Memory, nowMs: number): Ruling {
  memory.unkept = 0;
  const quietInMs = (memory.applies.at(-1) ?? -Infinity) + QUIET_MS - nowMs;
  if (quietInMs <= 0) delete memory.fight;
  return memory.fight === undefined ? { mayApply: true, contested: false } : { mayApply: true, contested: true, waitMs: quietInMs };
}

function contest(memory: Memory, nowMs: number): Ruling {
  const { fight, applies, unkept } = memory;
  while (applies.length > 0 && !isRecent(applies[0], nowMs)) applies.shift();
  if (fight === undefined && applies.length < APPLIES) return { mayApply: true, contested: false };
  const kind = unkept > 0 ? { unkept: true } : {};
  if (fight !== undefined && nowMs < fight.nextMs) return { mayApply: false, contested: true, ...kind, waitMs: fight.nextMs - nowMs };
  const pauseMs = fight === undefined ? PAUSE_MS.least : Math.min(fight.pauseMs * 2, PAUSE_MS.most);
  memory.fight = { pauseMs, nextMs: nowMs + pauseMs, rivals: fight?.rivals ?? new Set() };
  return { mayApply: fight !== undefined, contested: true, ...kind, waitMs: pauseMs, askWho: true };
}
