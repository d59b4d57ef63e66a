// Records Kubernetes Events (events.k8s.io/v1) in the way client-go's recorder does: repeats become a series, a burst is
// cut off, and nobody waits for a write. Knows no resource.
import type { Logger } from 'pino';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { EVENTS, type KubernetesObject, type ObjectMeta } from '../../kubernetes/objects.ts';
import { folded, plain } from '../../kubernetes/text.ts';
import { microTime, type Clock } from './clock.ts';
import { onAbort } from './ending.ts';
import { fingerprint } from './fingerprint.ts';

/** The object an event is about; `metadata.uid` ties the event to this very object. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'uid'>;
}

/** What happened. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for programs. At most 128 characters. */
  readonly reason: string;
  /** What was done, or tried, when it happened: CamelCase, at most 128 characters. */
  readonly action: string;
  /** For people; shown as one plain line, cut off after 1024 bytes. */
  readonly note: string;
}

/** What became of an event: `dropped` by the limit of its object or for want of room, `failed` at the API server. */
export type EventResult = 'sent' | 'failed' | 'dropped';

export interface EventRecorderOptions {
  readonly client: Pick<KubernetesClient, 'create' | 'patch'>;
  /** Who reports: the controller, and this process of it. */
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'debug'>;
  readonly onResult?: ((result: EventResult) => void) | undefined;
}

/** A repeat within this time since the last occurrence joins the series, also when only a time or an id in its note differs. */
const SERIES_MS = 6 * 60_000;
/** Events of one object: so many at once, then one more every `REFILL_MS`. */
const BURST = 25;
const REFILL_MS = 5 * 60_000;
const MAX_WAITING = 1000;
const MAX_NOTE_BYTES = 1024;

interface Series {
  readonly event: KubernetesObject & { readonly eventTime: string };
  count: number;
  /** How often it occurred as far as the API server knows. */
  told: number;
  last: Date;
  lastMs: number;
}

/**
 * Records events. Use it at transitions only, never for a state that merely lasts:
 * `events.record(server, { type: 'Warning', reason: 'ImagePullError', action: 'Reconcile', note: 'Pod x cannot …' })`.
 * `kubectl describe` and `kubectl events --for` show them beside the object for an hour.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** The one that occurred longest ago first; so are the budgets. */
  readonly #series = new Map<string, Series>();
  readonly #budgets = new Map<string, { left: number; atMs: number }>();
  readonly #abandon = new AbortController();
  #sending = Promise.resolve();
  #waiting = 0;
  #stopped = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Takes note of an event and returns at once; it is written later, best effort. Never throws. */
  record(regarding: Regarding, note: EventNote): void {
    if (this.#stopped) return;
    const series = this.#occurred(regarding, note);
    if (this.#waiting >= MAX_WAITING || !this.#permits(regarding)) {
      this.#options.onResult?.('dropped');
      return;
    }
    this.#waiting += 1;
    this.#sending = this.#sending.then(() => this.#send(series)).finally(() => {
      this.#waiting -= 1;
    });
  }

  /** Takes no more events, gives those noted up to 2 s to be written, no longer than until `abandon` aborts, and resolves. */
  async stop(abandon?: AbortSignal): Promise<void> {
    this.#stopped = true;
    const cancel = this.#options.clock.setTimeout(() => this.#abandon.abort(), 2000);
    onAbort(abandon, () => this.#abandon.abort());
    await this.#sending;
    cancel();
  }

  #occurred(regarding: Regarding, note: EventNote): Series {
    const { clock } = this.#options;
    const [nowMs, now] = [clock.now(), clock.wall()];
    for (const [key, { lastMs }] of this.#series) {
      if (nowMs - lastMs <= SERIES_MS) break;
      this.#series.delete(key);
    }
    const key = JSON.stringify([identity(regarding), { ...note, note: folded(plain(note.note, MAX_NOTE_BYTES)) }]);
    const series = this.#series.get(key) ?? { event: this.#event(regarding, note, now), count: 0, told: 0, last: now, lastMs: nowMs };
    series.count += 1;
    series.last = now;
    series.lastMs = nowMs;
    this.#series.delete(key);
    this.#series.set(key, series);
    return series;
  }

  #permits(regarding: Regarding): boolean {
    const nowMs = this.#options.clock.now();
    const refilled = ({ left, atMs }: { left: number; atMs: number }): number => Math.min(BURST, left + (nowMs - atMs) / REFILL_MS);
    for (const [key, budget] of this.#budgets) {
      if (refilled(budget) < BURST) break;
      this.#budgets.delete(key);
    }
    const key = identity(regarding);
    const left = refilled(this.#budgets.get(key) ?? { left: BURST, atMs: nowMs });
    if (left < 1) return false;
    this.#budgets.delete(key);
    this.#budgets.set(key, { left: left - 1, atMs: nowMs });
    return true;
  }

  #event({ apiVersion, kind, metadata }: Regarding, { type, reason, action, note }: EventNote, now: Date): Series['event'] {
    const { reportingController, reportingInstance } = this.#options;
    const { name, namespace = 'default', uid } = metadata;
    const eventTime = microTime(now);
    const hash = fingerprint([uid, type, reason, action, note, eventTime]);
    return Object.assign(
      { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: `${name.slice(0, 236)}.${hash}`, namespace } },
      { eventTime, type, reason, action, note: cutOff(note), regarding: { apiVersion, kind, name, namespace, uid } },
      { reportingController, reportingInstance },
    );
  }

  /** Never rejects. */
  async #send(series: Series): Promise<void> {
    const { client, log, onResult } = this.#options;
    const { signal } = this.#abandon;
    const { event, count } = series;
    // An earlier write has told of this occurrence already.
    if (series.told === count) return;
    const repeats = count > 1 ? { series: { count, lastObservedTime: microTime(series.last) } } : {};
    try {
      const isTold = series.told > 0 && (await this.#isThere(() => client.patch(EVENTS, event.metadata, repeats, { signal })));
      if (!isTold) await client.create(EVENTS, { ...event, ...repeats }, { signal });
      series.told = count;
      onResult?.('sent');
    } catch (error) {
      log.debug({ err: error, event: event.metadata.name }, 'an event could not be written');
      onResult?.('failed');
    }
  }

  /** False when the event has expired. */
  async #isThere(patch: () => Promise<unknown>): Promise<boolean> {
    try {
      await patch();
      return true;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return false;
      throw error;
    }
  }
}

function identity({ kind, metadata }: Regarding): string {
  return metadata.uid ?? `${kind}/${metadata.namespace}/${metadata.name}`;
}

/** The API server counts bytes, of which a character has up to four. */
function cutOff(note: string): string {
  const line = plain(note, MAX_NOTE_BYTES);
  if (Buffer.byteLength(line) <= MAX_NOTE_BYTES) return line;
  const { read } = new TextEncoder().encodeInto(line, new Uint8Array(MAX_NOTE_BYTES - 3));
  return `${line.slice(0, read)}…`;
}
