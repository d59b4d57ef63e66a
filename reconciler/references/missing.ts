// What is missing of the objects a server refers to: seen by the operator itself, or said by pods that wait. Pure.
import type { ReferenceKind } from '../../charts/references.ts';
import { plain } from '../../kubernetes/text.ts';
import type { PodObject } from '../kinds.ts';
import { lackingKeys, type Known } from './record.ts';

/** What the status needs to know about references. */
export interface ReferenceFindings {
  /** What is missing, and what to do about it. */
  readonly missing?: { readonly reason: Missing['reason']; readonly message: string } | undefined;
  /** Kind and name of the objects pods read and the operator may not look at. */
  readonly refused: readonly string[];
  /** Kind and name of those that are too many to be followed. */
  readonly unfollowed: readonly string[];
}

interface Missing {
  readonly reason: 'SecretNotFound' | 'ConfigMapNotFound' | 'ServiceAccountNotFound' | 'KeyNotFound';
  readonly what: string;
}

/** A message about more than this many objects or fields names no further ones. */
const LIMIT = 20;
const KINDS: Readonly<Record<string, ReferenceKind>> = { secret: 'Secret', configmap: 'ConfigMap' };

/** Judges by what the operator knows; of objects it knows nothing about, and of the keys of Secrets, the pods tell. */
export function findMissing(
  known: readonly Known[],
  { namespace, pods }: { namespace: string; pods: readonly PodObject[] },
): ReferenceFindings {
  const told = pods.flatMap(toldBy);
  const missing = known.flatMap((each): Missing[] => {
    const { reference: { kind, name, required, fields }, observed } = each;
    const where = `(${fields.slice(0, LIMIT).join(', ')})`;
    const about = told.filter((one) => one.kind === kind && one.name === name);
    if (observed.state === 'Absent') return required ? [{ reason: `${kind}NotFound`, what: `${kind} ${name} ${where}` }] : [];
    if (observed.state !== 'Present' && about.some(({ key }) => key === undefined)) return [{ reason: `${kind}NotFound`, what: `${kind} ${name} ${where}` }];
    const toldKeys = observed.state === 'Present' && kind === 'ConfigMap' ? [] : about.flatMap(({ key }) => key ?? []);
    return [...new Set([...lackingKeys(each), ...toldKeys])].map((key) => ({ reason: 'KeyNotFound', what: `key ${key} of ${kind} ${name} ${where}` }));
  });
  const named = (state: 'Refused' | 'Unfollowed'): Known[] => known.filter(({ observed }) => observed.state === state);
  const refused = named('Refused').filter(({ reference: { keys } }) => keys.length > 0);
  return { missing: describe(missing, namespace), refused: refused.map(nameOf), unfollowed: named('Unfollowed').map(nameOf) };
}

function describe(missing: readonly Missing[], namespace: string): ReferenceFindings['missing'] {
  const [first] = missing.toSorted((a, b) => rank(a) - rank(b));
  if (first === undefined) return undefined;
  const more = missing.length > LIMIT ? `, and ${missing.length - LIMIT} more` : '';
  const list = missing.slice(0, LIMIT).map(({ what }) => what).join(', ');
  return { reason: first.reason, message: `Missing in namespace ${namespace}: ${list}${more}. The server goes on by itself as soon as it is there.` };
}

function nameOf({ reference: { kind, name } }: Known): string {
  return `${kind} ${name}`;
}

/** Whole objects before keys. */
function rank({ reason }: Missing): number {
  return reason === 'KeyNotFound' ? 1 : 0;
}

/** The kubelet's words about a container it cannot configure. */
function toldBy({ status }: PodObject): { kind: ReferenceKind | undefined; name: string; key?: string }[] {
  return (status?.containerStatuses ?? []).flatMap(({ state }) => {
    const { reason } = state?.waiting ?? {};
    if (reason !== 'CreateContainerConfigError') return [];
    const message = plain(state?.waiting?.message ?? '', 1000);
    const [, kind = '', name = ''] = /^(secret|configmap) "([^"]+)" not found/i.exec(message) ?? [];
    if (name !== '') return [{ kind: KINDS[kind.toLowerCase()], name }];
    const [, key = '', keyKind = '', keyName = ''] = /couldn't find key (\S+) in (secret|configmap) [^/\s]+\/(\S+)/i.exec(message) ?? [];
    return key === '' ? [] : [{ kind: KINDS[keyKind.toLowerCase()], name: keyName, key }];
  });
}
