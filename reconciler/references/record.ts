// The record of what the pods were started with, and what its difference from the present state demands. Pure.
import type { Reference } from '../../charts/references.ts';
import { hashOf } from './digest.ts';
import type { Observed } from './followed.ts';

/** A reference with what is known of its object. */
export interface Known {
  readonly reference: Reference;
  readonly observed: Observed;
}

/** Hashes by reference, as they stand in the annotation. */
export type ReferenceRecord = ReadonlyMap<string, string>;

/** How the present state differs from a record. */
export interface Comparison {
  /** References that were on record with another hash: pods run with something else. */
  readonly changed: readonly Known[];
  /** The record of the present references, those that changed as they were: true while pods are not replaced. */
  readonly kept: ReferenceRecord;
  /** The record of the present state: true of pods that start from now on. */
  readonly latest: ReferenceRecord;
}

/** Stands for an object that is not there and need not be. */
const ABSENT = '-';
/** Stands for an object pods have been waiting for since they came to need it. */
const AWAITED = '?';

/** Reads an annotation; what is no entry is skipped. */
export function parseRecord(text: string | undefined): ReferenceRecord {
  const entries = (text ?? '').split(',').map((entry) => entry.split('='));
  return new Map(entries.flatMap(([id, hash]): [string, string][] => (id !== undefined && hash !== undefined ? [[id, hash]] : [])));
}

/** The annotation of a record: sorted, so that one record has one text. */
export function formatRecord(record: ReferenceRecord): string {
  return [...record].map(([id, hash]) => `${id}=${hash}`).toSorted().join(',');
}

/**
 * Compares the present state with a record. What was not on record changes nothing, for the pod template that refers to
 * it is new as well; what is unknown, or what no pod starts without, is taken to be as it was.
 */
export function compare(known: readonly Known[], recorded: ReferenceRecord): Comparison {
  const [changed, kept, latest] = [[] as Known[], new Map<string, string>(), new Map<string, string>()];
  for (const each of known) {
    if (each.reference.keys.length === 0) continue;
    const id = idOf(each.reference);
    const before = recorded.get(id);
    const now = hashNow(each, before);
    if (now === undefined) continue;
    const isChange = before !== undefined && before !== now && !startsPods(each, before) && now !== AWAITED;
    if (isChange) changed.push(each);
    kept.set(id, isChange ? before : now);
    latest.set(id, now);
  }
  return { changed, kept, latest };
}

function hashNow({ reference, observed }: Known, before: string | undefined): string | undefined {
  const { digest } = observed.state === 'Present' ? observed : {};
  if (digest?.kind === 'Secret') return digest.hash;
  if (digest?.kind === 'ConfigMap' && lackingKeys({ reference, observed }).length === 0) {
    const { keys } = reference;
    return keys === 'all' ? digest.all : hashOf(keys.map((key) => digest.hashes.get(key)));
  }
  if (observed.state !== 'Absent' && digest === undefined) return before;
  if (!reference.holdsPods) return ABSENT;
  return before === undefined || before === ABSENT ? AWAITED : before;
}

/** Whether pods that have waited for the object can have seen nothing else of it than this. */
function startsPods({ observed }: Known, before: string): boolean {
  if (before !== AWAITED || observed.state !== 'Present' || observed.digest.kind === 'ServiceAccount') return false;
  return observed.told || observed.digest.fresh;
}

/** Keys of a ConfigMap that pods wait for; those of a Secret cannot be known. */
export function lackingKeys({ reference, observed }: Known): string[] {
  if (observed.state !== 'Present' || observed.digest.kind !== 'ConfigMap') return [];
  const { hashes } = observed.digest;
  return reference.requiredKeys.filter((key) => !hashes.has(key));
}

/** Which keys of a ConfigMap are read belongs to its name on record: reading others is a change of the spec, not of the object. */
function idOf({ kind, name, keys }: Reference): string {
  return kind === 'ConfigMap' && keys !== 'all' ? `${kind}/${name}#${hashOf(keys).slice(0, 6)}` : `${kind}/${name}`;
}
