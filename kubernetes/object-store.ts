// The objects an informer knows, how they are found, and the changes between what it knew and what arrives.
import { ObjectIndex } from './object-index.ts';
import type { IndexFunction } from './object-index.ts';
import type { KubernetesObject, ObjectReference } from './objects.ts';

/** A difference between two states of the store; for DELETED, `object` is the last state known. */
export interface Change<T extends KubernetesObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  readonly previous: T | undefined;
}

/** The indexes of a store by their names. */
export type Indexers<T extends KubernetesObject, I extends string = string> = Readonly<Record<I, IndexFunction<T>>>;

/** Objects by namespace and name, and by every index; calls `emit` once for every real change, after it is stored. */
export class ObjectStore<T extends KubernetesObject, I extends string = never> {
  readonly #objects = new Map<string, T>();
  readonly #byNamespace = new ObjectIndex<T>(({ metadata }) => [metadata.namespace ?? '']);
  readonly #indexes: ReadonlyMap<string, ObjectIndex<T>>;
  readonly #emit: (change: Change<T>) => void;

  constructor(emit: (change: Change<T>) => void, indexers?: Indexers<T, I>) {
    this.#emit = emit;
    this.#indexes = new Map(Object.entries<IndexFunction<T>>(indexers ?? {}).map(([name, keysOf]) => [name, new ObjectIndex(keysOf)]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(ref: ObjectReference): T | undefined {
    return this.#objects.get(keyOf(ref));
  }

  /** All objects, or those of one namespace, in no particular order. */
  list(namespace?: string): T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.#found(this.#byNamespace.idsOf(namespace));
  }

  /** The objects that an index has under a key, in no particular order; looks at no others. */
  byIndex(index: I, key: string): T[] {
    return this.#found(this.#indexes.get(index)?.idsOf(key) ?? []);
  }

  /** Stores an object. The same resourceVersion again is no change; another uid under the name is a deletion and an addition. */
  put(object: T): void {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) {
      this.remove(previous);
      this.put(object);
      return;
    }
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion && previous !== undefined) return;
    this.#objects.set(key, object);
    for (const index of this.#all()) index.move(key, previous, object);
    this.#emit({ type: previous === undefined ? 'ADDED' : 'MODIFIED', object, previous });
  }

  /** Forgets an object; `object` is its final state. An unknown one is no change. */
  remove(object: T): void {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#all()) index.move(key, previous, undefined);
    this.#emit({ type: 'DELETED', object, previous });
  }

  /** Makes the content of one namespace (of all, without one) equal to `items`. */
  replace(items: readonly T[], namespace?: string): void {
    const listed = new Set(items.map((item) => keyOf(item.metadata)));
    for (const object of this.list(namespace)) if (!listed.has(keyOf(object.metadata))) this.remove(object);
    for (const item of items) this.put(item);
  }

  #found(keys: readonly string[]): T[] {
    return keys.map((key) => this.#objects.get(key)).filter((object) => object !== undefined);
  }

  #all(): readonly ObjectIndex<T>[] {
    return [this.#byNamespace, ...this.#indexes.values()];
  }
}

function keyOf(ref: ObjectReference): string {
  return `${ref.namespace ?? ''}/${ref.name}`;
}
