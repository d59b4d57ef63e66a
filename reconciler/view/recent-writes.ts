// The operator's own writes, remembered for the moments until a watch has delivered them.
import type { Change } from '../../kubernetes/object-store.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../kubernetes/objects.ts';
import type { Clock } from '../runtime/clock.ts';

/** After this long a cache that still lacks a write knows better: a relist may have skipped both the write and a deletion. */
const TRUSTED_MS = 5000;

interface Entry {
  readonly object: KubernetesObject;
  /** What is remembered is that the object went. */
  readonly deleted: boolean;
  readonly at: number;
}

/** Objects as writes returned them. */
export class RecentWrites {
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers what a write returned, unless the object has gone since: a watch may be faster than the answer to the write. */
  remember(type: ResourceType, object: KubernetesObject): void {
    const key = keyOf(type, object.metadata);
    const last = this.#entries.get(key);
    if (last?.deleted === true && isAtLeast(last.object, object)) return;
    this.#put(key, { object, deleted: false });
  }

  /**
   * Takes note of what a watch delivered: it ends the memory of an earlier write. True for the very object that a write returned,
   * so for nothing new.
   */
  seen(type: ResourceType, { type: event, object }: Change<KubernetesObject>): boolean {
    const key = keyOf(type, object.metadata);
    const last = this.#entries.get(key);
    if (event === 'DELETED') this.#put(key, { object, deleted: true });
    else if (last !== undefined && isAtLeast(object, last.object)) this.#entries.delete(key);
    return event !== 'DELETED' && last?.deleted === false && last.object.metadata.resourceVersion === object.metadata.resourceVersion;
  }

  /** The newer of the cached object and the remembered write. */
  latest<T extends KubernetesObject>(type: ResourceType, ref: ObjectReference, cached: T | undefined): T | undefined {
    this.#forgetOld();
    const write = this.#entries.get(keyOf(type, ref));
    if (write === undefined || write.deleted || isAtLeast(cached, write.object)) return cached;
    return write.object as T;
  }

  #put(key: string, entry: Omit<Entry, 'at'>): void {
    this.#forgetOld();
    this.#entries.delete(key);
    this.#entries.set(key, { ...entry, at: this.#clock.now() });
  }

  #forgetOld(): void {
    for (const [key, { at }] of this.#entries) {
      if (this.#clock.now() - at <= TRUSTED_MS) return;
      this.#entries.delete(key);
    }
  }
}

/** Resource versions are comparable numbers wherever etcd stores the objects (KEP-5504 makes it a rule). */
function isAtLeast(cached: KubernetesObject | undefined, written: KubernetesObject): boolean {
  const [a, b] = [cached?.metadata.resourceVersion, written.metadata.resourceVersion];
  return a !== undefined && b !== undefined && /^\d+$/.test(a) && /^\d+$/.test(b) && BigInt(a) >= BigInt(b);
}

function keyOf(type: ResourceType, { namespace, name }: ObjectReference): string {
  return `${type.group}/${type.plural}/${namespace ?? ''}/${name}`;
}
