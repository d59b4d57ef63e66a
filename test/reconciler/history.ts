// Everything that happened to the MCPServers of a namespace and their objects, as a watch tells it.
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import { Informer } from '../../kubernetes/informer.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { Change } from '../../kubernetes/object-store.ts';
import { CHILD_TYPES, MCP_SERVERS, type DeploymentObject, type MCPServerObject } from '../../reconciler/kinds.ts';
import { conditionOf } from '../support/kstatus.ts';
import { watching } from '../support/watching.ts';

/** One state of an object, or its end. */
interface Moment {
  readonly event: Change<KubernetesObject>['type'];
  readonly object: KubernetesObject;
}

/** What was seen since it began. */
export class History {
  readonly moments: Moment[] = [];
  #stops: readonly (() => Promise<void>)[] = [];

  async begin(client: KubernetesClient, namespace: string): Promise<this> {
    const informers = [MCP_SERVERS, ...CHILD_TYPES].map((type) => {
      const informer = new Informer({ client, type, namespaces: [namespace] });
      informer.onChange(({ type: event, object }) => this.moments.push({ event, object }));
      return informer;
    });
    this.#stops = await Promise.all(informers.map((informer) => watching(informer)));
    this.moments.length = 0;
    return this;
  }

  async end(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  /** Kind and name of each object of an MCPServer that went. */
  deleted(name: string): string[] {
    return this.#of(name).filter(({ event }) => event === 'DELETED').map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`);
  }

  /** The tags of the images that a Deployment had, one after the other. */
  images(name: string): number[] {
    return this.#deployments(name, ({ spec }) => Number((spec.template as Templated).spec.containers[0]?.image.split(':')[1]));
  }

  /** What the MCPServer said of itself, one after the other: the generation, and whether it is Ready. */
  statuses(name: string): string[] {
    const servers = this.moments.filter(({ object: { kind, metadata } }) => kind === MCP_SERVERS.kind && metadata.name === name);
    return changes(servers.map(({ object }) => {
      const { status } = object as MCPServerObject;
      return `${status?.observedGeneration} ${conditionOf(object as MCPServerObject, 'Ready')?.status}`;
    }));
  }

  #deployments<T>(name: string, read: (deployment: DeploymentObject) => T): T[] {
    return changes(this.#of(name).filter(({ object: { kind } }) => kind === 'Deployment').map(({ object }) => read(object as DeploymentObject)));
  }

  #of(name: string): Moment[] {
    return this.moments.filter(({ object: { metadata } }) => metadata.labels?.[SERVER_LABEL] === name);
  }
}

interface Templated {
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

/** Without repetitions in a row. */
function changes<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => index === 0 || value !== values[index - 1]);
}
