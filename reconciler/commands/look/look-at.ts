// One MCPServer and all that belongs to it, read once.
import type { Snapshot } from '../../explain/snapshot.ts';
import type { Cluster } from '../connect-flags.ts';
import { findServer } from './find-server.ts';
import { readSnapshots } from './read-snapshots.ts';

export interface LookOptions {
  readonly name: string;
  /** Whether its events are read as well. Default: no. */
  readonly events?: boolean;
  readonly signal: AbortSignal;
}

/** Throws UserError where there is no such MCPServer. */
export async function lookAt({ client, namespace }: Cluster, { name, events = false, signal }: LookOptions): Promise<Snapshot> {
  const server = await findServer(client, { namespace, name }, { signal });
  const [snapshot] = await readSnapshots(client, [server], { namespace, events, signal });
  if (snapshot === undefined) throw new Error('nothing was read of an MCPServer that is there');
  return snapshot;
}
