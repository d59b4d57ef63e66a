// Whence the operator hears of referenced objects: one watch of ConfigMaps for a namespace where it may list them, for anything else
// and elsewhere a watch of a name, so that permissions by name suffice, and turns beyond that. All watches see metadata alone.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { Reflector, type ReflectorLog, type ReflectorSource, type ReflectorTiming } from '../../kubernetes/reflector.ts';
import type { Clock } from '../runtime/clock.ts';
import { TYPES, type Followed } from './followed.ts';
import { Turns } from './turns.ts';

/** Watches of single names, each with a socket, in one namespace and in all. */
const NAMES_IN_NAMESPACE = 64;
const NAMES_IN_ALL = 512;
/** What has no watch is looked at once in so long, or as soon as it is its turn. */
const ROUND_MS = 60_000;
/** What the operator may not see is tried again after one second, doubling to ten minutes: a Role may be added at any time. */
const [LEAST_REFUSED_MS, MOST_REFUSED_MS] = [1000, 600_000];
const TIMING: Partial<ReflectorTiming> = { baseDelayMs: 1000, maxForbiddenDelayMs: MOST_REFUSED_MS, spreadMs: 5000 };

/** What is told. */
export interface SourcesOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: ReflectorLog;
  /** A watch told of an object (`told`), or a list did; undefined: it is not there. */
  readonly onNews: (object: Followed, found: KubernetesObject | undefined, told: boolean) => void;
  readonly onRefused: (object: Followed) => void;
  /** It is the turn of an object without a watch. */
  readonly onTurn: (object: Followed) => void;
}

interface Watch {
  readonly stop: AbortController;
  readonly running: Promise<void>;
}

interface Feed extends Watch {
  readonly members: Map<string, Followed>;
  isRefused: boolean;
}

/** One watch. */
interface WatchSettings {
  readonly source: Pick<ReflectorSource, 'type' | 'namespace' | 'fieldSelector'>;
  readonly stop: AbortSignal;
  readonly keep: (object: KubernetesObject) => KubernetesObject | undefined;
  readonly onList: (found: readonly KubernetesObject[]) => void;
  readonly onEvent: (found: KubernetesObject | undefined, name: string) => void;
  readonly onForbidden: () => void;
}

