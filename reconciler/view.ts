// What the operator knows of the cluster: informer caches, and its own writes until the caches have caught up with them.
import type { KubernetesClient } from '../kubernetes/client.ts';
import { Informer } from '../kubernetes/informer.ts';
import { ENDPOINT_SLICES, PODS, type KubernetesObject, type ResourceType } from '../kubernetes/objects.ts';
import type { Change } from '../kubernetes/object-store.ts';
import type { ReflectorLog } from '../kubernetes/reflector.ts';
import { APP_NAME, MANAGED_BY, SERVER_LABEL } from '../charts/labels.ts';
import { CHILD_TYPES, MCP_SERVERS, type EndpointSliceObject, type MCPServerObject, type PodObject } from './kinds.ts';
import { RecentWrites } from './recent-writes.ts';
import type { Clock } from './runtime/clock.ts';

/** Namespace and name of an MCPServer. */
export interface ServerKey {
  readonly namespace: string;
  readonly name: string;
}

export interface ViewOptions {
  readonly client: KubernetesClient;
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly log: ReflectorLog;
}

const CHILD_SELECTOR = `app.kubernetes.io/name=${APP_NAME},app.kubernetes.io/managed-by=${MANAGED_BY}`;
const POD_SELECTOR = `app.kubernetes.io/name=${APP_NAME},${SERVER_LABEL}`;

/** Caches of everything a reconcile reads. */
export class View {
  readonly #servers: Informer<MCPServerObject>;
  readonly #pods: Informer<PodObject>;
  readonly #slices: Informer<EndpointSliceObject>;
  readonly #children: ReadonlyMap<ResourceType, Informer<KubernetesObject>>;
  readonly #recent: RecentWrites;

  constructor({ client, namespaces, clock, log }: ViewOptions) {
    const common = { client, namespaces, log };
    this.#recent = new RecentWrites(clock);
    this.#servers = new Informer<MCPServerObject>({ ...common, type: MCP_SERVERS });
    this.#pods = new Informer<PodObject>({ ...common, type: PODS, labelSelector: POD_SELECTOR });
    this.#slices = new Informer<EndpointSliceObject>({ ...common, type: ENDPOINT_SLICES, labelSelector: POD_SELECTOR });
    this.#children = new Map(
      CHILD_TYPES.map((type) => [type, new Informer<KubernetesObject>({ ...common, type, labelSelector: CHILD_SELECTOR })]),
    );
  }

  /** Calls `enqueue` with `namespace/name` of the MCPServer concerned by every change, the operator's own writes aside. Register before `run`. */
  onChange(enqueue: (key: string) => void): void {
    this.#servers.onChange((change) => {
      const { namespace, name } = change.object.metadata;
      if (!this.#recent.seen(MCP_SERVERS, change)) enqueue(`${namespace}/${name}`);
    });
    const enqueueOwner = ({ object, previous }: Change<KubernetesObject>): void => {
      for (const { metadata } of [object, ...(previous ? [previous] : [])]) {
        const name = metadata.labels?.[SERVER_LABEL];
        if (name !== undefined) enqueue(`${metadata.namespace}/${name}`);
      }
    };
    for (const [type, informer] of this.#children) {
      informer.onChange((change) => {
        if (!this.#recent.seen(type, change)) enqueueOwner(change);
      });
    }
    for (const informer of [this.#pods, this.#slices]) informer.onChange(enqueueOwner);
  }

  /** Calls `handler` with every MCPServer that changed, and what it was before. Register before `run`. */
  onServerChange(handler: (change: Change<MCPServerObject>) => void): void {
    this.#servers.onChange(handler);
  }

  /** Keeps the caches current until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.run(signal)));
  }

  /** Resolves when every cache was filled once. */
  async synced(): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.synced));
  }

  /** Why the caches cannot be trusted yet; undefined once they can. */
  notSynced(): string | undefined {
    const missing = [...this.#children].filter(([, informer]) => !informer.hasSynced()).map(([type]) => type.kind);
    if (!this.#servers.hasSynced()) missing.unshift(MCP_SERVERS.kind);
    if (!this.#pods.hasSynced()) missing.push(PODS.kind);
    if (!this.#slices.hasSynced()) missing.push(ENDPOINT_SLICES.kind);
    return missing.length === 0 ? undefined : `waiting for the first list of ${missing.join(', ')}`;
  }

  /** All MCPServers as `namespace/name`. */
  serverKeys(): string[] {
    return this.#servers.list().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  server(key: ServerKey): MCPServerObject | undefined {
    return this.#recent.latest(MCP_SERVERS, key, this.#servers.get(key));
  }

  /** The child of a type and name, whoever owns it; only objects with the operator's labels are known. */
  child(type: ResourceType, key: ServerKey): KubernetesObject | undefined {
    return this.#recent.latest(type, key, this.#children.get(type)?.get(key));
  }

  /** Every object labelled as the server's, with its type. */
  childrenOf({ namespace, name }: ServerKey): { type: ResourceType; object: KubernetesObject }[] {
    return [...this.#children].flatMap(([type, informer]) =>
      informer.list(namespace).filter((object) => object.metadata.labels?.[SERVER_LABEL] === name).map((object) => ({ type, object: this.#recent.latest(type, object.metadata, object) ?? object })),
    );
  }

  podsOf({ namespace, name }: ServerKey): PodObject[] {
    return this.#pods.list(namespace).filter((pod) => pod.metadata.labels?.[SERVER_LABEL] === name);
  }

  /** Whether the Service of the server has a ready endpoint. */
  hasReadyEndpoint({ namespace, name }: ServerKey): boolean {
    return this.#slices
      .list(namespace)
      .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name)
      .some((slice) => (slice.endpoints ?? []).some((endpoint) => endpoint.conditions?.ready === true));
  }

  /** Remembers what a write returned, so that the next reconcile does not repeat it. */
  remember(type: ResourceType, written: KubernetesObject): void {
    this.#recent.remember(type, written);
  }

  #informers(): readonly Pick<Informer<KubernetesObject>, 'run' | 'synced'>[] {
    return [this.#servers, this.#pods, this.#slices, ...this.#children.values()];
  }
}
