// What others wait for `/health` of the Kubernetes MCP server while twenty hostile clients of each kind attack it, and what memory it takes.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { HOSTILE_CLIENTS } from '../../support/hostile-clients.ts';
import { startTarget } from '../../support/mcp-under-attack.ts';
import type { Subject } from '../subject.ts';

const ASKED = 40;
const MIB = 1024 * 1024;

interface Waited {
  readonly median: number;
  readonly worst: number;
  readonly peakMiB: number;
}

/** With the clients in a process of their own; without a name nobody attacks. */
async function waited(name?: string): Promise<Waited> {
  const target = await startTarget();
  for (let warm = 0; warm < 3; warm += 1) await target.health();
  const attackers = name === undefined ? undefined : fork(join(import.meta.dirname, 'attackers.ts'), [name, String(target.server.port)]);
  const times: number[] = [];
  for (let time = 0; time < ASKED; time += 1) {
    times.push(await target.health());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const peakMiB = target.peakBytes() / MIB;
  attackers?.kill('SIGKILL');
  await target.stop();
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(ASKED / 2)] ?? 0, worst: sorted.at(-1) ?? 0, peakMiB };
}

export const clients: Subject = {
  name: 'hostile-clients',
  title: `\`/health\` of the Kubernetes MCP server asked ${ASKED} times while twenty clients attack; × is the ratio to nobody attacking`,
  async run(progress) {
    const idle = await waited();
    const row = (name: string, { median, worst, peakMiB }: Waited): Record<string, string> => ({
      'twenty clients that': name,
      'median ms': median.toFixed(0),
      '× median': (median / idle.median).toFixed(1),
      'worst ms': worst.toFixed(0),
      '× worst': (worst / idle.worst).toFixed(1),
      'peak memory MiB': peakMiB.toFixed(0),
    });
    const rows = [row('do nothing', idle)];
    for (const { name } of HOSTILE_CLIENTS) {
      progress(name);
      rows.push(row(name, await waited(name)));
    }
    return rows;
  },
};
