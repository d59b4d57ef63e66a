// What processes that wait for a session cost, and what they give when sessions come one by one or several at once.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from '../subject.ts';
import { freePort } from '../../cluster/ports.ts';
import { ours } from './contenders.ts';
import { descendants, end, firstReply, median, memoryOf, mib, opened, start } from './running.ts';

const WARM = [0, 1, 2] as const;
/** Sessions that begin at the same time. */
const BURSTS = [1, 2, 4] as const;
const ROUNDS = 5;
/** For processes to be started, and to end, until nothing moves. */
const REST_MS = 3500;

interface Way {
  readonly warm: number;
  readonly port: number;
  readonly program: ChildProcess;
  /** Times in ms until the first and the last session of a burst had their reply, by its size. */
  readonly times: Map<number, { readonly first: number; readonly last: number }[]>;
}

export const pool: Subject = {
  name: 'pool',
  title: `replies to initialize when so many sessions begin at once, the first and the last of them (medians of ${ROUNDS} rounds in turns), and memory at rest (PSS), by processes that wait`,
  async run(progress) {
    const ways: Way[] = [];
    try {
      for (const warm of WARM) ways.push(await begin(warm));
      for (let round = 0; round < ROUNDS; round += 1) {
        progress(`round ${round + 1}`);
        for (const size of BURSTS) for (const way of ways) await burst(way, size);
      }
      await delay(REST_MS);
      return ways.map(rowOf);
    } finally {
      for (const { program } of ways) await end(program);
    }
  },
};

async function begin(warm: number): Promise<Way> {
  const port = await freePort();
  const program = start(await ours(`warm ${warm}`, ['--warm', String(warm)]), port);
  await (await firstReply(port)).close();
  return { warm, port, program, times: new Map() };
}

async function burst({ port, times }: Way, size: number): Promise<void> {
  await delay(REST_MS);
  const started = performance.now();
  const replies = await Promise.all(Array.from({ length: size }, async () => {
    const client = await opened(port);
    return { client, taken: performance.now() - started };
  }));
  const taken = replies.map((reply) => reply.taken);
  times.set(size, [...(times.get(size) ?? []), { first: Math.min(...taken), last: Math.max(...taken) }]);
  for (const { client } of replies) await client.close();
}

function rowOf({ warm, program, times }: Way): Record<string, string | number> {
  const pid = program.pid ?? 0;
  const columns = BURSTS.map((size): [string, string] => {
    const of = (which: 'first' | 'last'): number => Math.round(median((times.get(size) ?? []).map((each) => each[which])));
    return [`${size} at once, ms`, size === 1 ? String(of('last')) : `${of('first')} – ${of('last')}`];
  });
  const children = descendants(pid);
  return { warm, ...Object.fromEntries(columns), 'MiB at rest': mib(memoryOf([pid, ...children])).toFixed(1), 'processes at rest': children.length };
}
