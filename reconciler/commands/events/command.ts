// The command `events`: what Kubernetes and the operator tell of an MCPServer, its objects and its pods.
import type { Command } from 'commander';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { serverName } from '../look/server-name.ts';
import { explain, type Manual } from '../manual.ts';
import { output } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';
import { UserError } from '../user-error.ts';

const MANUAL: Manual = {
  notes: `Prints the events about the MCPServer, its objects, its ReplicaSets and its
pods, those that are gone included, the oldest first. Kubernetes keeps events
for an hour.`,
  exitCodes: { 0: 'they were printed; there may be none', 1: 'they could not be read' },
  examples: ['mcp-operator events weather', "mcp-operator events weather -n tools -o json \\\n  | jq '.[] | select(.type == \"Warning\")'"],
};

interface Flags extends ConnectFlags {
  readonly output: 'text' | 'json';
}

/** Adds the command. */
export function addEvents(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('events'), MANUAL);
  connectFlags(command, { namespace: 'namespace of the MCPServer; default: that of the context' })
    .description('print the events of an MCPServer, its objects and all its pods')
    .argument('<name>', 'name of the MCPServer', serverName)
    .addOption(output())
    .action(async (name: string, flags: Flags) => {
      endsOnSignal(surroundings);
      const { stop: signal } = surroundings;
      const [{ lookAt }, { toldEvents }, { eventText }, { wrapped }] = await Promise.all([
        import('../look/look-at.ts'),
        import('../../explain/told-events.ts'),
        import('../explain/lines.ts'),
        import('../wrapped.ts'),
      ]);
      const snapshot = await withCluster(flags, surroundings, (cluster) => lookAt(cluster, { name, events: true, signal }));
      const { unread, now, server: { metadata: { namespace } } } = snapshot;
      if (unread.includes('Event')) throw new UserError(`you may not list events in namespace ${namespace}: ask whoever administers the cluster for it`);
      const events = toldEvents(snapshot);
      const text = events.map((event) => wrapped(eventText(event, now), '  ')).join('\n');
      surroundings.stdout.write(`${flags.output === 'json' ? JSON.stringify(events, null, 2) : text || `There are no events of MCPServer ${namespace}/${name}; Kubernetes keeps them for an hour.`}\n`);
    });
}
