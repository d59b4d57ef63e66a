// What the first handshakes find of a server that has just started says little: it may open its port before it is there. Pure.
import type { PodObject } from '../kinds.ts';
import type { Verdict } from '../verification/verdict.ts';
import { NOTHING_KNOWN } from './situation.ts';
import { youngFor } from './young.ts';

const NOT_YET = { reason: 'NotYetProbed', message: NOTHING_KNOWN.message } as const;

/** What is told of a verdict: of one that is not good yet nothing while a container that serves is young. */
export function patientVerdict(verdict: Verdict | undefined, pods: readonly PodObject[], now: Date): Verdict | undefined {
  if (verdict === undefined || earlyLookMs(verdict, pods, now) === undefined) return verdict;
  const pending = verdict.pending && { pending: NOT_YET };
  return verdict.verified === 'Unknown' ? { ...verdict, ...NOT_YET, ...pending } : { ...verdict, ...pending };
}

/** Milliseconds until such a verdict is told as it is; undefined where it is already. */
export function earlyLookMs(verdict: Verdict | undefined, pods: readonly PodObject[], now: Date): number | undefined {
  const isOpen = verdict !== undefined && (verdict.verified === 'Unknown' || verdict.pending !== undefined);
  if (!isOpen || verdict.verified === 'False') return undefined;
  const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const containers = alive.flatMap(({ status }) => status?.containerStatuses ?? []);
  const started = containers.map(({ state }) => youngFor(state?.running?.startedAt, now));
  const left = Math.max(0, ...started);
  return left > 0 ? left : undefined;
}
