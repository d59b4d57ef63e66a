// Follows the objects that MCPServers refer to, each once for all that do: watches tell that something happened, looks see what.
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { Followed, type Observed, type Reading } from './followed.ts';
import { Looks, type Answer } from './looks.ts';
import { Sources, type SourcesOptions } from './sources.ts';

export interface WatchesOptions extends Pick<SourcesOptions, 'client' | 'clock' | 'log'> {
  /** Told `namespace/name` of every MCPServer that refers to an object of which something else is known now. */
  readonly onChange: (key: string) => void;
}

/** Keeps what is known of referenced objects current. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #usedBy = new Map<string, ReadonlySet<string>>();
  readonly #sources: Sources;
  readonly #looks: Looks;

  constructor(options: WatchesOptions) {
    this.#options = options;
    this.#looks = new Looks({
      ...options,
      onBegin: ({ news }) => news.begin(),
      onAnswer: (object, answer) => this.#answered(object, answer),
    });
    this.#sources = new Sources({
      ...options,
      onNews: (object, found, told) => this.#heard(object, found, told),
      onRefused: (object) => this.#tellUsers(object, object.refuse()),
      onTurn: (object) => this.#looks.want(object),
    });
  }

  /** Follows exactly these objects for an MCPServer, `namespace/name`, and no longer those it named before. */
  follow(key: string, readings: readonly Reading[]): void {
    const namespace = namespaceOf(key);
    const ids = new Set<string>();
    for (const reading of readings) {
      const id = idOf(namespace, reading);
      ids.add(id);
      const known = this.#followed.get(id);
      const object = known ?? new Followed(namespace, reading, this.#options.clock);
      const readsMore = object.use(key, reading);
      if (known === undefined) {
        this.#followed.set(id, object);
        this.#sources.add(object);
      }
      if (readsMore || (known === undefined && this.#sources.isToBeLookedAt(object))) this.#looks.want(object);
    }
    for (const id of this.#usedBy.get(key) ?? []) if (!ids.has(id)) this.#leave(id, key);
    if (ids.size > 0) this.#usedBy.set(key, ids);
    else this.#usedBy.delete(key);
  }

  /** What is known of an object the MCPServer follows. */
  observed(key: string, reading: Reading): Observed {
    const known = this.#followed.get(idOf(namespaceOf(key), reading))?.observed(reading);
    return known ?? { state: 'Waiting', at: this.#options.clock.now(), told: false };
  }

  /** Objects that are followed, open watches of namespaces and of names, and objects that are visited in turns. */
  get counts(): Sources['counts'] & { readonly objects: number } {
    return { objects: this.#followed.size, ...this.#sources.counts };
  }

  /** Ends every watch. */
  async stop(): Promise<void> {
    this.#followed.clear();
    this.#usedBy.clear();
    await Promise.all([this.#sources.stop(), this.#looks.stop()]);
  }

  #leave(id: string, key: string): void {
    const object = this.#followed.get(id);
    object?.users.delete(key);
    if (object === undefined || object.users.size > 0) return;
    this.#followed.delete(id);
    this.#sources.delete(object);
    this.#looks.drop(object);
  }

  /** Metadata tells all that is to be known of a Secret and a ServiceAccount, and of a ConfigMap that it changed. */
  #heard(object: Followed, found: KubernetesObject | undefined, told: boolean): void {
    if (object.kind !== 'ConfigMap') this.#tellUsers(object, object.note(found, told));
    else if (object.news.tell(found?.metadata.resourceVersion, told)) this.#looks.want(object);
  }

  #answered(object: Followed, answer: Answer): void {
    if (object.users.size === 0) return;
    const isNew = answer === 'Refused' ? object.refuse() : this.#saw(object, answer.object);
    this.#sources.looked(object);
    this.#tellUsers(object, isNew);
  }

  #saw(object: Followed, found: KubernetesObject | undefined): boolean {
    const { told, again } = object.news.saw(found?.metadata.resourceVersion);
    if (!again) this.#looks.drop(object);
    return object.note(found, told);
  }

  #tellUsers({ users }: Followed, isNew: boolean): void {
    if (isNew) for (const key of users.keys()) this.#options.onChange(key);
  }
}

function namespaceOf(key: string): string {
  return key.split('/', 1).join('');
}

function idOf(namespace: string, { kind, name }: Reading): string {
  return `${kind}/${namespace}/${name}`;
}
