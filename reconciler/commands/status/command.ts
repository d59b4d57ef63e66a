// The command `status`: MCPServers as trees, and an exit code that says whether all are Ready.
import type { Command } from 'commander';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { explain, type Manual } from '../manual.ts';
import { output } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';
import { serverName } from '../look/server-name.ts';

const MANUAL: Manual = {
  notes: `Shows each MCPServer with its objects, and below the Deployment its pods, those
in trouble first. The reason behind a name is that of a condition in the status.
An object that should be there and is not is Missing.

It only reads, with your rights: MCPServers, and of what belongs to them the
kinds you may list; the others are named as not shown.`,
  exitCodes: {
    0: 'all MCPServers that were asked for are Ready; also where there are none',
    1: 'one is not Ready',
    2: 'nobody could tell: no such MCPServer, a missing right, no cluster, or a mistake on the command line',
  },
  examples: ['mcp-operator status', 'mcp-operator status weather -n tools', 'mcp-operator status -A -o json \\\n  | jq -r \'.[] | select(.ready != "True") | .name\''],
  failsWith: 2,
};

interface Flags extends ConnectFlags {
  readonly allNamespaces?: true;
  readonly output: 'text' | 'json';
}

/** Adds the command. */
export function addStatus(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('status'), MANUAL);
  connectFlags(command)
    .description('show MCPServers with their objects, pods and reasons')
    .argument('[name]', 'name of one MCPServer; default: all of the namespace', serverName)
    .option('-A, --all-namespaces', 'show those of all namespaces')
    .addOption(output())
    .action(async (name: string | undefined, flags: Flags) => {
      endsOnSignal(surroundings);
      const { stop: signal } = surroundings;
      const { status } = await import('./status.ts');
      const { text, allReady } = await withCluster(flags, surroundings, (cluster) => status(cluster, { name, ...flags, signal }));
      surroundings.endWith(allReady ? 0 : 1);
      surroundings.stdout.write(text);
    });
}
