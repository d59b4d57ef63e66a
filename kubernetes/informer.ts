// A local copy of a collection kept current by list and watch: one reflector per namespace, one store with its indexes.
import type { KubernetesClient } from './client.ts';
import { ObjectStore } from './object-store.ts';
import type { Change, Indexers } from './object-store.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from './objects.ts';
import { Reflector } from './reflector.ts';
import type { ReflectorLog, ReflectorTiming } from './reflector.ts';
import { SharedValues } from './shared-values.ts';

/** What to keep a copy of, and how. */
export interface InformerOptions<T extends KubernetesObject, I extends string = never> {
  readonly client: KubernetesClient;
  readonly type: ResourceType;
  /** Namespaces to watch; absent or empty = all. */
  readonly namespaces?: readonly string[] | undefined;
  readonly labelSelector?: string | undefined;
  /** Shrinks an object on arrival, which keeps its name, uid and version; managedFields and kubectl's last-applied annotation are gone before. */
  readonly transform?: ((object: T) => T) | undefined;
  /** By what else than namespace and name objects are found, each under a name for `byIndex`. */
  readonly indexers?: Indexers<T, I> | undefined;
  /** What its objects share their values with; default: each other. */
  readonly values?: SharedValues | undefined;
  readonly log?: ReflectorLog | undefined;
  /** In [0, 1), default Math.random; spreads timeouts and retries. */
  readonly random?: (() => number) | undefined;
  /** Told each time a list or watch failed and is begun again. */
  readonly onRestart?: ((reason: string, error: unknown) => void) | undefined;
  readonly timing?: Partial<ReflectorTiming> | undefined;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const SILENT: ReflectorLog = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Lists, watches and remembers objects. Handlers see every change once, in order; objects handed out must not be changed. */
export class Informer<T extends KubernetesObject, I extends string = never> {
  /** Resolves after every namespace was listed once, or when `run` ends before that; `hasSynced` tells which. */
  readonly synced: Promise<void>;
  readonly #settle: () => void;
  readonly #options: InformerOptions<T, I>;
  readonly #log: ReflectorLog;
  readonly #store: ObjectStore<T, I>;
  readonly #values: SharedValues;
  readonly #handlers: ((change: Change<T>) => void)[] = [];
  readonly #scopes: readonly (string | undefined)[];
  readonly #listed = new Set<string | undefined>();
  /** When each namespace was last heard of, in milliseconds since 1970. */
  readonly #heard = new Map<string | undefined, number>();

  constructor(options: InformerOptions<T, I>) {
    const { namespaces = [], type, log, indexers, values = new SharedValues() } = options;
    const settled = Promise.withResolvers<void>();
    this.synced = settled.promise;
    this.#settle = settled.resolve;
    this.#options = options;
    this.#values = values;
    this.#log = log ?? SILENT;
    this.#store = new ObjectStore((change) => this.#notify(change), indexers);
    this.#scopes = type.namespaced && namespaces.length > 0 ? [...new Set(namespaces)] : [undefined];
  }

  /** Calls `handler` for every later change, the first list included. What it throws is logged. Register before `run`. */
  onChange(handler: (change: Change<T>) => void): void {
    this.#handlers.push(handler);
  }

  /** Keeps the copy current until the signal is aborted, then resolves; never rejects. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#scopes.map((namespace) => this.#reflector(namespace).run(signal)));
    this.#settle();
  }

  /** Whether every namespace was listed once. */
  hasSynced(): boolean {
    return this.#listed.size === this.#scopes.length;
  }

  /** Number of objects. */
  get size(): number {
    return this.#store.size;
  }

  /** When a list, an event or a bookmark last came, of several namespaces of the one that is silent longest; undefined before the first list of all. */
  heardAt(): Date | undefined {
    return this.hasSynced() ? new Date(Math.min(...this.#heard.values())) : undefined;
  }

  /** The object as last seen. */
  get(ref: ObjectReference): T | undefined {
    return this.#store.get(ref);
  }

  /** All objects, or those of one namespace, in no particular order. */
  list(namespace?: string): T[] {
    return this.#store.list(namespace);
  }

  /** The objects that an index has under a key, in no particular order; looks at no others. */
  byIndex(index: I, key: string): T[] {
    return this.#store.byIndex(index, key);
  }

  /** An object as this informer keeps it: for what other requests returned. */
  kept(object: T): T {
    const kept = withoutNoise(object);
    return this.#values.share(this.#options.transform?.(kept) ?? kept, this.#store.get(object.metadata));
  }

  #reflector(namespace: string | undefined): Reflector<T> {
    const { client, type, labelSelector, random = Math.random, onRestart, timing } = this.#options;
    return new Reflector<T>({
      source: { client, type, namespace, labelSelector },
      keep: (object) => this.kept(object),
      onList: (items) => {
        this.#store.replace(items, namespace);
        this.#listed.add(namespace);
        if (this.hasSynced()) this.#settle();
      },
      onEvent: (event, object) => {
        if (event === 'DELETED') this.#store.remove(this.kept(object));
        else this.#store.put(this.kept(object));
      },
      onHeard: () => this.#heard.set(namespace, Date.now()),
      onRestart: (reason, error) => this.#guard('restart', () => onRestart?.(reason, error)),
      log: this.#log,
      random,
      timing,
    });
  }

  #notify(change: Change<T>): void {
    const { namespace = '', name } = change.object.metadata;
    for (const handler of this.#handlers) this.#guard(`${change.type} ${namespace}/${name}`, () => handler(change));
  }

  #guard(what: string, handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.#log.error({ err: error, kind: this.#options.type.kind, what }, 'an informer handler failed');
    }
  }
}

/** A copy, for `delete` would turn the rest into a hash table of several times its size. */
function withoutNoise<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, annotations, ...metadata } = object.metadata;
  if (annotations === undefined) return { ...object, metadata };
  const { [LAST_APPLIED]: __, ...kept } = annotations;
  return { ...object, metadata: { ...metadata, annotations: kept } };
}
