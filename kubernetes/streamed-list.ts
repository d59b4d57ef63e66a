// What a streaming list has told so far: all that was there when it began, and what became of it meanwhile.
import type { KubernetesObject } from './objects.ts';
import { endsList, type WatchEvent } from './watch.ts';

/** A list that arrives object by object; of each no more is held than what is kept. */
export class StreamedList<T extends KubernetesObject, K> {
  readonly #keep: (object: T) => K | undefined;
  readonly #kept = new Map<string, K>();

  constructor(keep: (object: T) => K | undefined) {
    this.#keep = keep;
  }

  /** Takes an event in. Returns what is kept of all objects when with this event all were told; undefined before that. */
  take(event: WatchEvent<T>): K[] | undefined {
    if (event.type === 'BOOKMARK') return endsList(event) ? [...this.#kept.values()] : undefined;
    const { namespace = '', name } = event.object.metadata;
    const key = `${namespace}/${name}`;
    const kept = event.type === 'DELETED' ? undefined : this.#keep(event.object);
    if (kept === undefined) this.#kept.delete(key);
    else this.#kept.set(key, kept);
    return undefined;
  }
}
