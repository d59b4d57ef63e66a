// What the bridges of pods that are not ready say: that the stdio server in them does not start. Pure.
import type { PodObject } from '../kinds.ts';
import type { Failed, HandshakeResult } from '../verification/handshake-result.ts';
import type { PodProbe } from '../verification/pod-probe.ts';
import type { StoredVerdict } from '../verification/verdict.ts';

/** A stdio server that does not start. */
export interface Unstarted {
  readonly pod: string;
  readonly message: string;
  /** Whether it was found again after the time that every new pod has. */
  readonly settled: boolean;
}

/** The pods by name. After a restart of the operator what is stored stands until there is other evidence. */
export function unstartedOf(probes: readonly PodProbe[], stored: StoredVerdict | undefined): Unstarted[] {
  const { status, reason, message } = stored?.verified ?? {};
  const before = status === 'False' && reason === 'ChildNotStarted' ? message : undefined;
  return probes.toSorted((a, b) => (a.pod < b.pod ? -1 : 1)).flatMap((probe) => judged(probe, before) ?? []);
}

/** What is told of some pods: of the first, or the first of those where it is settled if there are some. */
export function unstartedAmong(pods: readonly PodObject[], unstarted: readonly Unstarted[] = []): Unstarted | undefined {
  const found = unstarted.filter(({ pod }) => pods.some(({ metadata }) => metadata.name === pod));
  return found.find(({ settled }) => settled) ?? found[0];
}

function judged({ pod, latest, settled, inherited }: PodProbe, before: string | undefined): Unstarted | undefined {
  const stood = inherited ? before : undefined;
  if (isFailure(settled)) return { pod, message: settled.message, settled: true };
  if (isFailure(latest)) return { pod, message: latest.message, settled: stood !== undefined };
  const saysNothing = latest === undefined || (settled === undefined && latest.outcome === 'Unknown');
  return saysNothing && stood !== undefined ? { pod, message: stood, settled: true } : undefined;
}

function isFailure(result: HandshakeResult | undefined): result is Failed {
  return result?.reason === 'ChildNotStarted';
}
