// One kind of object as the cluster has it now: listed once, then watched, in one namespace or in all.
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/objects.ts';
import { Reflector, type ReflectorTiming } from '../../../kubernetes/reflector.ts';
import { keyOf } from './row.ts';
import type { ApiServerLink } from './api-server-link.ts';

/** What is watched, and who is told. */
export interface Watching<T> {
  readonly client: KubernetesClient;
  readonly type: ResourceType;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What is kept of an object. */
  readonly keep: (object: T) => T;
  /** Told the keys of objects that changed; undefined: any may have. */
  readonly onChange: (keys: readonly string[] | undefined) => void;
  readonly link: ApiServerLink;
}

/** Somebody looks at the page: a way that has died unheard of is to be noticed within about a minute, and a server that is back within seconds. */
const TIMING: Partial<ReflectorTiming> = { minWatchSeconds: 30, maxWatchSeconds: 60, idleGraceMs: 10_000, maxNetworkDelayMs: 2000 };
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Follows a kind from `run` on. */
export class Watched<T extends KubernetesObject> {
  readonly type: ResourceType;
  readonly #reflector: Reflector<T>;
  readonly #objects = new Map<string, T>();
  #isListed = false;
  #isRefused = false;

  constructor({ client, type, namespace, labelSelector, fieldSelector, keep, onChange, link }: Watching<T>) {
    this.type = type;
    this.#reflector = new Reflector<T>({
      source: { client, type, namespace, labelSelector, fieldSelector },
      keep,
      onList: (items) => {
        this.#objects.clear();
        for (const item of items) this.#objects.set(keyOf(item.metadata), item);
        [this.#isListed, this.#isRefused] = [true, false];
        onChange(undefined);
      },
      onEvent: (event, object) => {
        const key = keyOf(object.metadata);
        if (event === 'DELETED') this.#objects.delete(key);
        else this.#objects.set(key, keep(object));
        onChange([key]);
      },
      onHeard: () => link.heard(),
      onRestart: (_reason, error) => {
        link.failed(error);
        // A kind that this cluster does not have is one that cannot be read, too.
        if (this.#isRefused || !isApiError(error, 'Forbidden', 'NotFound')) return;
        this.#isRefused = true;
        this.#objects.clear();
        onChange(undefined);
      },
      log: SILENT,
      random: Math.random,
      timing: TIMING,
    });
  }

  /** Follows until the signal aborts; never rejects. Call it once. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  /** Whether it is known what there is, or that it may not be read. */
  get isKnown(): boolean {
    return this.#isListed || this.#isRefused;
  }

  /** Whether it may not be read. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): IterableIterator<T> {
    return this.#objects.values();
  }
}
