// The operator's own handshake judges stdio servers behind the bridge as it judges servers that speak HTTP.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, KUBERNETES, startBridge, until, untilReady } from './bridge-process.ts';

const OPERATOR = join(import.meta.dirname, '../../../reconciler/main.ts');

function verify(url: URL): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [OPERATOR, 'verify', url.href], { timeout: 60_000 }, (_error, stdout) => resolve(stdout));
  });
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

test('of a server that does not start nothing is known', async () => {
  const bridge = await startBridge(fixture('odd', 'an end at once'));
  onTestFinished(async () => void (await bridge.stop()));
  expect(await verify(bridge.url)).toMatch(/^Unreachable: The server is not able to answer now: HTTP 502/m);
});
