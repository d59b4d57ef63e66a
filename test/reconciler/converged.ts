// Waits until the children of an MCPServer are what its spec renders to.
import { expect } from 'vitest';
import { render } from '../../charts/render.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { contains } from '../../reconciler/compare/contains.ts';
import type { MCPServerObject } from '../../reconciler/kinds.ts';
import { eventually } from '../support/cluster.ts';
import type { Fleet } from './scene.ts';

/** Kind and name of an object. */
export function nameOf({ kind, metadata }: Pick<KubernetesObject, 'kind' | 'metadata'>): string {
  return `${kind} ${metadata.name}`;
}

/** The children once they are what the spec renders to, none missing and none too many, and the operator has said so. */
export async function converged(fleet: Fleet, name: string): Promise<{ server: MCPServerObject; children: KubernetesObject[] }> {
  return eventually(async () => {
    const server = await fleet.read(name);
    expect(server.status?.observedGeneration).toBe(server.metadata.generation);
    const [manifests, children] = [render(server), await fleet.children(name)];
    expect(children.map(nameOf).toSorted()).toEqual(manifests.map(nameOf).toSorted());
    for (const manifest of manifests) {
      const live = children.find((child) => nameOf(child) === nameOf(manifest));
      expect([live, contains(live, manifest)]).toEqual([live, true]);
    }
    return { server, children };
  }, { message: `what the spec of ${name} renders to`, timeoutMs: 60_000 });
}
