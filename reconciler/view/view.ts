// What the operator knows of the cluster: informer caches, and its own writes until the caches have caught up with them.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Informer, type InformerOptions } from '../../kubernetes/informer.ts';
import { SharedValues } from '../../kubernetes/shared-values.ts';
import { DEPLOYMENTS, ENDPOINT_SLICES, HORIZONTAL_POD_AUTOSCALERS, PODS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import type { Change } from '../../kubernetes/object-store.ts';
import type { ReflectorLog } from '../../kubernetes/reflector.ts';
import { APP_NAME, MANAGED_BY, SERVER_LABEL } from '../../charts/api/labels.ts';
import { keptAutoscaler, keptChild, keptDeployment, keptEndpointSlice, keptPod, keptServer } from './kept-fields.ts';
import { CHILD_TYPES, MCP_SERVERS, SERVICE_LABEL, type EndpointSliceObject, type MCPServerObject, type PodObject } from '../kinds.ts';
import { RecentWrites } from './recent-writes.ts';
import type { Clock } from '../runtime/clock.ts';

/** Namespace and name of an MCPServer. */
export interface ServerKey {
  readonly namespace: string;
  readonly name: string;
}

export interface ViewOptions {
  readonly client: KubernetesClient;
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Of the MCPServers; undefined = all. What belongs to others is in the caches, too: their objects do not carry their labels. */
  readonly labelSelector?: string | undefined;
  readonly clock: Clock;
  readonly log: ReflectorLog;
  /** Told each time a list or watch failed and is begun again. */
  readonly onRestart?: ((type: ResourceType, error: unknown) => void) | undefined;
}

/** One of the caches. */
export interface CacheState {
  readonly type: ResourceType;
  readonly size: number;
  /** When the API server last told something of it; undefined before the first list. */
  readonly heardAt: Date | undefined;
}

/** What all informers are told. */
type Common = Pick<InformerOptions<KubernetesObject>, 'client' | 'type' | 'namespaces' | 'log' | 'values' | 'onRestart'>;

/** Why an MCPServer is to be reconciled: it is new, its spec changed or it is to go, or all else. */
export type Cause = 'Created' | 'Edited' | 'Observed';

/** Of children whose status is read. */
const TRANSFORMS = new Map([[DEPLOYMENTS, keptDeployment], [HORIZONTAL_POD_AUTOSCALERS, keptAutoscaler]]);

const CHILD_SELECTOR = `app.kubernetes.io/name=${APP_NAME},app.kubernetes.io/managed-by=${MANAGED_BY}`;
const POD_SELECTOR = `app.kubernetes.io/name=${APP_NAME},${SERVER_LABEL}`;

/** The index by which the objects of one MCPServer are found, under the MCPServer's `namespace/name`. */
const OF_SERVER = 'server';

/** The MCPServer that an object's label names. A change of the object concerns it, and it finds the object. */
function labelled({ metadata }: KubernetesObject): string[] {
  return keysOf(metadata.namespace, metadata.labels?.[SERVER_LABEL]);
}

/** The MCPServer whose Service a slice belongs to: a Service of another name may carry the same labels. */
function served({ metadata }: EndpointSliceObject): string[] {
  return keysOf(metadata.namespace, metadata.labels?.[SERVICE_LABEL]);
}

/** Caches of everything a reconcile reads. */
export class View {
  readonly #servers: Informer<MCPServerObject>;
  readonly #pods: Informer<PodObject, typeof OF_SERVER>;
  readonly #slices: Informer<EndpointSliceObject, typeof OF_SERVER>;
  readonly #children: ReadonlyMap<ResourceType, Informer<KubernetesObject, typeof OF_SERVER>>;
  readonly #recent: RecentWrites;
  /** Whether what is in the caches may belong to MCPServers of other operators. */
  readonly #isShared: boolean;

  constructor({ client, namespaces, labelSelector, clock, log, onRestart }: ViewOptions) {
    const values = new SharedValues();
    const common = (type: ResourceType): Common =>
      ({ client, namespaces, log, values, type, onRestart: (_reason, error) => onRestart?.(type, error) });
    this.#recent = new RecentWrites(clock);
    this.#isShared = labelSelector !== undefined;
    this.#servers = new Informer<MCPServerObject>({ ...common(MCP_SERVERS), labelSelector, transform: keptServer });
    const ofPods = { labelSelector: POD_SELECTOR };
    this.#pods = new Informer({ ...common(PODS), ...ofPods, transform: keptPod, indexers: { [OF_SERVER]: labelled } });
    this.#slices = new Informer({ ...common(ENDPOINT_SLICES), ...ofPods, transform: keptEndpointSlice, indexers: { [OF_SERVER]: served } });
    this.#children = new Map(CHILD_TYPES.map((type) => {
      const transform = TRANSFORMS.get(type) ?? keptChild;
      return [type, new Informer({ ...common(type), labelSelector: CHILD_SELECTOR, transform, indexers: { [OF_SERVER]: labelled } })];
    }));
  }

  /** Calls `enqueue` with `namespace/name` of the MCPServer concerned by every change, the operator's own writes aside. Register before `run`. */
  onChange(enqueue: (key: string, cause: Cause) => void): void {
    this.#servers.onChange((change) => {
      if (!this.#recent.seen(MCP_SERVERS, change)) enqueue(idOf(change.object.metadata), causeOf(change));
    });
    const enqueueOwners = (change: Change<KubernetesObject>, ownersOf: typeof labelled): void => {
      for (const key of concerned(change, ownersOf)) if (this.#mayServe(key)) enqueue(key, 'Observed');
    };
    for (const [type, informer] of this.#children) {
      informer.onChange((change) => {
        if (!this.#recent.seen(type, change)) enqueueOwners(change, labelled);
      });
    }
    this.#pods.onChange((change) => enqueueOwners(change, labelled));
    this.#slices.onChange((change) => enqueueOwners(change, served));
  }

  /** Calls `handler` with every MCPServer that changed, and what it was before. Register before `run`. */
  onServerChange(handler: (change: Change<MCPServerObject>) => void): void {
    this.#servers.onChange(handler);
  }

  /** Keeps the caches current until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all().map(([, informer]) => informer.run(signal)));
  }

  /** Resolves when every cache was filled once. */
  async synced(): Promise<void> {
    await Promise.all(this.#all().map(([, informer]) => informer.synced));
  }

  /** Why the caches cannot be trusted yet; undefined once they can. */
  notSynced(): string | undefined {
    const missing = this.#all().filter(([, informer]) => !informer.hasSynced()).map(([type]) => type.kind);
    return missing.length === 0 ? undefined : `waiting for the first list of ${missing.join(', ')}`;
  }

  /** All MCPServers as their cache has them. */
  servers(): MCPServerObject[] {
    return this.#servers.list();
  }

  /** Each cache, and how it stands. */
  caches(): CacheState[] {
    return this.#all().map(([type, informer]) => ({ type, size: informer.size, heardAt: informer.heardAt() }));
  }

  /** All MCPServers as `namespace/name`. */
  serverKeys(): string[] {
    return this.servers().map(({ metadata }) => idOf(metadata));
  }

  server(key: ServerKey): MCPServerObject | undefined {
    return this.#recent.latest(MCP_SERVERS, key, this.#servers.get(key));
  }

  /** The MCPServer of a `namespace/name`. */
  serverOf(key: string): MCPServerObject | undefined {
    return this.server(keyIn(key));
  }

  /** The child of a type and name, whoever owns it; only objects with the operator's labels are known. */
  child(type: ResourceType, key: ServerKey): KubernetesObject | undefined {
    return this.#recent.latest(type, key, this.#children.get(type)?.get(key));
  }

  /** Every object labelled as the server's, with its type. */
  childrenOf(key: ServerKey): { type: ResourceType; object: KubernetesObject }[] {
    return [...this.#children].flatMap(([type, informer]) =>
      informer.byIndex(OF_SERVER, idOf(key)).map((cached) => {
        const object = this.#recent.latest(type, cached.metadata, cached) ?? cached;
        return { type, object };
      }));
  }

  podsOf(key: ServerKey): PodObject[] {
    return this.#pods.byIndex(OF_SERVER, idOf(key));
  }

  /** Whether the Service of the server has a ready endpoint. */
  hasReadyEndpoint(key: ServerKey): boolean {
    const slices = this.#slices.byIndex(OF_SERVER, idOf(key));
    return slices.some(({ endpoints }) => (endpoints ?? []).some(({ conditions }) => conditions?.ready === true));
  }

  /** Remembers what a write to an MCPServer or a child returned, as its cache would keep it: the next reconcile does not repeat the write. */
  remember(type: ResourceType, written: KubernetesObject): void {
    this.#recent.remember(type, this.#children.get(type)?.kept(written) ?? this.#servers.kept(written as MCPServerObject));
  }

  /** Whether an MCPServer may be this operator's. One that is not known yet is enqueued when it is. */
  #mayServe(key: string): boolean {
    return !this.#isShared || this.#servers.get(keyIn(key)) !== undefined;
  }

  /** Each cache, by what is in it. */
  #all(): readonly (readonly [ResourceType, Pick<Informer<KubernetesObject>, 'run' | 'synced' | 'hasSynced' | 'size' | 'heardAt'>])[] {
    return [[MCP_SERVERS, this.#servers], ...this.#children, [PODS, this.#pods], [ENDPOINT_SLICES, this.#slices]];
  }
}

function causeOf({ object: { metadata }, previous }: Change<MCPServerObject>): Cause {
  if (previous === undefined) return 'Created';
  const { generation, deletionTimestamp } = previous.metadata;
  return generation === metadata.generation && deletionTimestamp === metadata.deletionTimestamp ? 'Observed' : 'Edited';
}

/** The MCPServers that an object belongs to or did before it changed: both have something to do. */
function concerned<T extends KubernetesObject>({ object, previous }: Change<T>, serversOf: (object: T) => string[]): Set<string> {
  return new Set([object, previous].flatMap((state) => (state === undefined ? [] : serversOf(state))));
}

function keysOf(namespace: string | undefined, name: string | undefined): string[] {
  return namespace === undefined || name === undefined ? [] : [idOf({ namespace, name })];
}

function keyIn(id: string): ServerKey {
  const [namespace = '', name = ''] = id.split('/');
  return { namespace, name };
}

/** `namespace/name`. */
export function idOf({ namespace, name }: ServerKey): string {
  return `${namespace}/${name}`;
}
