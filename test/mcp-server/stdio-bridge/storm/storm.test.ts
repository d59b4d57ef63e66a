// The storm: fifty clients over three replicas whose processes and bridges are killed at random. `npm run test:storm` takes MINUTES (5), `npm test` one, with fewer clients.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture, until, type BridgeProcess } from '../bridge-process.ts';
import { balance, replicasAt } from '../replicas.ts';
import { Chaos } from './chaos.ts';
import { BOUND_MS, REQUEST_TIMEOUT_S, StormClient } from './client.ts';
import { Tally } from './tally.ts';

const { MINUTES } = process.env;
const LASTS_MS = Number(MINUTES ?? 1) * 60_000;
const IS_LONG = LASTS_MS >= 2 * 60_000;
const CLIENTS = MINUTES === undefined ? 20 : 50;
const MIB = 1024 * 1024;
const MOST_MEMORY = 300 * MIB;
const SAMPLE_MS = 1000;
const IDLE_S = 10;
const WARM = 1;
const FLAGS = ['--max-sessions', '60', '--warm', String(WARM), '--idle-timeout', String(IDLE_S), '--request-timeout', String(REQUEST_TIMEOUT_S), '--drain', '3'];
/** A bridge that keeps what it should not comes to its end in a heap of that size: it needs some 20 MiB. */
const HEAP = { NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=1' } as const;
/** What is none of anybody's any more once everybody has left. */
const HELD = [
  'mcp_bridge_sessions',
  'mcp_bridge_requests_open',
  'mcp_bridge_forwards_open',
  'mcp_bridge_bodies_bytes',
  'mcp_bridge_answers_bytes',
] as const;

const filesOf = ({ process: { pid } }: BridgeProcess): number => readdirSync(`/proc/${pid}/fd`).length;

/** What of a bridge is still held. */
async function heldBy(bridge: BridgeProcess): Promise<string[]> {
  const values = await Promise.all(HELD.map(async (name) => [name, await bridge.metric(name)] as const));
  const held = values.filter(([, value]) => value !== 0).map(([name, value]) => `${name} of ${bridge.host} is ${value}`);
  const processes = bridge.servers().length;
  return processes > WARM ? [...held, `${bridge.host} has ${processes} processes`] : held;
}

test('nothing is lost, leaked or left unanswered while processes and bridges are killed at random', { timeout: LASTS_MS + 240_000 }, async () => {
  const tally = new Tally();
  const replicas = await replicasAt(['127.0.0.2', '127.0.0.3', '127.0.0.4'], fixture('light'), { flags: FLAGS, env: HEAP });
  const chaos = new Chaos({ replicas, tally, everyMs: IS_LONG ? 10_000 : 5000 });
  const balancer = await balance(replicas);
  const storm = AbortSignal.timeout(LASTS_MS);
  const memory: number[] = [];
  const sessions: number[] = [];
  try {
    await chaos.start();
    const [spared] = chaos.bridges as [BridgeProcess];
    const files = filesOf(spared);
    const clients = Array.from({ length: CLIENTS }, () => new StormClient({ url: balancer.url, tally, lastKill: () => chaos.lastKill }));
    const raging = Promise.all([chaos.run(storm), ...clients.map((client) => client.run(storm))]);
    while (!storm.aborted) {
      memory.push(await spared.metric('process_resident_memory_bytes'));
      sessions.push(await spared.metric('mcp_bridge_sessions'));
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
    await raging;
    const served = await Promise.all(clients.map((client) => client.finish()));
    expect(served.filter(Boolean)).toHaveLength(CLIENTS);
    await until('nothing is held any more', async () => (await Promise.all(chaos.bridges.map(heldBy))).flat().length === 0);
    await until('no connection is left', () => filesOf(spared) <= files + 5);
    const forwarded = await spared.metric('mcp_bridge_forwarded_total');
    if (MINUTES !== undefined) tell({ tally, memory, sessions, forwarded });
    expect(tally.wrongs.slice(0, 10)).toEqual([]);
    expect(tally.slowestMs).toBeLessThan(BOUND_MS);
    // It was a storm.
    for (const what of ['echo succeeded', 'slow succeeded', 'ask succeeded', 'process of a server killed']) expect(tally.of(what), what).toBeGreaterThan(0);
    expect(tally.of('bridge ended by SIGKILL, and nothing of it left') + tally.of('bridge ended by SIGTERM, and nothing of it left')).toBeGreaterThan(0);
    expect(forwarded).toBeGreaterThan(0);
    expect(Math.max(...memory)).toBeLessThan(MOST_MEMORY);
    // A short one says little of that: its second part is the one that grows.
    expect(Math.max(...third(memory, 2))).toBeLessThan((IS_LONG ? 1.25 : 2) * Math.max(...third(memory, 1)));
    expect(await chaos.stop()).toEqual([0, 0, 0]);
  } finally {
    balancer.stop();
    await chaos.stop();
  }
});

/** The first (0), second or third part of what was measured. */
function third(values: readonly number[], part: number): readonly number[] {
  return values.slice((part * values.length) / 3, ((part + 1) * values.length) / 3);
}

function tell({ tally, memory, sessions, forwarded }: { tally: Tally; memory: number[]; sessions: number[]; forwarded: number }): void {
  const most = [0, 1, 2].map((part) => `${Math.round(Math.max(...third(memory, part)) / MIB)} MiB`);
  process.stderr.write(`${tally.text()}
slowest answer ${Math.round(tally.slowestMs)} ms; of the bridge that was spared: most memory in each third ${most.join(', ')},
sessions up to ${Math.max(...sessions)}, ${forwarded} requests passed on; wrong: ${tally.wrongs.length}\n`);
}
