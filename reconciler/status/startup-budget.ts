// Whether the startup probe ended a container: by how long it ran, for one that ends politely leaves no other trace. Pure.
import type { ContainerStatus, PodObject, ProbeSpec, TerminatedState } from '../kinds.ts';

/** How long a container ran against how long its startup probe waits. */
export interface Run {
  /** Before the probe gave up; about when it did; later, so that the probe must have passed. */
  readonly ended: 'Before' | 'WithTheProbe' | 'After';
  readonly ranSeconds: number;
  readonly budgetSeconds: number;
}

/** What Kubernetes assumes. */
const DEFAULTS = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
const DEFAULT_GRACE_SECONDS = 30;
/** A kubelet under load probes late. */
const LATE_SECONDS = 10;

/** Undefined where the container has no startup probe, or nobody knows how long it ran. */
export function runOf({ spec }: PodObject, { name }: ContainerStatus, last: TerminatedState | undefined): Run | undefined {
  const probe = spec?.containers.find((container) => container.name === name)?.startupProbe;
  const ranSeconds = (Date.parse(last?.finishedAt ?? '') - Date.parse(last?.startedAt ?? '')) / 1000;
  if (probe === undefined || !(ranSeconds >= 0)) return undefined;
  const grace = probe.terminationGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  const { shortest, longest, budgetSeconds } = boundsOf(probe);
  const ended = ranSeconds < shortest ? 'Before' : ranSeconds <= longest + grace ? 'WithTheProbe' : 'After';
  return { ended, ranSeconds: Math.round(ranSeconds), budgetSeconds };
}

/** From the first probe on, which may come as soon as the delay is over, the container is ended with the last one that fails. */
function boundsOf(probe: ProbeSpec): { shortest: number; longest: number; budgetSeconds: number } {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = { ...DEFAULTS, ...probe };
  const budgetSeconds = initialDelaySeconds + periodSeconds * failureThreshold;
  const shortest = Math.min(budgetSeconds - periodSeconds - 1, budgetSeconds * 0.9);
  const slowest = initialDelaySeconds + Math.max(periodSeconds, timeoutSeconds) * (failureThreshold + 1);
  return { shortest: Math.max(shortest, 1), longest: slowest * 1.5 + LATE_SECONDS, budgetSeconds };
}
