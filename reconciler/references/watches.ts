// One watch per object that MCPServers refer to, shared by all that do, so that permissions by name suffice.
import { isDeepStrictEqual } from 'node:util';
import type { Reference, ReferenceKind } from '../../charts/references.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import { Reflector, type ReflectorLog, type ReflectorTiming } from '../../kubernetes/reflector.ts';
import type { Clock } from '../runtime/clock.ts';
import { digestOf, type Digest } from './digest.ts';

/** What is known of an object. Refused: the operator may not look. Waiting: no answer has come yet. */
export type ObjectState = { readonly state: 'Present'; readonly digest: Digest } | { readonly state: 'Absent' | 'Refused' | 'Waiting' };

/** What is known, when it last changed, and whether a watch told of that change itself: a list may have missed others before. */
export type Observed = ObjectState & { readonly at: number; readonly told: boolean };

/** Names an object; the namespace is the MCPServer's. */
export type ObjectName = Pick<Reference, 'kind' | 'name'>;

export interface WatchesOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: ReflectorLog;
  /** Told `namespace/name` of every MCPServer that refers to an object of which something else is known now. */
  readonly onChange: (key: string) => void;
}

interface Watched {
  readonly users: Set<string>;
  readonly stop: AbortController;
  readonly running: Promise<void>;
  observed: Observed;
}

const TYPES: Readonly<Record<ReferenceKind, ResourceType>> = { Secret: SECRETS, ConfigMap: CONFIG_MAPS, ServiceAccount: SERVICE_ACCOUNTS };
const ABSENT: ObjectState = { state: 'Absent' };
/** Most installations grant no Secret at all, and a Role that is added later is found within minutes. */
const TIMING: Partial<ReflectorTiming> = { baseDelayMs: 1000, maxForbiddenDelayMs: 600_000 };

/** Keeps what is known of referenced objects current. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #usedBy = new Map<string, ReadonlySet<string>>();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** Watches exactly these objects for an MCPServer, `namespace/name`, and no longer those it named before. */
  follow(key: string, objects: readonly ObjectName[]): void {
    const namespace = namespaceOf(key);
    const ids = new Set<string>();
    for (const object of objects) {
      const id = idOf(namespace, object);
      ids.add(id);
      if (!this.#watched.has(id)) this.#watched.set(id, this.#start(namespace, object));
      this.#watched.get(id)?.users.add(key);
    }
    for (const id of this.#usedBy.get(key) ?? []) if (!ids.has(id)) this.#leave(id, key);
    if (ids.size > 0) this.#usedBy.set(key, ids);
    else this.#usedBy.delete(key);
  }

  /** What is known of an object the MCPServer follows. */
  observed(key: string, object: ObjectName): Observed {
    return this.#watched.get(idOf(namespaceOf(key), object))?.observed ?? { state: 'Waiting', at: this.#options.clock.now(), told: false };
  }

  /** How many objects are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Ends every watch. */
  async stop(): Promise<void> {
    const all = [...this.#watched.values()];
    this.#watched.clear();
    this.#usedBy.clear();
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ running }) => running));
  }

  #leave(id: string, key: string): void {
    const watched = this.#watched.get(id);
    watched?.users.delete(key);
    if (watched === undefined || watched.users.size > 0) return;
    watched.stop.abort();
    this.#watched.delete(id);
  }

  #start(namespace: string, { kind, name }: ObjectName): Watched {
    const { client, clock, log } = this.#options;
    const stop = new AbortController();
    const reflector = new Reflector<KubernetesObject>({
      // Values of Secrets stay on the server.
      source: { client, type: TYPES[kind], namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: kind !== 'ConfigMap' },
      onList: ([object]) => note(object === undefined ? ABSENT : present(kind, object)),
      onEvent: (event, object) => note(event === 'DELETED' ? ABSENT : present(kind, object), { told: true }),
      onRestart: (_reason, error) => {
        if (isApiError(error, 'Forbidden')) note({ state: 'Refused' });
      },
      log,
      random: Math.random,
      timing: TIMING,
    });
    const watched: Watched = {
      users: new Set(),
      stop,
      running: reflector.run(stop.signal),
      observed: { state: 'Waiting', at: clock.now(), told: false },
    };
    const note = (state: ObjectState, how = { told: false }): void => this.#note(watched, state, how);
    return watched;
  }

  /** Two writes within a second may look the same: the second counts as the last all the same. */
  #note(watched: Watched, state: ObjectState, { told }: { told: boolean }): void {
    const { at: _at, told: _told, ...before } = watched.observed;
    const isSame = isDeepStrictEqual(before, state);
    if (watched.stop.signal.aborted || (isSame && !told)) return;
    watched.observed = { ...state, at: this.#options.clock.now(), told };
    if (isSame) return;
    for (const key of watched.users) this.#options.onChange(key);
  }
}

function present(kind: ReferenceKind, object: KubernetesObject): ObjectState {
  return { state: 'Present', digest: digestOf(kind, object) };
}

function namespaceOf(key: string): string {
  return key.split('/', 1).join('');
}

function idOf(namespace: string, { kind, name }: ObjectName): string {
  return `${kind}/${namespace}/${name}`;
}
