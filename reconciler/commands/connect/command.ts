// The command `connect`: a port of this machine that leads to an MCPServer, and what an MCP client has to be told.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { homedir } from 'node:os';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { serverName } from '../look/server-name.ts';
import { explain, type Manual } from '../manual.ts';
import { localPort, output } from '../options.ts';
import { untilEnd, type Surroundings } from '../surroundings.ts';
import { CLIENT_NAMES, type ClientName } from './clients.ts';

const MANUAL: Manual = {
  notes: `Forwards a port of 127.0.0.1 to a pod that serves, as kubectl port-forward does,
with your rights (get and create of pods/portforward, list of pods), and goes on
with another pod when that one goes. Everybody on this machine can use the port.

With --client it puts one entry into the file of that client, and takes it out
at the end; all else in the file stays as it is, and a copy is kept beside it. A
Secret is never read: credentials are yours to add.`,
  heedsSignals: true,
  exitCodes: { 0: 'it was ended by Ctrl-C, and all is as it was', 1: 'it could not begin' },
  examples: [
    'mcp-operator connect weather',
    'mcp-operator connect weather -n tools --client cursor',
    'mcp-operator connect weather --client vscode --client-file .vscode/mcp.json',
  ],
};

interface Flags extends ConnectFlags {
  readonly port?: number;
  readonly client?: ClientName;
  readonly clientFile?: string;
  readonly entry?: string;
  readonly output: 'text' | 'json';
}

/** Adds the command. */
export function addConnect(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('connect'), MANUAL);
  connectFlags(command, { namespace: 'namespace of the MCPServer; default: that of the context' })
    .description('make an MCPServer reachable from this machine, and configure an MCP client')
    .argument('<name>', 'name of the MCPServer', serverName)
    .option('--port <number>', 'port of this machine; default: that of the server, or another where that is taken', localPort)
    .addOption(new Option('--client <name>', 'client whose file gets an entry').choices(CLIENT_NAMES))
    .option('--client-file <file>', "the client's file, where it is not at its usual place")
    .option('--entry <name>', 'name of the entry; default: that of the MCPServer', entryName)
    .addOption(output())
    .action(async (name: string, flags: Flags) => {
      const { env, stdout, stderr } = surroundings;
      const tell = (text: string): void => void stdout.write(text);
      const note = (sentence: string): void => void stderr.write(`${sentence}\n`);
      const place = { platform: process.platform, home: env['HOME'] ?? homedir(), cwd: process.cwd(), env };
      const signal = untilEnd(surroundings);
      const { connectTo } = await import('./connect.ts');
      try {
        await withCluster(flags, surroundings, (cluster) => connectTo(cluster, { ...flags, name, place, tell, note, signal }));
      } catch (error) {
        // Ended before it stood.
        if (error !== signal.reason || !signal.aborted) throw error;
      }
      surroundings.exit(0);
    });
}

function entryName(value: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(value)) throw new InvalidArgumentError('It must be letters, digits, -, _ and . only.');
  return value;
}
