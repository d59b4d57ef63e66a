// One index of a store: which objects have a key, whatever the others are.
import type { KubernetesObject } from './objects.ts';

/** The keys under which an object is to be found, any number of them. Depends on nothing but the object, and must not throw. */
export type IndexFunction<T extends KubernetesObject> = (object: T) => readonly string[];

/** Ids of objects by the keys that a function gives them. Keys without objects are forgotten. */
export class ObjectIndex<T extends KubernetesObject> {
  readonly #keysOf: IndexFunction<T>;
  /** A set where there are several: most keys have one object, and a set of one costs three times as much as its place in the map. */
  readonly #ids = new Map<string, string | Set<string>>();

  constructor(keysOf: IndexFunction<T>) {
    this.#keysOf = keysOf;
  }

  /** The ids of the objects that have the key. */
  idsOf(key: string): string[] {
    const ids = this.#ids.get(key) ?? [];
    return typeof ids === 'string' ? [ids] : [...ids];
  }

  /** Follows an object from one state to the next; undefined before it is there, and once it is gone. */
  move(id: string, before: T | undefined, after: T | undefined): void {
    const [old, present] = [this.#keys(before), this.#keys(after)];
    for (const key of old.difference(present)) this.#drop(key, id);
    for (const key of present.difference(old)) this.#add(key, id);
  }

  #keys(object: T | undefined): Set<string> {
    return new Set(object && this.#keysOf(object));
  }

  #add(key: string, id: string): void {
    const ids = this.#ids.get(key);
    if (ids === undefined) this.#ids.set(key, id);
    else if (typeof ids === 'string') this.#ids.set(key, new Set([ids, id]));
    else ids.add(id);
  }

  #drop(key: string, id: string): void {
    const ids = this.#ids.get(key);
    if (typeof ids === 'object') ids.delete(id);
    if (ids === id || (typeof ids === 'object' && ids.size === 0)) this.#ids.delete(key);
  }
}
