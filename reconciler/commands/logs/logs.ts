// What `mcp-operator logs` prints: each line behind the names of its pod and container, fit for a terminal.
import { once } from 'node:events';
import { isApiError } from '../../../kubernetes/errors.ts';
import { plain } from '../../../kubernetes/text.ts';
import type { Cluster } from '../connect-flags.ts';
import { didYouMean } from '../look/did-you-mean.ts';
import { lookAt } from '../look/look-at.ts';
import { visible } from '../look/visible.ts';
import type { Surroundings } from '../surroundings.ts';
import { UserError } from '../user-error.ts';
import { containerNames, runsOf, type ContainerRun } from './containers.ts';
import { follow } from './follow.ts';
import { readLog } from './read-log.ts';

export interface LogOptions extends Pick<Surroundings, 'stdout' | 'stderr'> {
  readonly name: string;
  readonly container?: string;
  readonly follow?: true;
  readonly previous?: true;
  /** Lines from the end of each log; undefined: all. */
  readonly tail: number | undefined;
  readonly signal: AbortSignal;
}

/** Prints the logs; false when one could not be read. Throws UserError where there is none to be. */
export async function logs(cluster: Cluster, options: LogOptions): Promise<boolean> {
  const { client, namespace } = cluster;
  const { name, container, previous = false, tail, signal, stdout, stderr } = options;
  const note = (sentence: string): void => void stderr.write(`${plain(sentence, 500)}\n`);
  // Waits for a reader that is slower than the logs.
  const tell = async (run: ContainerRun, line: string): Promise<void> => {
    if (!stdout.write(`[${run.pod}/${run.container}] ${visible(line)}\n`)) await once(stdout, 'drain');
  };
  const { pods, unread } = await lookAt(cluster, { name, signal });
  if (unread.includes('Pod')) throw new UserError(`you may not list pods in namespace ${namespace}: ask whoever administers the cluster for it`);
  const names = containerNames(pods);
  if (container !== undefined && names.length > 0 && !names.includes(container)) {
    throw new UserError(`no pod of ${name} has a container ${container}: there are ${names.join(', ')}.${didYouMean(container, names)}`);
  }
  if (options.follow === true) {
    if (pods.length === 0) note(`MCPServer ${namespace}/${name} has no pods; waiting for some`);
    await follow({ client, namespace, name, container, tail, tell, note, signal });
    return true;
  }
  const runs = runsOf(pods, { container, previous });
  if (runs.length === 0) note(noLog({ namespace, name, previous, pods: pods.length }));
  let isWhole = true;
  for (const run of runs) {
    try {
      for await (const line of readLog(client, run, { namespace, tail, previous, signal })) await tell(run, line);
    } catch (error) {
      if (!isApiError(error)) throw error;
      note(`${run.pod}/${run.container}: ${error.message}`);
      // One that is gone meanwhile has no log any more.
      if (error.kind !== 'NotFound') isWhole = false;
    }
  }
  return isWhole;
}

interface NoLog {
  readonly namespace: string;
  readonly name: string;
  readonly previous: boolean;
  readonly pods: number;
}

function noLog({ namespace, name, previous, pods }: NoLog): string {
  if (pods === 0) return `MCPServer ${namespace}/${name} has no pods: mcp-operator explain ${name} -n ${namespace} says why`;
  if (previous) return `No container of MCPServer ${namespace}/${name} has run before`;
  return `No container of MCPServer ${namespace}/${name} has started yet: mcp-operator explain ${name} -n ${namespace} says why`;
}
