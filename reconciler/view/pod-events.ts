// What the events of a pod that waits say, where the operator may read them: read once, and again when the pod stands otherwise. Never
// watched: events are the most numerous objects of a cluster.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { POD_EVENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import type { Clock } from '../runtime/clock.ts';

/** After a refusal nothing is asked for so long: somebody may grant it meanwhile. */
const REFUSED_MS = 600_000;
/** An event is looked at only among so many of its pod. */
const MOST_EVENTS = 50;
/** Of so many pods the words are kept. */
const MOST_KEPT = 1000;

interface PodEvent extends KubernetesObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

interface Known {
  readonly stand: string;
  readonly words: readonly string[];
}

export class PodEvents {
  readonly #client: Pick<KubernetesClient, 'list'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #known = new Map<string, Known>();
  #refusedMs = -Infinity;

  constructor({ client, clock }: { readonly client: Pick<KubernetesClient, 'list'>; readonly clock: Pick<Clock, 'now'> }) {
    this.#client = client;
    this.#clock = clock;
  }

  /** What warnings say of a pod that stands so, the latest first; nothing where they may not be read, or cannot be just now. */
  async wordsOf({ namespace, uid = '' }: KubernetesObject['metadata'], stand: string, signal: AbortSignal): Promise<readonly string[]> {
    const known = this.#known.get(uid);
    if (known?.stand === stand || this.#clock.now() - this.#refusedMs < REFUSED_MS) return known?.words ?? [];
    const words = await this.#read(namespace, uid, signal);
    this.#known.delete(uid);
    this.#known.set(uid, { stand, words });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KEPT && oldest !== undefined) this.#known.delete(oldest);
    return words;
  }

  async #read(namespace: string | undefined, uid: string, signal: AbortSignal): Promise<string[]> {
    try {
      const options = { namespace, fieldSelector: `involvedObject.uid=${uid},type=Warning`, limit: MOST_EVENTS, signal };
      const { items } = await this.#client.list<PodEvent>(POD_EVENTS, options);
      const latestFirst = items.toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)));
      return latestFirst.flatMap(({ reason = 'Warning', message }) => (message === undefined ? [] : [`${reason}: ${message}`]));
    } catch (error) {
      if (signal.aborted) throw error;
      if (isApiError(error, 'Forbidden')) this.#refusedMs = this.#clock.now();
      return [];
    }
  }
}

function timeOf({ lastTimestamp, eventTime, metadata }: PodEvent): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
}
