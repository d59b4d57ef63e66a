// `npm start`: the whole path on this machine: control plane, operator, process node and everything in examples/.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { howToConnect } from './demo/how-to-connect.ts';
import { startStack, type Stack } from './demo/stack.ts';
import { tryClients } from './demo/try-clients.ts';
import { waitUntilReady } from './demo/wait-until-ready.ts';
import { runInForeground } from './foreground.ts';

const program = new Command('start')
  .description('Runs a Kubernetes control plane, the operator and the examples on this machine, without root or containers.')
  .option('--once', 'then connect a real MCP client to every server, print a JSON summary and end', false)
  .addHelpText('after', '\nThe first run obtains the control plane: a download, or some minutes of building with Go. Later runs use the cached programs.');

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(dir: string, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { once: tryAndEnd } = program.opts<{ once: boolean }>();
  let stack: Stack | undefined;
  try {
    stack = await startStack({ dir, log: print, signal });
    await Promise.race([waitUntilReady(stack, { signal, out: process.stdout }), stack.failed]);
    const readySeconds = Math.round((performance.now() - started) / 100) / 10;
    print(howToConnect(stack));
    if (tryAndEnd) {
      const summary = await tryClients(stack, { signal, log: print });
      print(JSON.stringify({ readySeconds, ...summary }));
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
