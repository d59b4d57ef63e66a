// `npm start`: the whole path on this machine: control plane, operator, node, and MCP servers to try.
import { Command, Option } from 'commander';
import { repeatable } from '../../images/common-flags.ts';
import { appliedBy } from './demo/examples.ts';
import { howToConnect, writeConnections } from './demo/how-to-connect.ts';
import { chooseNode, NODE_KINDS, type NodeKind } from './demo/node.ts';
import { readOwn, type OwnFlags } from './demo/own/own.ts';
import { startStack, type Stack } from './demo/stack.ts';
import { writePictures } from './demo/pictures.ts';
import { takeStateFolder, type StateFolder } from './demo/state-folder.ts';
import { Terminal } from './demo/terminal.ts';
import { tryServers } from './demo/try-servers.ts';
import { Watch } from './demo/watch.ts';
import { runInForeground } from './foreground.ts';
import { EXAMPLE_IMAGES } from './images.ts';

interface Flags extends OwnFlags {
  readonly once: boolean;
  readonly tutorial: boolean;
  readonly picture?: string;
  readonly node?: NodeKind;
}

const program = new Command('start')
  .description('Runs a Kubernetes cluster of one node, the operator and some MCP servers on this machine: in real containers as root on Linux, as local processes elsewhere.')
  .addOption(new Option('--node <kind>', 'how pods run (default: real where this machine can)').choices(NODE_KINDS))
  .option('--tutorial', "run the tutorial's samples and the Kubernetes MCP server instead of the servers of examples/demo/", false)
  .addOption(repeatable('--apply <path>', 'run these MCPServers instead: a file of YAML, or a folder; may be repeated'))
  .addOption(repeatable('--image <file>', 'an image archive that they name, as npm run images or docker save writes it; may be repeated'))
  .addOption(repeatable('--program <image=command>', 'where there are no containers: the program of this machine that stands in for an image; may be repeated'))
  .option('--once', 'then use every server with a real MCP client, mend the one that is broken on purpose, print a JSON summary and end', false)
  .option('--picture <folder>', 'then write what the screen shows as pictures, demo-light.svg and demo-dark.svg, and end')
  .addHelpText('after', `
What it writes is below $XDG_STATE_HOME/mcp-server-operator (default: ~/.local/state), and is removed when it ends.
Your own server, from an image (docs/first-server.md):
  npm run images -- --npm PACKAGE@VERSION
  npm start -- --image build/images/PACKAGE-VERSION.tar --apply build/images/PACKAGE-VERSION.yaml

The first run obtains the programs of the cluster: a download, or some minutes of building with Go. Later runs use the cached programs.`);

interface Run {
  readonly flags: Flags;
  readonly place: StateFolder;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function run({ flags, place, terminal, signal }: Run): Promise<void> {
  const started = performance.now();
  const { log } = terminal;
  for (const remark of place.remarks) log(remark);
  const node = await chooseNode(place.dir, flags.node);
  log(node.because);
  const known = Object.keys(EXAMPLE_IMAGES);
  const own = await readOwn(flags, { kind: node.kind, known, folder: process.cwd(), path: process.env['PATH'] ?? '' });
  let stack: Stack | undefined;
  const watching = new AbortController();
  try {
    const { dir, token } = place;
    const applied = appliedBy(flags, own.manifests);
    stack = await startStack({ node: node.kind, dir, nodeDir: node.dir, applied, own, token, log, signal });
    const connections = await writeConnections(stack, process.env['PATH'] ?? '');
    const title = node.kind === 'real' ? 'real containers' : 'local processes';
    const either = AbortSignal.any([signal, watching.signal]);
    const watch = new Watch(stack, { terminal, signal: either, title, started, remarks: place.remarks, ...connections });
    await Promise.race([watch.until(), stack.failed]);
    const readySeconds = Math.round((performance.now() - started) / 100) / 10;
    if (flags.picture !== undefined) {
      terminal.close();
      for (const file of await writePictures(watch.view, flags.picture)) log(file);
      return;
    }
    if (flags.once) {
      terminal.close();
      const summary = await tryServers(stack, { signal, log, until: (done) => watch.until(done) });
      log(JSON.stringify({ node: node.kind, readySeconds, ...summary }));
      process.exitCode = summary.ok ? 0 : 1;
      return;
    }
    if (!terminal.isLive) log(`${howToConnect(stack, connections.places)}\n\nEverything stays up until Ctrl-C.`);
    await Promise.race([watch.forever(), stack.failed]);
  } finally {
    watching.abort();
    terminal.close();
    if (stack !== undefined && !flags.once) log('stopping');
    await stack?.stop();
    await node.remove();
  }
}

const flags = program.parse().opts<Flags>();
await runInForeground(async (signal) => {
  const terminal = new Terminal(process.stdout, process.env);
  const place = await takeStateFolder(process.env);
  try {
    await run({ flags, place, terminal, signal });
  } finally {
    await place.release();
    // With --once the summary is the last line.
    if (signal.aborted) terminal.log('stopped, nothing left');
  }
});
