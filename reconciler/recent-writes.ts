// The operator's own writes, remembered for the moments until a watch has delivered them.
import type { Change } from '../kubernetes/object-store.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../kubernetes/objects.ts';
import type { Clock } from './runtime/clock.ts';

/** After this long a cache that still lacks a write knows better: a relist may have skipped both the write and a deletion. */
const TRUSTED_MS = 5000;

interface Write {
  readonly object: KubernetesObject;
  readonly at: number;
}

/** Objects as writes returned them. */
export class RecentWrites {
  readonly #writes = new Map<string, Write>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers what a write returned. */
  remember(type: ResourceType, object: KubernetesObject): void {
    this.#writes.set(keyOf(type, object.metadata), { object, at: this.#clock.now() });
  }

  /** Forgets a write once a watch has delivered it or something later, the deletion included. */
  seen(type: ResourceType, { type: event, object }: Change<KubernetesObject>): void {
    const key = keyOf(type, object.metadata);
    const write = this.#writes.get(key);
    if (write !== undefined && (event === 'DELETED' || isAtLeast(object, write.object))) this.#writes.delete(key);
  }

  /** The newer of the cached object and the remembered write. */
  latest<T extends KubernetesObject>(type: ResourceType, ref: ObjectReference, cached: T | undefined): T | undefined {
    const key = keyOf(type, ref);
    const write = this.#writes.get(key);
    if (write === undefined) return cached;
    // A watch may be faster than the answer to the write: then no event is left that would end the memory of it.
    if (this.#clock.now() - write.at <= TRUSTED_MS && !isAtLeast(cached, write.object)) return write.object as T;
    this.#writes.delete(key);
    return cached;
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
