// The command `dashboard`: a page of this machine that shows MCPServers as they are.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { explain, type Manual } from '../manual.ts';
import { localPort } from '../options.ts';
import { untilEnd, type Surroundings } from '../surroundings.ts';
import { UserError } from '../user-error.ts';

const MANUAL: Manual = {
  notes: `Serves a page on 127.0.0.1 that shows MCPServers with their state, live, and
each in full: why it is not Ready and what to do, what happened, its pods and
objects, and what MCP clients have to be told. All of it is read with your
rights; what they do not reach is named as not shown. On the page the tools
of an MCPServer can be listed and called, over a port-forward (get and create
of pods/portforward, list of pods). The URL has a token: whoever has it can do
the same until Ctrl-C.`,
  heedsSignals: true,
  exitCodes: { 0: 'it was ended by Ctrl-C', 1: 'it could not begin' },
  examples: ['mcp-operator dashboard', 'mcp-operator dashboard -A --open', 'mcp-operator dashboard -n tools --port 9000'],
};

interface Flags extends ConnectFlags {
  readonly allNamespaces?: true;
  readonly port?: number;
  readonly open?: true;
}

/** Adds the command. */
export function addDashboard(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('dashboard'), MANUAL);
  connectFlags(command)
    .description('show MCPServers on a page of this machine, live')
    .option('-A, --all-namespaces', 'show those of all namespaces')
    .option('--port <number>', 'port of this machine; default: 7788, or another where that is taken', localPort)
    .option('--open', 'open the page in the browser')
    .action(async (flags: Flags) => {
      const { env, stdout, stderr } = surroundings;
      const note = (sentence: string): void => void stderr.write(`${sentence}\n`);
      const tell = (url: string, namespace: string | undefined): void => {
        const shown = namespace === undefined ? 'all namespaces' : `namespace ${namespace}; -A shows all`;
        stdout.write(`The dashboard is at ${url}\nIt shows the MCPServers of ${shown}. Ctrl-C ends it.\n`);
        if (flags.open === true) openIt(url, note);
      };
      const { allNamespaces = false } = flags;
      const place = { platform: process.platform, home: env['HOME'] ?? homedir(), cwd: process.cwd(), env };
      const signal = untilEnd(surroundings);
      const [{ dashboard }, { pageFiles }] = await Promise.all([import('./dashboard.ts'), import('./page-files.ts')]);
      const files = await pageFiles();
      if (files === undefined) throw new UserError('this program comes without the page: use mcp-operator of the package, or of a checkout');
      // Lines that are copied are typed in other folders.
      const { context, kubeconfig: file } = flags;
      const shown = { context, kubeconfig: file === undefined ? undefined : resolve(file) };
      const options = { allNamespaces, port: flags.port, files, flags: shown, place, tell, note, signal };
      try {
        await withCluster(flags, surroundings, (cluster) => dashboard(cluster, options));
      } catch (error) {
        // Ended before it stood.
        if (error !== signal.reason || !signal.aborted) throw error;
      }
      surroundings.exit(0);
    });
}

function openIt(url: string, note: (sentence: string) => void): void {
  void import('./open.ts').then(({ openInBrowser }) => openInBrowser(url, (reason) => note(`No browser can be opened here (${reason}): open the URL yourself`)));
}
