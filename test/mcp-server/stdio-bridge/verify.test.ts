// The operator's own handshake judges stdio servers behind the bridge as it judges servers that speak HTTP.
import { expect, onTestFinished, test } from 'vitest';
import { call } from '../../reconciler/commands/in-process.ts';
import { fixture, KUBERNETES, startBridge, until, untilReady } from './bridge-process.ts';

async function verify(url: URL): Promise<string> {
  return (await call(['verify', url.href])).stdout;
}

test.each([
  { server: 'of sessions, a process for each', command: fixture('full'), mode: 'PerSession', words: 'Verified: full 1.0.0 speaks MCP 2025-11-25.' },
  { server: 'of sessions, shared', command: fixture('full'), mode: 'Shared', words: 'Verified: full 1.0.0 speaks MCP 2026-07-28, 2025-11-25.' },
  { server: 'of both eras', command: KUBERNETES, mode: 'PerSession', words: 'speaks MCP 2026-07-28.' },
])('a server $server is Verified, and the sessions of the handshake are closed again', async ({ command, mode, words }) => {
  const bridge = await startBridge(command, ['--sessions', mode]);
  onTestFinished(async () => void (await bridge.stop()));
  await untilReady(bridge);
  expect(await verify(bridge.url)).toContain(words);
  await until('its sessions have ended', async () => (await bridge.metric('mcp_bridge_sessions')) === 0);
});

test('of a server that does not start it is said why, and what to do in a shell and in an MCPServer', async () => {
  const bridge = await startBridge(fixture('odd', 'an end at once'));
  onTestFinished(async () => void (await bridge.stop()));
  await until('it did not start', async () => (await bridge.ready())['kind'] === 'ExitsAtOnce');
  const said = (await verify(bridge.url)).replaceAll(/\s+/g, ' ');
  expect(said).toContain('ChildNotStarted: The stdio server does not start: it ends before it answers (exit code 3). Its last words: cannot read the configuration.');
  expect(said).toContain('An MCP client would fail. What to do: - See the log of the bridge, and check the command that it starts');
  expect(said).toContain('- In an MCPServer: see its log, and check spec.command');
});

test('of a server that is being started nothing is known', async () => {
  const bridge = await startBridge(fixture('odd', 'a slow start', '60000'));
  onTestFinished(async () => void (await bridge.stop()));
  const said = (await verify(bridge.url)).replaceAll(/\s+/g, ' ');
  expect(said).toContain('Starting: The stdio server is being started, and has not answered yet. Nobody could tell whether a client could use the server. What to do: - Ask again in a few seconds.');
});
