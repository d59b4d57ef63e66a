// One MCPServer with all that belongs to it, kept current for as long as a page shows it.
import { OPERATOR_NAMESPACE, SERVER_LABEL } from '../../../charts/api/labels.ts';
import type { RenderSettings } from '../../../charts/settings.ts';
import { EVENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { LOOKED_AT, type EventObject, type Snapshot } from '../../explain/snapshot.ts';
import { operatorFor, operatorsIn, settingsOf } from '../cluster/operators.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { belongingTo } from '../look/read-snapshots.ts';
import { detailOf, type Detailing } from './detail.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import { keyOf } from './row.ts';
import type { Detail } from './told.ts';
import { Watched } from './watched.ts';

export interface FocusOptions extends Omit<FleetOptions, 'namespace'>, Omit<Detailing, 'settings'> {
  readonly fleet: Fleet;
  readonly namespace: string;
  readonly name: string;
}

/** Much happens at once where something starts: it is told together. */
const TOGETHER_MS = 150;
/** Some of it changes by time alone, such as what is said of a pod that waits for long. */
const LOOK_MS = 10_000;

/** Follows from its creation until `end`. */
export class Focus {
  readonly #options: FocusOptions;
  readonly #key: string;
  readonly #end = new AbortController();
  readonly #kinds: readonly Watched<KubernetesObject>[];
  readonly #events: Watched<EventObject>;
  readonly #listeners = new Set<() => void>();
  readonly #stopListening: () => void;
  #settings: Partial<RenderSettings> | undefined;
  readonly #look = setInterval(() => this.#changed(), LOOK_MS);
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FocusOptions) {
    const { client, fleet, namespace, name, link } = options;
    this.#options = options;
    this.#key = keyOf({ namespace, name });
    const common = { client, namespace, link, onChange: () => this.#changed() };
    const labelSelector = `${SERVER_LABEL}=${name}`;
    this.#kinds = LOOKED_AT.map((type) => new Watched<KubernetesObject>({ ...common, type, labelSelector, keep: withoutManagers }));
    this.#events = new Watched<EventObject>({ ...common, type: EVENTS, keep: keptOfEvent });
    this.#stopListening = fleet.onChange(({ touched }) => {
      if (touched.has(this.#key)) this.#changed();
    });
    for (const each of [...this.#kinds, this.#events]) void each.run(this.#end.signal);
    void this.#readSettings();
  }

  /** Calls back when something of it may be another; the result ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether somebody listens. */
  get isWanted(): boolean {
    return this.#listeners.size > 0;
  }

  /** As it is now; null where there is none, undefined while not all of it is known. */
  detail(): Detail | null | undefined {
    const { fleet, place, flags } = this.#options;
    if (!fleet.isKnown || this.#settings === undefined || ![...this.#kinds, this.#events].every(({ isKnown }) => isKnown)) return undefined;
    const server = fleet.get(this.#key);
    if (server === undefined) return null;
    const snapshot: Snapshot = {
      server,
      ...belongingTo(server, this.#kinds.flatMap((kind) => Array.from(kind.list()))),
      events: Array.from(this.#events.list()),
      unread: [...this.#kinds, this.#events].filter(({ isRefused }) => isRefused).map(({ type }) => type.kind),
      now: new Date(),
    };
    return detailOf(snapshot, { settings: this.#settings, place, flags });
  }

  end(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#look);
    this.#stopListening();
    this.#end.abort();
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const listener of this.#listeners) listener();
    }, TOGETHER_MS);
  }

  /** Of an operator that cannot be seen nothing is known: what it renders by default is compared then. */
  async #readSettings(): Promise<void> {
    const { client, fleet, namespace } = this.#options;
    try {
      const operators = await operatorsIn(client, [OPERATOR_NAMESPACE, namespace]);
      const operator = operatorFor(operators, namespace, fleet.get(this.#key)?.metadata.labels);
      this.#settings = operator === undefined ? {} : settingsOf(operator);
    } catch (error) {
      this.#settings = {};
      if (!isApiError(error)) throw error;
    }
    this.#changed();
  }
}

function withoutManagers<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A namespace may have very many. */
function keptOfEvent(event: EventObject): EventObject {
  const { apiVersion, kind, metadata: { name, namespace, uid, creationTimestamp }, type, reason, note, eventTime, series } = event;
  const { deprecatedCount, deprecatedLastTimestamp, regarding } = event;
  const metadata = { name, namespace, uid, creationTimestamp };
  const kept = { apiVersion, kind, metadata, type, reason, note, eventTime, series, deprecatedCount, deprecatedLastTimestamp, regarding };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as unknown as EventObject;
}
