// The command `explain`: what is wrong with an MCPServer, by what that is known, and what to do.
import type { Command } from 'commander';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { serverName } from '../look/server-name.ts';
import { explain, type Manual } from '../manual.ts';
import { output } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';

const MANUAL: Manual = {
  notes: `Says what the status says, and beside it what belongs to it: conditions, pods,
what containers said before they ended, the events, and the next steps with
their commands. Where the spec says lastWords: Hide, none are shown. It only
reads, with your rights.`,
  exitCodes: {
    0: 'the MCPServer is Ready',
    1: 'it is not, or that is not known; what was found is printed',
    2: 'nobody could tell: no such MCPServer, a missing right, no cluster, or a mistake on the command line',
  },
  examples: ['mcp-operator explain weather', "mcp-operator explain weather -n tools -o json | jq -r '.nextSteps[]'"],
  failsWith: 2,
};

interface Flags extends ConnectFlags {
  readonly output: 'text' | 'json';
}

/** Adds the command. */
export function addExplain(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('explain'), MANUAL);
  connectFlags(command, { namespace: 'namespace of the MCPServer; default: that of the context' })
    .description('say in words what is wrong with an MCPServer, and what to do')
    .argument('<name>', 'name of the MCPServer', serverName)
    .addOption(output())
    .action(async (name: string, flags: Flags) => {
      endsOnSignal(surroundings);
      const { stop: signal } = surroundings;
      const [{ lookAt }, { explain: explained }, { explanationLines }] = await Promise.all([
        import('../look/look-at.ts'),
        import('../../explain/explanation.ts'),
        import('./lines.ts'),
      ]);
      const snapshot = await withCluster(flags, surroundings, (cluster) => lookAt(cluster, { name, events: true, signal }));
      const explanation = explained(snapshot);
      surroundings.endWith(explanation.ready === 'True' ? 0 : 1);
      const text = flags.output === 'json' ? JSON.stringify(explanation, null, 2) : explanationLines(explanation, snapshot.now);
      surroundings.stdout.write(`${text}\n`);
    });
}
