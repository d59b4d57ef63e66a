// Shows how the MCPServers come up until all are Ready: a live table in a terminal, plain lines elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import type { Stack } from './stack.ts';
import { isReady, logLine, table } from './table.ts';

const LIMIT_MS = 120_000;
const REFRESH_MS = 250;

/** Resolves when all are Ready. Throws when that takes too long, saying what is missing. */
export async function waitUntilReady(stack: Stack, { signal, out }: { signal: AbortSignal; out: WriteStream }): Promise<void> {
  const show = out.isTTY ? liveTable(out) : changedLines(out);
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const servers = stack.servers.list();
    show(servers);
    if (servers.length > 0 && servers.every(isReady)) return;
    if (performance.now() > deadline) {
      const missing = servers.filter((server) => !isReady(server)).map(logLine);
      throw new Error(`not Ready after ${LIMIT_MS / 1000} s:\n${missing.join('\n')}`);
    }
    await sleep(REFRESH_MS, undefined, { signal });
  }
}

type Show = (servers: ReturnType<Stack['servers']['list']>) => void;

function liveTable(out: WriteStream): Show {
  let height = 0;
  return (servers) => {
    const lines = table(servers, out.columns);
    // Back to the first line of the last table, and clear from there.
    out.write(`${height > 0 ? `\u001B[${height}A\u001B[J` : '\n'}${lines.join('\n')}\n`);
    height = lines.length;
  };
}

function changedLines(out: WriteStream): Show {
  const shown = new Map<string, string>();
  return (servers) => {
    for (const server of servers) {
      const line = logLine(server);
      const key = server.metadata.uid;
      if (shown.get(key) !== line) out.write(`${line}\n`);
      shown.set(key, line);
    }
  };
}
