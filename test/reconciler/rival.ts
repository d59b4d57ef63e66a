// Another writer of what the operator lays over a Deployment.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOYMENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import type { Fleet } from './scene.ts';

const MARK = 'mcp.example.com/overlay-hash';

/** Takes the operator's mark of its overlay away whenever it is there, as `other-controller`, until aborted. Never rejects. */
export async function contestOverlay(fleet: Fleet, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // One of its requests may fail beside so many others; a rival goes on.
    await contestOnce(fleet, name).catch(() => undefined);
    await sleep(50);
  }
}

async function contestOnce(fleet: Fleet, name: string): Promise<void> {
  const live = await fleet.find<KubernetesObject>(DEPLOYMENTS, name);
  if (live === undefined || live.metadata.annotations?.[MARK] === 'mine') return;
  await fleet.client.patch(DEPLOYMENTS, fleet.ref(name), { metadata: { annotations: { [MARK]: 'mine' } } }, { fieldManager: 'other-controller' });
}
