// Whether any operator has looked at an MCPServer as it is now. Pure.
import type { MCPServerObject } from '../kinds.ts';
import { ageOf } from './ages.ts';

/** A running operator has looked at a change long before. */
const SOON_MS = 15_000;

/** A sentence where nobody has looked for so long that nobody may be there; undefined where somebody has. */
export function unseen({ metadata, status }: MCPServerObject, now: Date): string | undefined {
  const { generation, creationTimestamp, namespace, managedFields = [] } = metadata;
  const observed = status?.observedGeneration ?? -1;
  if (observed >= generation) return undefined;
  const changes = managedFields.filter(({ subresource }) => subresource === undefined).map(({ time }) => time);
  const changed = [creationTimestamp, ...changes].filter((time) => time !== undefined).toSorted().at(-1);
  if (changed === undefined || now.getTime() - Date.parse(changed) < SOON_MS) return undefined;
  const since = observed < 0 ? 'since it was created' : 'since it was changed';
  return `No operator has looked at it ${since} ${ageOf(changed, now)} ago: see whether one is installed and runs, and whether it watches namespace ${namespace}.`;
}
