// An object that MCPServers refer to, and what is known of it.
import { isDeepStrictEqual } from 'node:util';
import type { Reference, ReferenceKind } from '../../charts/references.ts';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import type { Clock } from '../runtime/clock.ts';
import { digestOf, type Digest } from './digest.ts';
import { News } from './news.ts';

/** What is known of an object. Refused: the operator may not look. Waiting: no answer has come yet. Unfollowed: it never will. */
export type ObjectState =
  | { readonly state: 'Present'; readonly digest: Digest }
  | { readonly state: 'Absent' | 'Refused' | 'Waiting' | 'Unfollowed' };

/** What is known, when it last changed, and whether a watch told of that change itself: a list may have missed others before. */
export type Observed = ObjectState & { readonly at: number; readonly told: boolean };

/** What is read of an object; the namespace is the MCPServer's. */
export type Reading = Pick<Reference, 'kind' | 'name' | 'keys'> & Partial<Pick<Reference, 'requiredKeys'>>;

/** The resources that can be referred to. */
export const TYPES: Readonly<Record<ReferenceKind, ResourceType>> = {
  Secret: SECRETS,
  ConfigMap: CONFIG_MAPS,
  ServiceAccount: SERVICE_ACCOUNTS,
};

/** One object for all MCPServers that refer to it. */
export class Followed {
  readonly namespace: string;
  readonly kind: ReferenceKind;
  readonly name: string;
  /** Each MCPServer that refers to it, `namespace/name`, with the keys it reads. */
  readonly users = new Map<string, readonly string[]>();
  readonly news = new News();
  /** How often in a row the operator was not allowed to look. */
  refusals = 0;
  readonly #clock: Clock;
  #observed: Observed;
  /** The keys of which hashes are kept. */
  #covered: ReadonlySet<string> = new Set();
  /** Since when somebody reads keys of which no hashes are kept. */
  #askedAt: number | undefined;

  constructor(namespace: string, { kind, name }: Pick<Reading, 'kind' | 'name'>, clock: Clock) {
    this.namespace = namespace;
    this.kind = kind;
    this.name = name;
    this.#clock = clock;
    this.#observed = { state: 'Waiting', at: clock.now(), told: false };
  }

  /** Differs from that of every other object of the namespace. */
  get id(): string {
    return `${this.kind}/${this.name}`;
  }

  /** An MCPServer reads these keys from now on. Returns whether the object must be looked at for them. */
  use(user: string, reading: Reading): boolean {
    const keys = keysOf(reading);
    this.users.set(user, keys);
    if (this.#observed.state !== 'Present' || this.#covers(keys)) return false;
    this.#askedAt ??= this.#clock.now();
    return true;
  }

  /** What is known, for one who reads these keys. */
  observed(reading: Reading): Observed {
    const isKnown = this.#observed.state !== 'Present' || this.#covers(keysOf(reading));
    return isKnown ? this.#observed : { state: 'Waiting', at: this.#askedAt ?? this.#clock.now(), told: false };
  }

  /** Takes note of the object as it is, undefined: not there. Returns whether something else is known now. */
  note(object: KubernetesObject | undefined, told: boolean): boolean {
    this.refusals = 0;
    this.#askedAt = undefined;
    if (object === undefined) return this.#note({ state: 'Absent' }, told);
    const keys = new Set([...this.users.values()].flat());
    const isWider = this.kind === 'ConfigMap' && !this.#covers([...keys]);
    this.#covered = keys;
    return this.#note({ state: 'Present', digest: digestOf(this.kind, object, keys) }, told) || isWider;
  }

  /** Takes note that the operator may not look. Returns whether that is new. */
  refuse(): boolean {
    this.refusals += 1;
    this.news.forget();
    return this.#note({ state: 'Refused' }, false);
  }

  /** Two writes within a second may look the same: the second counts as the last all the same. */
  #note(state: ObjectState, told: boolean): boolean {
    const { at, told: toldBefore, ...before } = this.#observed;
    const isSame = isDeepStrictEqual(essence(before), essence(state));
    this.#observed = isSame && !told ? { ...state, at, told: toldBefore } : { ...state, at: this.#clock.now(), told };
    return !isSame;
  }

  #covers(keys: readonly string[]): boolean {
    return this.kind !== 'ConfigMap' || keys.every((key) => this.#covered.has(key));
  }
}

function keysOf({ keys, requiredKeys = [] }: Reading): readonly string[] {
  return [...(keys === 'all' ? [] : keys), ...requiredKeys];
}

/** What tells one state from another: not of how many keys hashes are kept. */
function essence(state: ObjectState): unknown {
  if (state.state !== 'Present' || state.digest.kind !== 'ConfigMap') return state;
  const { hashes: _, ...digest } = state.digest;
  return { ...state, digest };
}
