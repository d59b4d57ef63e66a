// What a suspended MCPServer waits for: what would be done to its children, were it not suspended. Writes nothing.
import type { View } from '../view/view.ts';
import type { Obstacle } from '../status/situation.ts';
import { obstacleIn, unwanted } from './child.ts';
import type { Wanted } from './converge.ts';
import { examine, type Examination } from './examine.ts';

/**
 * What keeps a suspended MCPServer from being as its spec says; undefined when nothing does.
 * @throws ApiError of a failed request.
 */
export async function suspended(reader: Examination & { readonly view: Pick<View, 'childrenOf'> }, wanted: Wanted): Promise<Obstacle | undefined> {
  const { server, matching } = wanted;
  const children = await examine(reader, wanted);
  const obstacle = obstacleIn(children, server);
  if (obstacle?.reason === 'NameConflict') return obstacle;
  const differing = children.filter((child) => child.live?.metadata.deletionTimestamp !== undefined || !child.isAsDesired(matching));
  const { toDelete } = unwanted(reader.view.childrenOf(server.metadata), children, wanted);
  const waiting = [
    ...differing.map(({ live, name }) => `${live === undefined ? 'create' : 'change'} ${name}`),
    ...toDelete.map(({ type, object }) => `delete ${type.kind} ${object.metadata.name}`),
  ];
  if (waiting.length === 0) return undefined;
  return { reason: 'Suspended', message: `While spec.suspend is true the operator does not ${waiting.join(', ')}.`, stalled: false };
}
