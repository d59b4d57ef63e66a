// The objects an informer knows, and the changes between what it knew and what arrives.
import type { KubernetesObject, ObjectReference } from './objects.ts';

/** A difference between two states of the store; for DELETED, `object` is the last state known. */
export interface Change<T extends KubernetesObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  readonly previous: T | undefined;
}

/** Objects by namespace and name; calls `emit` once for every real change, after it is stored. */
export class ObjectStore<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #emit: (change: Change<T>) => void;

  constructor(emit: (change: Change<T>) => void) {
    this.#emit = emit;
  }

  get(ref: ObjectReference): T | undefined {
    return this.#objects.get(keyOf(ref));
  }

  list(namespace?: string): T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
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
    this.#emit({ type: previous === undefined ? 'ADDED' : 'MODIFIED', object, previous });
  }

  /** Forgets an object; `object` is its final state. An unknown one is no change. */
  remove(object: T): void {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous === undefined) return;
    this.#objects.delete(key);
    this.#emit({ type: 'DELETED', object, previous });
  }

  /** Makes the content of one namespace (of all, without one) equal to `items`. */
  replace(items: readonly T[], namespace?: string): void {
    const listed = new Set(items.map((item) => keyOf(item.metadata)));
    for (const object of this.list(namespace)) if (!listed.has(keyOf(object.metadata))) this.remove(object);
    for (const item of items) this.put(item);
  }
}

function keyOf(ref: ObjectReference): string {
  return `${ref.namespace ?? ''}/${ref.name}`;
}