/** The watches of all objects that are followed. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #feeds = new Map<string, Feed>();
  /** Watches of single names, by namespace. */
  readonly #named = new Map<string, Map<string, Watch>>();
  readonly #turns: Turns;
  #namedInAll = 0;

  constructor(options: SourcesOptions) {
    this.#options = options;
    this.#turns = new Turns(options.clock, (object) => this.#visit(object));
  }

  /** Open watches, and objects that are visited in turns instead. */
  get counts(): { readonly namespaces: number; readonly names: number; readonly inTurns: number } {
    return { namespaces: this.#feeds.size, names: this.#namedInAll, inTurns: this.#turns.size };
  }

  /** Begins to tell of an object. */
  add(object: Followed): void {
    const feed = object.kind === 'ConfigMap' ? this.#feed(object.namespace) : undefined;
    feed?.members.set(object.name, object);
    if (feed?.isRefused !== false) this.#watchName(object);
  }

  /** Whether a look is needed to begin with: no watch of its name will tell how it stands. */
  isToBeLookedAt({ namespace, id }: Followed): boolean {
    return this.#named.get(namespace)?.has(id) !== true;
  }

  /** Tells of an object no longer. */
  delete(object: Followed): void {
    this.#turns.delete(object);
    this.#endName(object);
    const feed = this.#feeds.get(object.namespace);
    if (object.kind !== 'ConfigMap' || feed === undefined) return;
    feed.members.delete(object.name);
    if (feed.members.size > 0) return;
    feed.stop.abort();
    this.#feeds.delete(object.namespace);
  }

  /** A look has brought an answer: the object is visited again, unless a watch tells of it. */
  looked(object: Followed): void {
    if (object.refusals > 0) this.#turns.put(object, refusedMs(object));
    else if (this.#isWatched(object)) this.#turns.delete(object);
    else this.#turns.put(object, ROUND_MS);
  }

  async stop(): Promise<void> {
    this.#turns.stop();
    const all = [...this.#feeds.values(), ...[...this.#named.values()].flatMap((watches) => [...watches.values()])];
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ running }) => running));
  }

  #isWatched(object: Followed): boolean {
    if (this.#named.get(object.namespace)?.has(object.id) === true) return true;
    return object.kind === 'ConfigMap' && this.#feeds.get(object.namespace)?.isRefused === false;
  }

  #visit(object: Followed): void {
    if (this.#isWatched(object) || !this.#watchName(object)) this.#options.onTurn(object);
  }

  #feed(namespace: string): Feed {
    const known = this.#feeds.get(namespace);
    if (known !== undefined) return known;
    const { onNews } = this.#options;
    const members = new Map<string, Followed>();
    const stop = new AbortController();
    const running = this.#run({
      source: { type: TYPES.ConfigMap, namespace },
      stop: stop.signal,
      keep: (object) => (members.has(object.metadata.name) ? object : undefined),
      onList: (found) => {
        feed.isRefused = false;
        const byName = new Map(found.map((object) => [object.metadata.name, object]));
        for (const object of members.values()) {
          this.#turns.delete(object);
          this.#endName(object);
          onNews(object, byName.get(object.name), false);
        }
      },
      onEvent: (found, name) => {
        const member = members.get(name);
        if (member !== undefined) onNews(member, found, true);
      },
      onForbidden: () => {
        feed.isRefused = true;
        for (const object of members.values()) {
          if (!this.#isWatched(object) && !this.#watchName(object)) this.#turns.put(object, ROUND_MS);
        }
      },
    });
    const feed: Feed = { members, stop, isRefused: false, running };
    this.#feeds.set(namespace, feed);
    return feed;
  }

  /** Watches one name, if there is room for it; otherwise its turn will come. */
  #watchName(object: Followed): boolean {
    const { namespace, kind, name } = object;
    const inNamespace = this.#named.get(namespace) ?? new Map<string, Watch>();
    if (inNamespace.size >= NAMES_IN_NAMESPACE || this.#namedInAll >= NAMES_IN_ALL) return false;
    const { onNews, onRefused } = this.#options;
    const stop = new AbortController();
    const running = this.#run({
      source: { type: TYPES[kind], namespace, fieldSelector: `metadata.name=${name}` },
      stop: stop.signal,
      keep: (found) => found,
      onList: ([found]) => {
        this.#turns.delete(object);
        onNews(object, found, false);
      },
      onEvent: (found) => onNews(object, found, true),
      onForbidden: () => {
        this.#endName(object);
        onRefused(object);
        this.#turns.put(object, refusedMs(object));
      },
    });
    this.#named.set(namespace, inNamespace);
    this.#namedInAll += 1;
    inNamespace.set(object.id, { stop, running });
    return true;
  }

  #endName(object: Followed): void {
    const inNamespace = this.#named.get(object.namespace);
    const watch = inNamespace?.get(object.id);
    if (inNamespace === undefined || watch === undefined) return;
    watch.stop.abort();
    inNamespace.delete(object.id);
    this.#namedInAll -= 1;
    if (inNamespace.size === 0) this.#named.delete(object.namespace);
  }

  #run({ source, stop, keep, onList, onEvent, onForbidden }: WatchSettings): Promise<void> {
    const { client, log } = this.#options;
    const reflector = new Reflector<KubernetesObject>({
      source: { client, ...source, metadataOnly: true },
      keep,
      onList,
      onEvent: (event, object) => {
        if (!stop.aborted) onEvent(event === 'DELETED' ? undefined : object, object.metadata.name);
      },
      onRestart: (_reason, error) => {
        if (isApiError(error, 'Forbidden')) onForbidden();
      },
      log,
      random: Math.random,
      timing: TIMING,
    });
    return reflector.run(stop);
  }
}

function refusedMs({ refusals }: Followed): number {
  return Math.min(LEAST_REFUSED_MS * 2 ** Math.min(refusals - 1, 20), MOST_REFUSED_MS);
}
