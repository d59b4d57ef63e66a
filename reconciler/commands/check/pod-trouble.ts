// Why a pod of the operator is not ready, as its status says. Pure.
import type { PodObject } from '../../kinds.ts';

/** In a few words; undefined where nothing is wrong, or nothing is said. */
export function podTrouble({ metadata: { name }, status }: PodObject): string | undefined {
  const [waiting] = (status?.containerStatuses ?? []).flatMap(({ state }) => state?.waiting ?? []);
  if (waiting !== undefined && waiting.reason !== 'ContainerCreating') {
    return `${name} waits (${[waiting.reason, waiting.message].filter((each) => each !== undefined).join(': ')})`;
  }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? `${name} is on no node (${scheduled.message ?? scheduled.reason ?? 'unknown'})` : undefined;
}
