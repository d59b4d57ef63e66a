// What a server refers to by name without rendering it: Secrets, ConfigMaps and a named ServiceAccount. Pure.
import { hasConfig } from './config-map.ts';
import { usesOf, type ReferenceKind, type Use } from './api/uses.ts';
import { configMapNameOf, type ResolvedServer } from './server.ts';

export type { ReferenceKind } from './api/uses.ts';

/** Everything a server wants of one object in its namespace. */
export interface Reference {
  readonly kind: ReferenceKind;
  readonly name: string;
  /** Where the spec names it, in order. */
  readonly fields: readonly string[];
  /** Whether some use is not optional. */
  readonly required: boolean;
  /** Whether no pod starts before the object is there: not so for what pods do not read. */
  readonly holdsPods: boolean;
  /** Keys no pod starts without. */
  readonly requiredKeys: readonly string[];
  /** As of its uses together, sorted. */
  readonly keys: Use['keys'];
}

/** Every object the server refers to, once each, sorted by kind and name. Claims are not among them: a pod without its claim says so itself. */
export function referencesOf(server: ResolvedServer): Reference[] {
  const ownConfig = hasConfig(server) ? configMapNameOf(server) : undefined;
  const uses = new Map<string, Use[]>();
  for (const use of usesOf(server.spec)) {
    if (use.kind === 'ConfigMap' && use.name === ownConfig) continue;
    const key = `${use.kind}/${use.name}`;
    uses.set(key, [...(uses.get(key) ?? []), use]);
  }
  return [...uses].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, all]) => merged(all));
}

function merged(uses: readonly Use[]): Reference[] {
  const [first] = uses;
  if (first === undefined) return [];
  const needed = uses.filter(({ optional }) => optional !== true);
  return [{
    kind: first.kind,
    name: first.name,
    fields: uses.map(({ field }) => field),
    required: needed.length > 0,
    holdsPods: needed.some(({ keys }) => keys.length > 0),
    requiredKeys: sorted(needed.flatMap(({ keys }) => (keys === 'all' ? [] : keys))),
    keys: uses.some(({ keys }) => keys === 'all') ? 'all' : sorted(uses.flatMap(({ keys }) => keys)),
  }];
}

function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].toSorted();
}
