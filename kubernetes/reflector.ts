// Lists a collection, watches it from there, and begins again after every failure, for as long as it is wanted. The list is the beginning
// of the watch where the API server can do that, and is read in pages where it cannot, or where that did not work.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from './client.ts';
import { ApiError, isApiError } from './errors.ts';
import { resourcePath } from './objects.ts';
import type { KubernetesObject, ResourceType } from './objects.ts';
import { acceptOf } from './requests.ts';
import { StreamedList } from './streamed-list.ts';
import { watch, type WatchEvent } from './watch.ts';

/** The part of a pino logger that is used here. */
export interface ReflectorLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How long things last. */
export interface ReflectorTiming {
  /** Shortest time in seconds after which the server ends a watch, default 90; bookmarks come every 60 s. */
  readonly minWatchSeconds: number;
  /** Longest such time, default 180; between the two by chance. */
  readonly maxWatchSeconds: number;
  /** Milliseconds of silence beyond the agreed time after which the peer counts as dead, default 15 000. */
  readonly idleGraceMs: number;
  /** Milliseconds of silence within a streaming list after which the peer counts as dead, default 30 000, as for a page. */
  readonly listIdleMs: number;
  /** Pause before the second attempt, default 500; doubled after each failure. */
  readonly baseDelayMs: number;
  /** Longest pause, default 30 000. */
  readonly maxDelayMs: number;
  /** Longest pause after being refused (403), default that of other errors. Set: being refused is no fault, and logged at debug alone. */
  readonly maxForbiddenDelayMs?: number | undefined;
  /** Longest pause while the server cannot be reached, default 5 000: what is known grows untrue until it is back. */
  readonly maxNetworkDelayMs: number;
  /**
   * Where many reflectors meet the same end, as of a server that restarts: each waits up to so many milliseconds longer, by chance,
   * before it first comes back. Default: none.
   */
  readonly spreadMs?: number | undefined;
}

/** Which objects a reflector follows. */
export interface ReflectorSource {
  readonly client: KubernetesClient;
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Objects arrive without anything but their metadata. */
  readonly metadataOnly?: boolean | undefined;
}

/** What a reflector reads and whom it tells. The callbacks must not throw. */
export interface ReflectorOptions<T extends KubernetesObject, K> {
  readonly source: ReflectorSource;
  /** What is kept of an object that is listed, until all are; undefined: nothing. */
  readonly keep: (object: T) => K | undefined;
  readonly onList: (kept: K[]) => void;
  readonly onEvent: (event: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void;
  readonly onRestart: ((reason: string, error: unknown) => void) | undefined;
  /** Called whenever the API server was heard: a list, an event, a bookmark. */
  readonly onHeard?: (() => void) | undefined;
  readonly log: ReflectorLog;
  readonly random: () => number;
  readonly timing: Partial<ReflectorTiming> | undefined;
}

const DEFAULT_TIMING: ReflectorTiming = {
  minWatchSeconds: 90,
  maxWatchSeconds: 180,
  idleGraceMs: 15_000,
  listIdleMs: 30_000,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
  maxNetworkDelayMs: 5_000,
};
/** What is refused is refused in pages, too. */
const REFUSED = ['Unauthorized', 'Forbidden', 'NotFound', 'TooManyRequests'] as const;
/** A watch that lived this long was healthy, whatever ended it. */
const HEALTHY_MS = 10_000;
/** A watch that ends without events this soon is a failure, or a server that closes at once would be asked without pause. */
const TOO_SHORT_MS = 1_000;
const MAX_RETRY_AFTER_MS = 300_000;
/** A watch that lived for so much of its time has ended as was agreed. */
const AGREED = 0.9;

/**
 * The pause before attempt number `failures` + 1, in milliseconds: none after the first 410, otherwise exponential with jitter
 * (half to all of the step), never less than the server's Retry-After (at most five minutes of it), and the first one spread.
 */
export function restartDelay(error: unknown, failures: number, options: { timing: ReflectorTiming; random: () => number }): number {
  if (failures === 1 && isApiError(error, 'Gone')) return 0;
  const step = Math.min(longestDelay(error, options.timing), options.timing.baseDelayMs * 2 ** Math.min(failures - 1, 20));
  const asked = isApiError(error) ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  const spread = failures === 1 ? (options.timing.spreadMs ?? 0) * options.random() : 0;
  return Math.max(Math.min(asked, MAX_RETRY_AFTER_MS), step * (0.5 + options.random() / 2)) + spread;
}

function longestDelay(error: unknown, { maxDelayMs, maxNetworkDelayMs, maxForbiddenDelayMs = maxDelayMs }: ReflectorTiming): number {
  if (isApiError(error, 'Forbidden')) return maxForbiddenDelayMs;
  return isApiError(error, 'Network', 'Timeout') ? Math.min(maxDelayMs, maxNetworkDelayMs) : maxDelayMs;
}

/** Whether the watch can go on from the last version seen; otherwise the collection must be listed again. */
function resumable(error: unknown): boolean {
  return isApiError(error, 'Network', 'Timeout', 'TooManyRequests');
}

/** One list-and-watch loop. */
export class Reflector<T extends KubernetesObject, K = T> {
  readonly #options: ReflectorOptions<T, K>;
  readonly #timing: ReflectorTiming;
  /** Empty = list first. */
  #resourceVersion = '';
  #failures = 0;
  #lastFailure: { readonly gone: boolean; readonly inList: boolean } = { gone: false, inList: false };
  #eventsInWatch = 0;
  /** Whether lists may be the beginning of their watches at all, and whether the next one is: after one that broke off comes one in pages. */
  #canStream = true;
  #streams = true;

