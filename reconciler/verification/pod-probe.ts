// What is known of one serving pod from its handshakes, and when to ask it again. Pure.
import { folded } from '../../kubernetes/text.ts';
import type { HandshakeResult } from './handshake-result.ts';

/** The record of one container of one pod; a restarted container gets a new one. Times are of the monotonic clock. */
export interface PodProbe {
  /** Name of the pod. */
  readonly pod: string;
  readonly firstSeenMs: number;
  /** The pod served when its MCPServer was first looked at, so a stored verdict may be about it. */
  readonly inherited: boolean;
  /** Handshakes in a row with the outcome of the last one, or without any answer. */
  readonly streak: number;
  /** Handshakes in a row that did not pass. */
  readonly misses: number;
  /** Since when nothing at all is heard of the pod. */
  readonly silentSinceMs?: number | undefined;
  /** Times in a row that it found the same in other words, or of other particulars. */
  readonly variants?: number;
  /** What the last handshake found. Kept as it was as long as it finds the same. */
  readonly latest?: HandshakeResult;
  /** What counts: a pass at once, anything else when found twice in a row, a failure only after the pod's grace, but for one that cannot be asked again. */
  readonly settled?: HandshakeResult;
}

/** A new pod may fail for so long before that counts. */
export const GRACE_MS = 30_000;

/** So often the words for one finding are replaced; then the last ones stand until something else is found. */
export const MOST_VARIANTS = 5;

const RETRY_STEPS_MS = [1, 2, 5, 10, 20, 40, 80, 160, 320].map((seconds) => seconds * 1000);

/** The record of a pod not asked yet. */
export function newProbe(pod: string, options: { nowMs: number; inherited: boolean }): PodProbe {
  return { pod, firstSeenMs: options.nowMs, inherited: options.inherited, streak: 0, misses: 0 };
}

/** The record after one more handshake. With `held` a server out of reach counts for nothing yet. */
export function withResult(probe: PodProbe, result: HandshakeResult, { nowMs, held = false }: { nowMs: number; held?: boolean }): PodProbe {
  const { latest: before, variants: told = 0 } = probe;
  const isVariant = before !== undefined && before.reason === result.reason && !sameFinding(before, result);
  const isKept = before !== undefined && (isVariant ? told >= MOST_VARIANTS : sameFinding(before, result));
  const latest = isKept ? before : result;
  const variants = before?.reason === result.reason ? told + (isKept ? 0 : 1) : 0;
  const isSilent = result.outcome !== 'Passed' && result.silent === true;
  const isAlike = result.outcome === before?.outcome && isStarting(result) === isStarting(before);
  const isSame = isAlike || (isSilent && probe.silentSinceMs !== undefined);
  const streak = isSame ? probe.streak + 1 : 1;
  const misses = result.outcome === 'Passed' ? 0 : probe.misses + 1;
  const settles = {
    Passed: true,
    Failed: isFinalResult(result) || (streak >= 2 && nowMs - probe.firstSeenMs >= GRACE_MS),
    Unknown: streak >= 2 && !held && !isStarting(result),
  }[result.outcome];
  const silentSinceMs = isSilent ? (probe.silentSinceMs ?? nowMs) : undefined;
  return { ...probe, streak, misses, silentSinceMs, variants, latest, ...(settles ? { settled: latest } : {}) };
}

/** Milliseconds until the next handshake: none for a new pod, short steps while it does not pass, else the interval. */
export function nextProbeInMs(probe: PodProbe, options: { intervalMs: number; nowMs: number; random: number }): number {
  const { intervalMs, nowMs, random } = options;
  if (probe.latest === undefined) return 0;
  if (probe.latest.outcome === 'Passed') return intervalMs * (0.9 + 0.2 * random);
  // A server that has begun to start answers soon, however often it failed before.
  const steps = isStarting(probe.latest) ? probe.streak : probe.misses;
  const step = RETRY_STEPS_MS[Math.min(steps, RETRY_STEPS_MS.length) - 1] ?? intervalMs;
  const grace = probe.firstSeenMs + GRACE_MS - nowMs;
  return Math.min(step, intervalMs, grace > 0 ? grace : intervalMs);
}

/** A server that is being started has time for that, and what is known of it stands meanwhile. */
function isStarting({ reason }: HandshakeResult): boolean {
  return reason === 'Starting';
}

/** Whether it is not asked again before its container starts anew. */
export function isFinal({ latest }: PodProbe): boolean {
  return latest !== undefined && isFinalResult(latest);
}

function isFinalResult(result: HandshakeResult): boolean {
  return result.outcome === 'Failed' && result.isFinal === true;
}

/** Whether a status could look different after `after` than after `before`. */
export function differs(before: PodProbe, after: PodProbe): boolean {
  return before.latest !== after.latest || before.settled !== after.settled;
}

/** Whether two results say the same: a server's request ids, or a version with the time in it, must not move a status. */
function sameFinding(one: HandshakeResult, other: HandshakeResult): boolean {
  return gist(one) === gist(other);
}

function gist(result: HandshakeResult): string {
  const { name, version, ...server } = (result.outcome === 'Passed' ? result.server : undefined) ?? {};
  return JSON.stringify([result.reason, server, ...[name, version, result.message].map((text) => text && folded(text))]);
}
