// The MCPServers of the fleet, and the objects that each becomes: what the driver creates and the bare loop sends.
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import { render, type Manifest } from '../../../charts/render.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { NAMESPACES } from '../../../kubernetes/objects.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';

/** As many share a namespace: controllers of Kubernetes go through all ReplicaSets of one for each Deployment in it. */
const IN_NAMESPACE = 100;
/** So many requests of the driver, and of the bare loop, are under way at a time. */
export const AT_ONCE = 16;

/** Those of all below `count`, which may be there. */
export async function createNamespaces(client: KubernetesClient, count: number): Promise<void> {
  for (let index = 0; index < count; index += IN_NAMESPACE) {
    await client.apply(NAMESPACES, { metadata: { name: namespaceOf(nameOf(index)) } }, { fieldManager: 'bench' });
  }
}

function namespaceOf(name: string): string {
  const [index = '0'] = /\d+$/.exec(name) ?? [];
  return `bench-${Math.floor(Number(index) / IN_NAMESPACE)}`;
}

/** As small as can be, so that costs are those of their number. */
export function serverNamed(name: string, replicas: number): MCPServerObject {
  const object = { apiVersion: API_VERSION, kind: KIND, metadata: { name, namespace: namespaceOf(name) }, spec: { image: 'example.com/server:1', replicas } };
  return object as unknown as MCPServerObject;
}

/** `fleet`: which of several, where there are more than one. */
export function nameOf(index: number, fleet = 'server'): string {
  return `${fleet}-${index}`;
}

/** What `after` has that `before` had not, or not so. */
export function changedObjects(before: readonly Manifest[], after: readonly Manifest[]): Manifest[] {
  const known = new Set(before.map((object) => JSON.stringify(object)));
  return after.filter((object) => !known.has(JSON.stringify(object)));
}

/** The objects of a server with so many replicas. */
export function objectsOf(name: string, replicas: number): Manifest[] {
  return render(serverNamed(name, replicas));
}

/** Calls `send` for each index below `count`, `AT_ONCE` at a time. */
export async function forEach(count: number, send: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await send(index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
