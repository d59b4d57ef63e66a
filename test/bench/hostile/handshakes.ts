// What a handshake with each hostile server costs the operator, beside one with a server that behaves.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOSTILE_SERVERS, serveHostile } from '../../support/hostile-servers.ts';
import { serveStateless, type RunningServer } from '../../support/mcp-servers.ts';
import type { Subject } from '../subject.ts';
import type { Cost } from './one-handshake.ts';

const RUNS = 3;

/** Each in a process of its own, so that what the server costs does not count. */
async function costOf(server: RunningServer): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'one-handshake.ts'), String(server.port)]);
    costs.push(JSON.parse(stdout) as Cost);
  }
  await server.close();
  return costs.toSorted((a, b) => a.cpuMs - b.cpuMs)[Math.floor(RUNS / 2)] as Cost;
}

export const handshakes: Subject = {
  name: 'hostile-handshakes',
  title: `a handshake of 10 s with servers that attack, median of ${RUNS}; × is the ratio to a server that behaves`,
  async run(progress) {
    const good = await costOf(await serveStateless());
    const row = (server: string, { reason, cpuMs, blockMs, memoryMiB }: Cost): Record<string, string> => ({
      server,
      reason,
      'CPU ms': cpuMs.toFixed(0),
      '× CPU': (cpuMs / good.cpuMs).toFixed(1),
      'longest block ms': blockMs.toFixed(0),
      'memory MiB': memoryMiB.toFixed(1),
    });
    const rows = [row('behaves well', good)];
    for (const server of HOSTILE_SERVERS) {
      progress(server.name);
      rows.push(row(server.name, await costOf(await serveHostile(server))));
    }
    return rows;
  },
};
