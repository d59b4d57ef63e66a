// How a server that fails is asked: one of its pods at each turn, in turns that come less and less often. Pure.
import { GRACE_MS, nextProbeInMs, type PodProbe } from './pod-probe.ts';

/** What is known of how a server fails. Times are of the monotonic clock. */
export interface Failing {
  /** Turns since a pod began or ceased to fail, in which one failed; 0 once none does. */
  readonly misses: number;
  /** When the last one was. */
  readonly missedMs: number;
}

export const NOT_FAILING: Failing = { misses: 0, missedMs: -Infinity };

/** A pod, and when it last answered. */
interface Asked {
  readonly probe: PodProbe;
  readonly answeredMs: number;
}

/** Whether a pod did not pass when it was last asked. */
export function isFailing({ latest }: PodProbe): boolean {
  return latest !== undefined && latest.outcome !== 'Passed';
}

/** After an answer of a pod that was `before`, when `othersFail`. A pod that begins to fail, or ceases to, begins the steps anew. */
export function afterAnswer(failing: Failing, now: { before: PodProbe; after: PodProbe; othersFail: boolean; nowMs: number }): Failing {
  const { before, after, othersFail, nowMs } = now;
  if (isFailing(after)) return { misses: isFailing(before) ? failing.misses + 1 : 1, missedMs: nowMs };
  if (!othersFail) return NOT_FAILING;
  return isFailing(before) ? { misses: 1, missedMs: nowMs } : failing;
}

/** Milliseconds until one of the `pods` that fail is asked. */
export function nextTurnInMs(pods: readonly PodProbe[], { misses, missedMs }: Failing, now: { intervalMs: number; nowMs: number }): number {
  const { intervalMs, nowMs } = now;
  const steps = pods.map((probe) => nextProbeInMs({ ...probe, misses }, { intervalMs, nowMs: missedMs, random: 0 }));
  return Math.max(0, Math.min(...steps) + missedMs - nowMs);
}

/** Which of the pods that fail is asked: one that failed once, or was not asked since its grace ended; else that which answered longest ago. */
export function pick<T extends Asked>(pods: readonly T[]): T | undefined {
  const isOpen = ({ probe: { latest, settled, misses, firstSeenMs }, answeredMs }: T): boolean =>
    latest !== settled && (misses === 1 || answeredMs < firstSeenMs + GRACE_MS);
  const open = pods.filter(isOpen);
  return (open.length > 0 ? open : pods).toSorted((a, b) => a.answeredMs - b.answeredMs)[0];
}
