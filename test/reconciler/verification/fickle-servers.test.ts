// Servers that say something else each time they are asked: each of it would be a write, so it counts once for each start of a container.
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import type { ExchangeResponse } from '../../../reconciler/verification/exchange.ts';
import { MOST_VARIANTS } from '../../../reconciler/verification/pod-probe.ts';
import { verdict, type Verdict } from '../../../reconciler/verification/verdict.ts';
import { Verifier } from '../../../reconciler/verification/verifier.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { of } from './verifier-fleet.ts';

/** Letters alone: numbers and ids are folded anyway. */
const WORDS = ['ash', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple', 'oak', 'pine', 'rowan', 'yew'];

type Answer = (times: number, pod: string) => Partial<ExchangeResponse>;
const rpc = (content: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, ...content });
const JSON_TYPE = { 'content-type': 'application/json' };
const word = (times: number): string => WORDS[times % WORDS.length] ?? '';

/** A server with pods that answer so; `told` is what its status says of it, once for each time that it changes. */
function watch(answer: Answer): { told: Verdict[]; look: (pods: string[], more?: Parameters<typeof of>[1]) => Promise<void> } {
  const clock = new FakeClock();
  let times = 0;
  const verifier = new Verifier({
    exchangeFor: ({ name }) => ({ headers }) => {
      // Once for each handshake, which begins with the question of the modern era.
      if (headers['mcp-method'] !== undefined) times += 1;
      return Promise.resolve({ status: 200, headers: JSON_TYPE, body: '', truncated: false, ...answer(times, name) });
    },
    readKey: () => Promise.reject(new Error('there are no keys here')),
    clock, random: () => 0.5, onChange: () => note(), log: pino({ level: 'silent' }),
  });
  onTestFinished(() => verifier.stop());
  const told: Verdict[] = [];
  let observation = of([]);
  const note = (): void => {
    const probes = verifier.follow('ns/a', observation);
    const found = verdict(probes, undefined, verifier.introduction('ns/a'));
    const isKnown = found.reason !== 'NotYetProbed' || found.pending !== undefined;
    if (isKnown && JSON.stringify(found) !== JSON.stringify(told.at(-1))) told.push(found);
  };
  const look = async (names: string[], more: Parameters<typeof of>[1] = {}): Promise<void> => {
    observation = of(names, more);
    note();
    await clock.advance(3_600_000);
    note();
  };
  return { told, look };
}

const fickle: Answer = (times) => ({
  headers: times % 2 === 0 ? JSON_TYPE : { ...JSON_TYPE, 'mcp-session-id': 'x' },
  body: rpc({
    result: {
      ...(times % 3 === 0 ? { protocolVersion: '2025-11-25' } : { supportedVersions: ['2026-07-28', `2025-11-${word(times)}`] }),
      capabilities: {},
      serverInfo: { name: word(times), version: word(times + 1) },
    },
  }),
});

it('of themselves are known by what they said first', async () => {
  const { told, look } = watch(fickle);
  await look(['a-1', 'a-2']);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ verified: 'True', server: { name: 'birch', version: 'cedar' } });
});

it('also when their pods are not ready for a while', async () => {
  const { told, look } = watch(fickle);
  const existing = ['uid-a-1/0', 'uid-a-2/0'];
  for (const pods of [['a-1', 'a-2'], ['a-2'], [], ['a-1'], ['a-2', 'a-1']]) await look(pods, { existing });
  expect(new Set(told.map(({ server }) => JSON.stringify(server))).size).toBe(1);
});

it('but once more for each container that starts, when the one before is gone', async () => {
  const { told, look } = watch(fickle);
  for (const restarts of [0, 1, 2]) await look(['a-1'], { restarts });
  const names = told.map(({ server }) => server?.name);
  expect([names.length, new Set(names).size]).toEqual([3, 3]);
  await look(['b-1']);
  expect(told).toHaveLength(4);
});

it('and when something else is asked, for they may have said that to somebody else', async () => {
  const { told, look } = watch(fickle);
  await look(['a-1']);
  await look(['a-1'], { path: '/other' });
  expect(told).toHaveLength(2);
});

it.each<[string, Answer]>([
  ['in words', (times) => ({ status: 500, body: word(times) })],
  ['in status codes', (times) => ({ status: 505 + (times % 12) })],
  ['in JSON-RPC', (times) => ({ body: rpc({ error: { code: -times, message: word(times) } }) })],
  ['in headers', (times) => ({ headers: { server: word(times), 'content-type': `text/${word(times)}` } })],
  ['in challenges', (times) => ({ status: 401, headers: { 'www-authenticate': word(times) } })],
])('of what is wrong, %s, are quoted a few times, and then no more until something else is found', async (_name, answer) => {
  const { told, look } = watch(answer);
  for (let round = 0; round < 3; round += 1) await look(['a-1']);
  const messages = new Set(told.map(({ pending, message }) => pending?.message ?? message));
  expect(new Set(told.map(({ pending, reason }) => pending?.reason ?? reason)).size).toBe(1);
  expect(messages.size).toBe(1 + MOST_VARIANTS);
});
