// A server that keeps no process while nobody asks: nothing waits, the operator wakes nothing, and its verdict stands on the last start.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { call as operator } from '../../reconciler/commands/in-process.ts';
import { raw } from '../server-process.ts';
import { call, fixture, INITIALIZE, KUBERNETES, messagesOf, openSession, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

const STARTS = 'mcp_bridge_child_starts_total';

async function bridgeOver(command: readonly string[], ...flags: readonly string[]): Promise<BridgeProcess> {
  const bridge = await startBridge(command, ['--idle-children', 'End', ...flags]);
  onTestFinished(async () => void (await bridge.stop()));
  return bridge;
}

/** The verdict of the operator's own handshake. */
async function verify(url: URL): Promise<string> {
  const { stdout } = await operator(['verify', url.href]);
  return /[A-Z]\w+: [^]*/.exec(stdout)?.[0].replaceAll(/\s+/g, ' ') ?? stdout;
}

async function atRest(bridge: BridgeProcess): Promise<void> {
  await until('no process is left', async () => bridge.servers().length === 0 && (await bridge.metric('mcp_bridge_children')) === 0);
}

test.each([
  { server: 'of sessions', command: fixture('full'), mode: 'PerSession', starts: 1, words: 'Verified: full 1.0.0 speaks MCP 2025-11-25.' },
  { server: 'of sessions, shared', command: fixture('full'), mode: 'Shared', starts: 1, words: 'Verified: full 1.0.0 speaks MCP 2026-07-28, 2025-11-25.' },
  { server: 'of stateless requests alone', command: KUBERNETES, mode: 'PerSession', starts: 2, words: 'speaks MCP 2026-07-28' },
  { server: 'of both eras', command: fixture('dual'), mode: 'PerSession', starts: 2, words: 'Verified: ' },
])('a server $server is Verified without a process, in the words of a server that is awake', async ({ command, mode, starts, words }) => {
  const bridge = await bridgeOver(command, '--sessions', mode, '--warm', '2');
  await untilReady(bridge);
  await atRest(bridge);
  expect(await bridge.metric(STARTS)).toBe(starts);
  const asleep = await verify(bridge.url);
  expect(asleep).toContain(words);
  expect(await verify(bridge.url)).toBe(asleep);
  expect([await bridge.metric(STARTS), bridge.servers(), (await bridge.ready()).status]).toEqual([starts, [], 200]);
  const awake = await startBridge(command, ['--sessions', mode]);
  onTestFinished(async () => void (await awake.stop()));
  await untilReady(awake);
  expect(asleep).toBe(await verify(awake.url));
});

test('the first request of a session starts its process, which ends with it', async () => {
  const bridge = await bridgeOver(fixture('full'));
  await untilReady(bridge);
  await atRest(bridge);
  const session = await openSession(bridge);
  const reply = messagesOf(await post(bridge, call('echo', { text: 'awake' }), session)).at(-1);
  expect(reply).toMatchObject({ result: { content: [{ text: expect.stringContaining('awake') as string }] } });
  expect([await bridge.metric(STARTS), await bridge.metric('mcp_bridge_children')]).toEqual([2, 1]);
  await raw(bridge.port, { method: 'DELETE', path: '/mcp', headers: session });
  await atRest(bridge);
  expect((await bridge.ready()).status).toBe(200);
});

test('a shared process ends when nobody has asked it for the idle time, and the next request starts one', async () => {
  const bridge = await bridgeOver(fixture('full'), '--sessions', 'Shared', '--idle-timeout', '1');
  await untilReady(bridge);
  await atRest(bridge);
  // What takes longer than the idle time is no idleness.
  const slow = await post(bridge, call('wait', { milliseconds: 2500 }));
  expect(messagesOf(slow).at(-1)).toHaveProperty('result');
  await atRest(bridge);
  expect([(await bridge.ready()).status, await bridge.metric(STARTS)]).toEqual([200, 2]);
  expect(messagesOf(await post(bridge, call('echo', { text: 'again' }))).at(-1)).toHaveProperty('result');
  expect(await bridge.metric(STARTS)).toBe(3);
});

test('a start that fails takes the readiness and the verdict away, until one succeeds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-idle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const broken = join(folder, 'broken');
  const bridge = await bridgeOver(['sh', '-c', 'test -e "$0" && echo gone wrong >&2 && exit 7; exec "$@"', broken, ...fixture('full')]);
  await untilReady(bridge);
  await atRest(bridge);
  await writeFile(broken, '');
  expect((await post(bridge, INITIALIZE)).status).toBe(502);
  expect(await bridge.ready()).toMatchObject({ status: 503, kind: 'ExitsAtOnce', exitCode: 7, lastWords: ['gone wrong'] });
  expect(await bridge.metric('mcp_bridge_handshake_age_seconds')).toBeGreaterThan(0);
  expect(await verify(bridge.url)).toContain('ChildNotStarted');
  await rm(broken);
  await untilReady(bridge);
  await atRest(bridge);
  expect(await verify(bridge.url)).toContain('Verified: full');
  expect(bridge.servers()).toEqual([]);
});

test('a list that is too long to be remembered is asked of a process', async () => {
  const bridge = await bridgeOver(fixture('odd', 'many tools'));
  await untilReady(bridge);
  await atRest(bridge);
  const starts = await bridge.metric(STARTS);
  expect(await verify(bridge.url)).toContain('Verified');
  expect(await bridge.metric(STARTS)).toBeGreaterThan(starts);
  await atRest(bridge);
});