  constructor(options: ReflectorOptions<T, K>) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
  }

  /** Runs until the signal is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '' && !this.#streams) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted && !this.#refusesToStream(error)) await this.#pause(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, type, ...selection } = this.#options.source;
    const { items, resourceVersion } = await client.listKept(type, { ...selection, signal }, (object) => this.#options.keep(object as T));
    if (!signal.aborted) this.#listed(items, resourceVersion);
  }

  #listed(items: K[], resourceVersion: string): void {
    this.#options.onHeard?.();
    this.#options.onList(items);
    this.#resourceVersion = resourceVersion;
    this.#streams = this.#canStream;
    // Where lists work but every watch fails, lists must not be repeated without back-off.
    if (this.#lastFailure.inList) this.#failures = 0;
    this.#options.log.debug({ ...this.#fields(), count: items.length, resourceVersion }, 'listed');
  }

  /** Begins with a list where nothing is known yet. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { type, namespace } = this.#options.source;
    const { minWatchSeconds, maxWatchSeconds } = this.#timing;
    const seconds = minWatchSeconds + (maxWatchSeconds - minWatchSeconds) * this.#options.random();
    const start = performance.now();
    this.#eventsInWatch = 0;
    const path = resourcePath(type, { namespace });
    let list = this.#resourceVersion === '' ? new StreamedList<T, K>(this.#options.keep) : undefined;
    try {
      for await (const event of this.#events(path, seconds, signal)) {
        if (list === undefined) this.#take(event);
        else {
          const items = list.take(event);
          if (items === undefined) continue;
          list = undefined;
          this.#eventsInWatch += 1;
          this.#listed(items, event.object.metadata.resourceVersion ?? '');
        }
      }
    } finally {
      this.#judge(performance.now() - start, seconds * 1000);
    }
    if (list !== undefined) throw new ApiError('Network', `WATCH ${path}: it ended before it had told all there is`);
    const lived = performance.now() - start;
    if (this.#eventsInWatch === 0 && lived < Math.min(TOO_SHORT_MS, seconds * 1000)) {
      throw new ApiError('Network', `WATCH ${path}: it ended at once`);
    }
    this.#failures = 0;
    // Ended before its time: the server ends all of them.
    const { spreadMs = 0 } = this.#timing;
    if (lived < seconds * 1000 * AGREED && spreadMs > 0) await sleep(spreadMs * this.#options.random(), undefined, { signal });
  }

  #events(path: string, seconds: number, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const { client, labelSelector, fieldSelector, metadataOnly } = this.#options.source;
    const { idleGraceMs, listIdleMs } = this.#timing;
    const isList = this.#resourceVersion === '';
    return watch<T>(client, {
      path,
      query: { labelSelector, fieldSelector, resourceVersion: this.#resourceVersion || undefined, timeoutSeconds: Math.ceil(seconds) },
      accept: acceptOf(metadataOnly, 'PartialObjectMetadata'),
      idleMs: seconds * 1000 + idleGraceMs,
      listIdleMs: isList ? listIdleMs : undefined,
      signal,
    });
  }

  #take({ type, object }: WatchEvent<T>): void {
    this.#resourceVersion = object.metadata.resourceVersion ?? '';
    this.#eventsInWatch += 1;
    this.#failures = 0;
    this.#options.onHeard?.();
    if (type !== 'BOOKMARK') this.#options.onEvent(type, object);
  }

  /** An API server that cannot stream lists, or does not know of them, says so at once: then it is no failure, and lists are read in pages. */
  #refusesToStream(error: unknown): boolean {
    if (this.#resourceVersion !== '' || !this.#streams || !isApiError(error, 'Invalid', 'BadRequest')) return false;
    this.#canStream = false;
    this.#streams = false;
    this.#options.log.debug({ ...this.#fields(), reason: error.message }, 'lists are read in pages');
    return true;
  }

