// Follows the logs of all containers of an MCPServer: of those that run, and of those that come.
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS, type PodObject } from '../../kinds.ts';
import { runsOf, type ContainerRun } from './containers.ts';
import { readLog } from './read-log.ts';

export interface FollowOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly name: string;
  readonly container: string | undefined;
  /** Lines from the end of logs that are there already; undefined: all. */
  readonly tail: number | undefined;
  /** Takes a line; the next is read when it resolves. */
  readonly tell: (run: ContainerRun, line: string) => Promise<void>;
  /** Takes a sentence about the following itself. */
  readonly note: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/** Each is a connection of its own. */
const MOST_STREAMS = 100;
/** Before a log that ended although its container runs is asked for again. */
const AGAIN_MS = 1000;
/** While there are no pods it is looked so often whether there is still an MCPServer. */
const LOOK_MS = 10_000;
/** The time before a line, as the kubelet writes it. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?/;

/** Follows until the signal aborts, or the MCPServer and its last pod are gone. Never rejects for what happens to one container. */
export async function follow(options: FollowOptions): Promise<void> {
  const { client, namespace, name, container, note, signal } = options;
  const labelSelector = `${SERVER_LABEL}=${name}`;
  const pods = new Informer<PodObject>({ client, type: PODS, namespaces: [namespace], labelSelector, onRestart: told(note) });
  const seen = new Set<string>();
  const runs = new Set<Promise<void>>();
  const gone = new AbortController();
  let isLate = false;
  const look = (pod: PodObject): void => {
    for (const run of runsOf([pod], { container })) {
      if (seen.has(run.key)) continue;
      seen.add(run.key);
      if (runs.size >= MOST_STREAMS) {
        note(`follows ${MOST_STREAMS} containers, not also ${run.pod}/${run.container}`);
        continue;
      }
      // Of a container that comes later nothing was missed, and all is wanted.
      const following = followRun(run, pods, { ...options, tail: isLate ? undefined : options.tail });
      runs.add(following);
      void following.finally(() => runs.delete(following));
    }
  };
  const endIfGone = async (): Promise<void> => {
    if (pods.list().length > 0 || !(await isGone(options)) || gone.signal.aborted || pods.list().length > 0) return;
    note(`MCPServer ${namespace}/${name} is gone`);
    gone.abort();
  };
  pods.onChange(({ type, object }) => {
    if (type !== 'DELETED') look(object);
    else void endIfGone();
  });
  const running = pods.run(AbortSignal.any([signal, gone.signal]));
  await pods.synced;
  isLate = true;
  const looking = setInterval(() => void endIfGone(), LOOK_MS);
  await running;
  clearInterval(looking);
  // What was said last is still on its way.
  if (!signal.aborted) await Promise.all(runs);
}

/** Whether no pods will come any more: whoever cannot be asked may still have some. */
async function isGone({ client, namespace, name, signal }: FollowOptions): Promise<boolean> {
  try {
    return (await client.get(MCP_SERVERS, { namespace, name }, { signal })).metadata.deletionTimestamp !== undefined;
  } catch (error) {
    return isApiError(error, 'NotFound');
  }
}

function told(note: (sentence: string) => void): (reason: string) => void {
  let last = '';
  return (reason) => {
    if (reason !== last) note(`the pods have to be looked for again: ${reason}`);
    last = reason;
  };
}

/** One container's run to its end, however often the connection breaks. */
async function followRun(run: ContainerRun, pods: Informer<PodObject>, options: FollowOptions): Promise<void> {
  const { client, namespace, tail, tell, note, signal } = options;
  let last: string | undefined;
  for (;;) {
    try {
      const query = { namespace, tail: last === undefined ? tail : undefined, follow: true, since: last, signal };
      for await (const line of readLog(client, run, query)) {
        const time = TIME.exec(line);
        const at = time?.[1] ?? '';
        // What is asked for again begins with the second of the last line, not with the line after it.
        if (last !== undefined && at !== '' && at <= last) continue;
        if (at !== '') last = at;
        await tell(run, line.slice(time?.[0].length ?? 0));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isApiError(error, 'NotFound')) return;
      note(`${run.pod}/${run.container}: ${error instanceof Error ? error.message : String(error)}`);
      if (isApiError(error, 'Forbidden', 'Unauthorized')) return;
    }
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    const isStillThere = !signal.aborted && pods.list().some((pod) => runsOf([pod], {}).some(({ key, runs }) => key === run.key && runs));
    if (!isStillThere) return;
  }
}
