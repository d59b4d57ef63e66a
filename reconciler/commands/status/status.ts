// What `mcp-operator status` prints, and whether all is well.
import { treeOf, type ServerTree } from '../../explain/tree.ts';
import type { Cluster } from '../connect-flags.ts';
import { findServer, listServers } from '../look/find-server.ts';
import { readSnapshots } from '../look/read-snapshots.ts';
import { UserError } from '../user-error.ts';
import { treeLines } from './tree-lines.ts';

export interface StatusOptions {
  readonly name: string | undefined;
  readonly allNamespaces?: true;
  readonly output: 'text' | 'json';
  readonly signal: AbortSignal;
}

/** What is printed, and whether all of it is Ready. */
export interface Status {
  readonly text: string;
  readonly allReady: boolean;
}

/** Reads the MCPServers that are asked for. */
export async function status({ client, namespace }: Cluster, options: StatusOptions): Promise<Status> {
  const { name, allNamespaces = false, output, signal } = options;
  if (name !== undefined && allNamespaces) throw new UserError('-A shows all MCPServers: leave out the name, or name its namespace with -n');
  const scope = allNamespaces ? undefined : namespace;
  const servers = name === undefined
    ? await listServers(client, scope, { signal })
    : [await findServer(client, { namespace, name }, { signal })];
  const trees = (await readSnapshots(client, servers, { namespace: scope, signal })).map(treeOf);
  const allReady = trees.every(({ ready }) => ready === 'True');
  if (output === 'json') return { text: `${JSON.stringify(name === undefined ? trees : trees[0], null, 2)}\n`, allReady };
  if (trees.length === 0) return { text: scope === undefined ? 'There are no MCPServers.\n' : `There are no MCPServers in namespace ${scope}; -A shows those of all.\n`, allReady };
  return { text: `${[...trees.map(treeLines), ...summary(trees)].join('\n\n')}\n`, allReady };
}

/** Of many the last line says how many are well. */
function summary(trees: readonly ServerTree[]): string[] {
  const ready = trees.filter((tree) => tree.ready === 'True').length;
  return trees.length < 2 ? [] : [`${ready} of ${trees.length} MCPServers are Ready.`];
}
