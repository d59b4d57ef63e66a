// Reads single objects: few at a time, one namespace after the other, and none faster than what it costs allows.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { ReflectorLog } from '../../kubernetes/reflector.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DataObject } from '../kinds.ts';
import { FairQueue } from './fair-queue.ts';
import { TYPES, type Followed } from './followed.ts';

/** So many objects are read at a time, each of another namespace. */
const LOOKS_AT_ONCE = 4;
/** So much of a namespace is read in a second; each key counts for as much as 100 bytes, because each has a hash. */
const BYTES_PER_SECOND = 4 * 1024 * 1024;
const BYTES_PER_KEY = 100;
/** After a read that failed, the next one in its namespace waits from one second, doubling to thirty. */
const [LEAST_RETRY_MS, MOST_RETRY_MS] = [1000, 30_000];

/** What a look brought: the object, nothing, or no permission to look. */
export type Answer = { readonly object: KubernetesObject | undefined } | 'Refused';

export interface LooksOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: ReflectorLog;
  readonly onBegin: (object: Followed) => void;
  readonly onAnswer: (object: Followed, answer: Answer) => void;
}

/** One look at a time in each namespace; what fails for other reasons than permission is tried again until it is no longer wanted. */
export class Looks {
  readonly #options: LooksOptions;
  readonly #queue = new FairQueue<Followed>();
  readonly #failures = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #cancel: (() => void) | undefined;

  constructor(options: LooksOptions) {
    this.#options = options;
  }

  /** Wants a look that begins after this call. One that waits already is enough. */
  want(object: Followed): void {
    if (this.#stop.signal.aborted) return;
    this.#queue.put(object.namespace, object.id, { item: object, dueMs: 0 });
    this.#next();
  }

  /** No longer wants a look; one that is under way ends as it does. */
  drop({ namespace, id }: Followed): void {
    this.#queue.delete(namespace, id);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    this.#cancel?.();
    await Promise.all(this.#running);
  }

  #next(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const { clock } = this.#options;
    while (this.#running.size < LOOKS_AT_ONCE) {
      const object = this.#queue.take(clock.now());
      if (object === undefined) break;
      this.#queue.pause(object.namespace, Number.POSITIVE_INFINITY);
      const look: Promise<void> = this.#look(object).finally(() => {
        this.#running.delete(look);
        if (!this.#stop.signal.aborted) this.#next();
      });
      this.#running.add(look);
    }
    const next = this.#running.size < LOOKS_AT_ONCE ? this.#queue.nextMs() : undefined;
    if (next !== undefined) this.#cancel = clock.setTimeout(() => this.#next(), next - clock.now());
  }

  async #look(object: Followed): Promise<void> {
    const { client, clock, onBegin, onAnswer, log } = this.#options;
    const { namespace, kind, name } = object;
    const pause = (ms: number): void => this.#queue.pause(namespace, clock.now() + ms);
    onBegin(object);
    try {
      // Values of Secrets stay on the server.
      const selection = { namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: kind !== 'ConfigMap', signal: this.#stop.signal };
      const { items: [found] } = await client.list<KubernetesObject>(TYPES[kind], selection);
      this.#failures.delete(namespace);
      pause(found === undefined ? 0 : (weight(found) / BYTES_PER_SECOND) * 1000);
      onAnswer(object, { object: found });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (isApiError(error, 'Forbidden')) {
        pause(0);
        onAnswer(object, 'Refused');
        return;
      }
      const failures = this.#failures.get(namespace) ?? 0;
      this.#failures.set(namespace, failures + 1);
      pause(Math.min(LEAST_RETRY_MS * 2 ** Math.min(failures, 10), MOST_RETRY_MS));
      if (object.users.size > 0) this.#queue.put(namespace, object.id, { item: object, dueMs: 0 });
      log.debug({ err: error, kind, namespace }, 'a look at what a server refers to failed');
    }
  }
}

/** What it costs to read an object, in bytes. */
function weight(object: KubernetesObject): number {
  const { data = {}, binaryData = {} } = object as DataObject;
  const values = [...Object.entries(data), ...Object.entries(binaryData)];
  return values.reduce((sum, [key, value]) => sum + key.length + value.length + BYTES_PER_KEY, JSON.stringify(object.metadata).length);
}
