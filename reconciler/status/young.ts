// For how long nothing is held against a container or a pod: whatever is well takes some seconds, too. Pure.
import type { PodObject } from '../kinds.ts';

/** What has been so for less than this, in milliseconds, is no news. */
export const YOUNG_MS = 10_000;

/** How long it still is until something that began at a time, as the API server writes it, is no longer young; 0 where it is not, or nobody knows. */
export function youngFor(since: string | undefined, now: Date): number {
  const age = now.getTime() - Date.parse(since ?? '');
  // A clock that is behind the node's must not hold back for longer.
  return age < YOUNG_MS ? Math.min(YOUNG_MS - age, YOUNG_MS) : 0;
}

/** In how many milliseconds the first container that runs and is not ready, or the first pod without a node, is no longer young; undefined when there is none. */
export function youngLookMs(pods: readonly PodObject[], now: Date): number | undefined {
  const waits = pods.flatMap(({ metadata, status }) => {
    if (metadata.deletionTimestamp !== undefined) return [];
    const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    const running = containers.filter(({ ready }) => ready !== true).map(({ state }) => state?.running?.startedAt);
    const unplaced = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False')?.lastTransitionTime;
    return [...running, unplaced].map((since) => youngFor(since, now));
  });
  const ahead = waits.filter((ms) => ms > 0);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
