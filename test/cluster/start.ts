// `npm start`: the whole path on this machine: control plane, operator, process node and everything in examples/.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { howToConnect } from './demo/how-to-connect.ts';
import { chooseNode, NODE_KINDS, type NodeKind } from './demo/node.ts';
import { startStack, type Stack } from './demo/stack.ts';
import { tryClients } from './demo/try-clients.ts';
import { waitUntilReady } from './demo/wait-until-ready.ts';
import { runInForeground } from './foreground.ts';

const program = new Command('start')
  .description('Runs a Kubernetes cluster of one node, the operator and the examples on this machine: in real containers as root on Linux, as local processes elsewhere.')
  .addOption(new Option('--node <kind>', 'how pods run (default: real where this machine can)').choices(NODE_KINDS))
  .option('--once', 'then connect a real MCP client to every server, print a JSON summary and end', false)
  .addHelpText('after', '\nThe first run obtains the programs of the cluster: a download, or some minutes of building with Go. Later runs use the cached programs.');

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(dir: string, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { once: tryAndEnd, node: wanted } = program.opts<{ once: boolean; node?: NodeKind }>();
  const { kind, because } = await chooseNode(dir, wanted);
  print(because);
  let stack: Stack | undefined;
  try {
    stack = await startStack({ node: kind, dir, log: print, signal });
    await Promise.race([waitUntilReady(stack, { signal, out: process.stdout }), stack.failed]);
    const readySeconds = Math.round((performance.now() - started) / 100) / 10;
    print(howToConnect(stack));
    if (tryAndEnd) {
      const summary = await tryClients(stack, { signal, log: print });
      print(JSON.stringify({ node: kind, readySeconds, ...summary }));
      process.exitCode = summary.ok ? 0 : 1;
      return;
    }
    print('\nEverything stays up until Ctrl-C.');
    await Promise.race([once(signal, 'abort'), stack.failed]);
  } finally {
    // The summary is the last line.
    if (stack !== undefined && !tryAndEnd) print('stopping');
    await stack?.stop();
  }
}

program.parse();
await runInForeground(async (signal) => {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-server-operator-'));
  try {
    await run(dir, signal);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
