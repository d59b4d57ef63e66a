// The tree of an MCPServer as lines of 80 columns. Pure.
import type { PodStanding } from '../../explain/pod-standing.ts';
import type { ObjectStanding, ServerTree } from '../../explain/tree.ts';
import { wrapped } from '../wrapped.ts';

/** Of pods that stand alike so many are named. */
const MOST_ALIKE = 5;

/** The lines of one tree. */
export function treeLines(tree: ServerTree): string {
  const { namespace, name, ready, reason, message, endpoint, objects, pods, unread } = tree;
  const state = { True: 'Ready', False: 'not Ready', Unknown: 'unknown' }[ready];
  const head = [
    wrapped(`MCPServer ${namespace}/${name}: ${state}, ${reason}`, '  '),
    wrapped(message, '│  ', '│  '),
    ...(endpoint === null ? [] : [wrapped(endpoint, '│  ', '│  ')]),
  ];
  const leaves: Leaf[] = objects.map((object) => ({ text: objectText(object), below: object.kind === 'Deployment' ? podLeaves(pods, message) : [] }));
  // Pods of a Deployment that is gone, or may not be read, are there all the same.
  if (!objects.some(({ kind }) => kind === 'Deployment')) leaves.push(...podLeaves(pods, message));
  if (unread.length > 0) leaves.push({ text: `Not shown, for you may not list them: ${unread.join(', ')}`, below: [] });
  return [...head, ...drawn(leaves, '')].join('\n');
}

interface Leaf {
  readonly text: string;
  readonly detail?: string;
  readonly below: readonly Leaf[];
}

function drawn(leaves: readonly Leaf[], before: string): string[] {
  return leaves.flatMap(({ text, detail, below }, index) => {
    const isLast = index === leaves.length - 1;
    const inside = `${before}${isLast ? '   ' : '│  '}`;
    const beside = below.length > 0 ? `${inside}│  ` : `${inside}   `;
    const lines = [wrapped(text, beside, `${before}${isLast ? '└─ ' : '├─ '}`)];
    if (detail !== undefined) lines.push(wrapped(detail, beside, beside));
    return [...lines, ...drawn(below, inside)];
  });
}

function objectText({ kind, name, state, reason }: ObjectStanding): string {
  const said = [...(state === 'Present' ? [] : [state]), ...(reason === null ? [] : [reason])];
  return `${kind} ${name}${said.length === 0 ? '' : `: ${said.join(', ')}`}`;
}

/** Of many pods that stand alike the first few, and how many more there are. */
function podLeaves(pods: readonly PodStanding[], said: string): Leaf[] {
  const leaves: Leaf[] = [];
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const count = (counts.get(pod.state) ?? 0) + 1;
    counts.set(pod.state, count);
    if (count <= MOST_ALIKE) leaves.push(podLeaf(pod, said));
  }
  for (const [state, count] of counts) {
    if (count > MOST_ALIKE) leaves.push({ text: `and ${count - MOST_ALIKE} more pods: ${state}`, below: [] });
  }
  return leaves;
}

function podLeaf({ name, state, message, restarts }: PodStanding, said: string): Leaf {
  const again = restarts === 0 ? '' : `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`;
  return { text: `Pod ${name}: ${state}${again}`, below: [], ...(message !== null && !said.includes(message) && { detail: message }) };
}
