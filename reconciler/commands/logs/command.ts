// The command `logs`: what all containers of all pods of an MCPServer say.
import { InvalidArgumentError, type Command } from 'commander';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { serverName } from '../look/server-name.ts';
import { explain, type Manual } from '../manual.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';

const MANUAL: Manual = {
  notes: `Every line stands behind [POD/CONTAINER]. The server's container is mcp-server;
of a stdio server the bridge writes there too, and stdio-bridge is the init
container that brings it. Colours are left out, and control characters are shown
as \\u{1b}; a line of more than 64 KiB comes in pieces.

With -f also pods that come later are followed, until Ctrl-C or until the
MCPServer and its last pod are gone.`,
  exitCodes: { 0: 'the logs were printed; they may be empty', 1: 'one could not be read; the others were printed' },
  examples: ['mcp-operator logs weather', 'mcp-operator logs weather -n tools -f', 'mcp-operator logs weather --previous --tail all'],
};

const MOST_LINES = 1_000_000;

interface Flags extends ConnectFlags {
  readonly container?: string;
  readonly follow?: true;
  readonly previous?: true;
  readonly tail: number | 'all';
}

/** Adds the command. */
export function addLogs(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('logs'), MANUAL);
  connectFlags(command, { namespace: 'namespace of the MCPServer; default: that of the context' })
    .description('print what all pods of an MCPServer say')
    .argument('<name>', 'name of the MCPServer', serverName)
    .option('-c, --container <name>', 'only this container; default: all, also init containers')
    .option('-f, --follow', 'go on with what is said from now on')
    .option('-p, --previous', 'of containers that were restarted the run before')
    .option('--tail <lines>', 'lines from the end of each log, or all', lines, 100)
    .action(async (name: string, flags: Flags) => {
      endsOnSignal(surroundings);
      const { stop: signal, stdout, stderr, endWith } = surroundings;
      if (flags.follow === true && flags.previous === true) command.error('error: -f and --previous exclude each other: a run that has ended says no more');
      const { logs } = await import('./logs.ts');
      const tail = flags.tail === 'all' ? undefined : flags.tail;
      const isWhole = await withCluster(flags, surroundings, (cluster) => logs(cluster, { ...flags, name, tail, signal, stdout, stderr }));
      endWith(isWhole ? 0 : 1);
    });
}

function lines(value: string): number | 'all' {
  const number = Number(value);
  if (value === 'all') return 'all';
  if (!/^\d+$/.test(value) || number > MOST_LINES) throw new InvalidArgumentError(`It must be a whole number, ${MOST_LINES} at most, or all.`);
  return number;
}
