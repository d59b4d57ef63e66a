// The limit: a loop that creates the same MCPServers and sends the same server-side applies as an operator would, and does nothing else.
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/objects.ts';
import { childType, MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { changedObjects, createNamespaces, forEach, nameOf, objectsOf, serverNamed } from './servers.ts';

/** Of a round: its seconds, the writes of each server besides that of the MCPServer's user, and what a write cost this process. */
export interface Limit {
  readonly seconds: number;
  readonly writes: number;
  readonly cpuMsPerWrite: number;
}

interface Apply {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
}

const OPTIONS = { fieldManager: 'mcp-operator', force: true } as const;

/** All that is rendered is there before the clock starts. */
function appliesOf(count: number, [before, after]: readonly [before: number | undefined, after: number]): Apply[][] {
  return Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    const objects = objectsOf(name, after);
    const changed = before === undefined ? objects : changedObjects(objectsOf(name, before), objects);
    return changed.map((object) => ({ type: childType(object), object }));
  });
}

async function round(client: KubernetesClient, applies: readonly Apply[][], change: (name: string) => Promise<unknown>): Promise<Limit> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await forEach(applies.length, async (index) => {
    const name = nameOf(index);
    await change(name);
    for (const { type, object } of applies[index] ?? []) await client.apply(type, object, OPTIONS);
    const { apiVersion, kind, metadata } = serverNamed(name, 1);
    const status = { observedGeneration: 1, phase: 'Pending', replicas: 0, readyReplicas: 0, conditions: [] };
    await client.apply(MCP_SERVERS, { apiVersion, kind, metadata, status } as KubernetesObject, { ...OPTIONS, subresource: 'status' });
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const writes = (applies[0]?.length ?? 0) + 1;
  return { seconds, writes, cpuMsPerWrite: (user + system) / 1000 / ((writes + 1) * applies.length) };
}

/** Creates MCPServers with one replica, then gives each a second one. */
export async function bareLoop(client: KubernetesClient, count: number): Promise<{ readonly created: Limit; readonly changed: Limit }> {
  await createNamespaces(client, count);
  const created = await round(client, appliesOf(count, [undefined, 1]), (name) => client.create(MCP_SERVERS, serverNamed(name, 1)));
  const changed = await round(client, appliesOf(count, [1, 2]), (name) =>
    client.patch(MCP_SERVERS, serverNamed(name, 1).metadata, { spec: { replicas: 2 } }));
  return { created, changed };
}