  /**
   * A watch that stays without even a bookmark for its whole time may wait for a version that never comes
   * (the server answers a version from the future, as after a restored backup, with silence), so list again.
   */
  #judge(livedMs: number, agreedMs: number): void {
    if (livedMs >= HEALTHY_MS) this.#failures = 0;
    if (this.#eventsInWatch === 0 && livedMs >= agreedMs * AGREED) this.#resourceVersion = '';
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    this.#count(error);
    if (!resumable(error)) this.#resourceVersion = '';
    const delay = restartDelay(error, this.#failures, { timing: this.#timing, random: this.#options.random });
    const reason = explain(error, this.#options.source);
    const fields = { ...this.#fields(), reason, retryInMs: Math.round(delay) };
    if (this.#failures === 1 && isApiError(error, 'Gone', 'Network', 'Timeout')) this.#options.log.info(fields, 'watch restarts');
    else if (isApiError(error, 'Forbidden') && this.#timing.maxForbiddenDelayMs !== undefined) this.#options.log.debug(fields, 'list or watch refused');
    else this.#options.log.warn(fields, 'list or watch failed');
    this.#options.onRestart?.(reason, error);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
  }

  /** A 410 is the answer of a living server, so failures before it do not count, other 410s aside. */
  #count(error: unknown): void {
    const gone = isApiError(error, 'Gone');
    this.#failures = gone && !this.#lastFailure.gone ? 1 : this.#failures + 1;
    this.#lastFailure = { gone, inList: this.#resourceVersion === '' };
    if (this.#lastFailure.inList && !isApiError(error, ...REFUSED)) this.#streams = false;
  }

  #fields(): { resource: string; namespace: string | undefined } {
    const { type, namespace } = this.#options.source;
    return { resource: type.plural, namespace };
  }
}

function explain(error: unknown, { type, namespace }: ReflectorSource): string {
  const message = error instanceof Error ? error.message : String(error);
  const resource = type.group === '' ? type.plural : `${type.plural}.${type.group}`;
  const where = namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`;
  if (isApiError(error, 'Forbidden')) return `needs the verbs list and watch on ${resource} ${where}: ${message}`;
  if (isApiError(error, 'NotFound')) return `the API server does not serve ${resource} yet; is its CRD installed? ${message}`;
  return message;
}
