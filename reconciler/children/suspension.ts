// What a suspended MCPServer waits for: what would be done to its children, were it not suspended. Writes nothing.
import type { Manifest } from '../../charts/render.ts';
import { examine, isAsDesired, nameOf, obstacleIn, unwanted, type ChildReader } from './child.ts';
import type { Obstacle } from '../status/situation.ts';

/**
 * What keeps a suspended MCPServer from being as its spec says; undefined when nothing does.
 * @throws ApiError of a failed request.
 */
export async function suspendedChildren(reader: ChildReader, manifests: readonly Manifest[]): Promise<Obstacle | undefined> {
  const children = await examine(reader, manifests);
  const obstacle = obstacleIn(children, reader.server);
  if (obstacle?.reason === 'NameConflict') return obstacle;
  const waiting = [
    ...children
      .filter((child) => child.live?.metadata.deletionTimestamp !== undefined || !isAsDesired(child, reader.server))
      .map((child) => `${child.live === undefined ? 'create' : 'change'} ${nameOf(child)}`),
    ...unwanted(reader, children).toDelete.map(({ type, object }) => `delete ${type.kind} ${object.metadata.name}`),
  ];
  if (waiting.length === 0) return undefined;
  return { reason: 'Suspended', message: `While spec.suspend is true the operator does not ${waiting.join(', ')}.`, stalled: false };
}
