// The place of the operator's handshake: one goes on at a time, and one of which nothing is heard any more keeps no other from it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, INITIALIZE, messagesOf, post, startBridge, untilReady, type BridgeProcess } from './bridge-process.ts';

const OPERATOR = { ...INITIALIZE, params: { ...INITIALIZE.params, clientInfo: { name: 'mcp-operator', version: '1' } } };
const GOES_ON = 'Another handshake of the operator is going on: try again later.';
/** Longer than a handshake may be silent. */
const SILENCE_MS = 2500;

async function bridge(): Promise<BridgeProcess> {
  const started = await startBridge(fixture('full'), []);
  onTestFinished(async () => void (await started.stop()));
  await untilReady(started);
  return started;
}

async function begin(asked: BridgeProcess): Promise<{ readonly status: number; readonly session: string; readonly message: unknown }> {
  const answer = await post(asked, OPERATOR);
  const { error } = messagesOf(answer)[0] as { readonly error?: { readonly message: string } };
  return { status: answer.status, session: String(answer.headers['mcp-session-id']), message: error?.message };
}

test('a handshake that was left behind, without a word, gives way to the next', async () => {
  const asked = await bridge();
  expect(await begin(asked)).toMatchObject({ status: 200 });
  expect(await begin(asked)).toMatchObject({ status: 503, message: GOES_ON });
  await sleep(SILENCE_MS);
  // Its process has to end first, and the next one may need longer to start than an answer waits.
  for (const deadline = Date.now() + 20_000; ; await sleep(200)) {
    const { status } = await begin(asked);
    if (status === 200) break;
    expect([502, 503]).toContain(status);
    expect(Date.now()).toBeLessThan(deadline);
  }
}, 60_000);

test('one that goes on is not disturbed by another', async () => {
  const asked = await bridge();
  const { session } = await begin(asked);
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  for (let ms = 0; ms < SILENCE_MS * 2; ms += 1000) {
    await sleep(1000);
    expect((await post(asked, list, { 'mcp-session-id': session })).status).toBe(200);
  }
  expect(await begin(asked)).toMatchObject({ status: 503, message: GOES_ON });
  expect((await post(asked, list, { 'mcp-session-id': session })).status).toBe(200);
}, 60_000);
