// An autoscaler that has no metrics scales nothing, and says so where hardly anybody looks. Pure.
import type { AutoscalerObject } from '../kinds.ts';
import { sentence } from './trouble.ts';

/** New pods have no metrics for a minute or so: what lasts no longer than this, in milliseconds, is no news. */
const PATIENCE_MS = 180_000;

/** Why the autoscaler does not scale, as a sentence of a condition; undefined while it does, or may soon. */
export function autoscalerMessage(autoscaler: AutoscalerObject | undefined, now: Date): string | undefined {
  const inactive = inactiveOf(autoscaler);
  if (inactive === undefined || leftOf(inactive.lastTransitionTime, now) > 0) return undefined;
  const { name, namespace } = autoscaler?.metadata ?? {};
  return `The autoscaler has no metrics and scales nothing: ${sentence(inactive.message ?? inactive.reason ?? 'it does not say why')} Metrics of pods need metrics-server in the cluster, and spec.resources.requests of what is measured; kubectl -n ${namespace} describe hpa ${name} tells more.`;
}

/** Milliseconds until that could be told; undefined when it could not. */
export function autoscalerLookMs(autoscaler: AutoscalerObject | undefined, now: Date): number | undefined {
  const left = leftOf(inactiveOf(autoscaler)?.lastTransitionTime, now);
  return left > 0 ? left : undefined;
}

function inactiveOf(autoscaler: AutoscalerObject | undefined) {
  const active = autoscaler?.status?.conditions?.find(({ type }) => type === 'ScalingActive');
  // At no replicas it is disabled, which is as it should be.
  return active?.status === 'False' && /Metric/.test(active.reason ?? '') ? active : undefined;
}

function leftOf(since: string | undefined, now: Date): number {
  const left = Date.parse(since ?? '') + PATIENCE_MS - now.getTime();
  return Math.min(Math.max(left, 0) || 0, PATIENCE_MS);
}
