// Why no process of a server starts, told apart by the real bridge before real processes: in /readyz, and to whoever asks by initialize.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listenersIn } from '../../../mcp-server/stdio-bridge/listening-ports.ts';
import { failureOfEnd } from '../../../mcp-server/stdio-bridge/start-failure.ts';
import { freePort } from '../../cluster/ports.ts';
import { fixture, INITIALIZE, messagesOf, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

const OPERATOR = { ...INITIALIZE, params: { ...INITIALIZE.params, clientInfo: { name: 'mcp-operator', version: '1' } } };

async function bridgeOver(command: readonly string[], ...flags: readonly string[]): Promise<BridgeProcess> {
  const bridge = await startBridge(command, flags);
  onTestFinished(async () => void (await bridge.stop()));
  return bridge;
}

const odd = (kind: string, ...args: readonly string[]): string[] => fixture('odd', kind, ...args);

function dataOf(answer: Awaited<ReturnType<typeof post>>): unknown {
  return (messagesOf(answer)[0]?.['error'] as { readonly data?: unknown } | undefined)?.data;
}

/** Begins the operator's handshake. */
const open = (bridge: BridgeProcess): ReturnType<typeof post> => post(bridge, OPERATOR);

async function untilTold(bridge: BridgeProcess, kind: string): Promise<void> {
  await until(kind, async () => (await bridge.ready())['kind'] === kind);
}

function notExecutable(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'server');
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o644);
  return file;
}

describe('why no process starts is told by its kind, with what is known', () => {
  test.each([
    ['CommandNotFound', () => ['/no/such/server'], {}],
    ['CommandNotStarted', () => [notExecutable()], {}],
    ['ExitsAtOnce', () => odd('an end at once'), { exitCode: 3, lastWords: ['cannot read the configuration'] }],
    ['ExitsAtOnce', () => ['sh', '-c', 'echo usage: server FILE; kill -SEGV $$'], { signal: 'SIGSEGV', printed: 'usage: server FILE' }],
    ['PrintsNoProtocol', () => odd('no protocol'), { printed: 'Listening on http://0.0.0.0:3000' }],
    ['NeedsMoreTime', () => odd('never an answer'), {}],
    ['RefusedInitialize', () => odd('a refusal'), {}],
  ])('%s', { timeout: 60_000 }, async (kind, command, known) => {
    const bridge = await bridgeOver(command(), '--startup-timeout', '1');
    await untilTold(bridge, kind);
    expect(await bridge.ready()).toMatchObject({ status: 503, kind, ...known });
    const [asked, other] = [await post(bridge, OPERATOR), await post(bridge, INITIALIZE)];
    expect([asked.status, dataOf(asked)]).toEqual([502, expect.objectContaining({ kind, ...known })]);
    // What a server refuses it says to its clients itself, and what else it says is not for everybody.
    const { exitCode, signal } = known as { readonly exitCode?: number; readonly signal?: string };
    const data = { kind, ...(exitCode !== undefined && { exitCode }), ...(signal !== undefined && { signal }) };
    expect([other.status, dataOf(other)]).toEqual(kind === 'RefusedInitialize' ? [200, undefined] : [502, data]);
    expect(await bridge.ready()).toMatchObject({ status: 503, kind });
  });

  test('SpeaksHTTP, by the port on which it listens, long before its time to start is over', { timeout: 60_000 }, async () => {
    const port = await freePort();
    const bridge = await bridgeOver(odd('HTTP alone', String(port)));
    await untilTold(bridge, 'SpeaksHTTP');
    expect(dataOf(await post(bridge, OPERATOR))).toMatchObject({ kind: 'SpeaksHTTP', port });
    expect(await bridge.metric('mcp_bridge_child_starts_total')).toBe(1);
  });

  test('SpeaksHTTP, by the port that it found taken', { timeout: 60_000 }, async () => {
    const port = await freePort();
    const bridge = await bridgeOver(odd('HTTP on a port that is taken', String(port)));
    await untilTold(bridge, 'SpeaksHTTP');
    expect(await bridge.ready()).toMatchObject({ kind: 'SpeaksHTTP', port, exitCode: 1 });
  });

  test.each([
    ['Error: listen EADDRINUSE: address already in use :::8080', 8080],
    ["OSError: [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use", 8000],
    ['10:45:02 listen tcp :9000: bind: address already in use', 9000],
    ["  code: 'EADDRINUSE',\n  syscall: 'listen',\n  port: 8081\n}", 8081],
    ['listen tcp 127.0.0.1:7000: bind: address already in use', 7000],
    ['[emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 80],
    ['Address already in use', undefined],
  ])('%s names its port', (words, port) => {
    const { kind, port: found } = failureOfEnd({ how: 'exit code 1', lastWords: ['starting at 10:45:02', ...words.split('\n')] });
    expect([kind, found]).toEqual(['SpeaksHTTP', port]);
  });

  test('only sockets that listen count', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0000000000000000 100 0 0 10 0',
      '   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0000000000000000 20 4 30 10 -1',
    ].join('\n');
    expect(listenersIn(table)).toEqual([{ port: 8080, inode: '111' }]);
  });
});

describe('the operator', () => {
  test('is answered at once while a process starts, and has it when it has started', { timeout: 60_000 }, async () => {
    const bridge = await bridgeOver(odd('a slow start', '3000'), '--warm', '0');
    const first = await open(bridge);
    expect([first.status, dataOf(first)]).toEqual([503, { kind: 'Starting' }]);
    await untilReady(bridge);
    const started = await bridge.metric('mcp_bridge_child_starts_total');
    expect((await open(bridge)).status).toBe(503);
    await until('it has started', async () => (await open(bridge)).status === 200);
    expect((await bridge.metric('mcp_bridge_child_starts_total')) - started).toBe(1);
  });

  test('has a place beside the sessions, one at a time, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const bridge = await bridgeOver(fixture('full'), '--max-sessions', '1', '--warm', '0');
    await untilReady(bridge);
    await until('the one that was tried has ended', async () => (await bridge.metric('mcp_bridge_children')) === 0);
    const client = await post(bridge, INITIALIZE);
    expect(client.status).toBe(200);
    expect((await post(bridge, INITIALIZE)).status).toBe(503);
    await until('it is answered', async () => {
      const answer = await open(bridge);
      if (answer.status !== 200) return false;
      const session = { 'mcp-session-id': String(answer.headers['mcp-session-id']) };
      expect((await open(bridge)).status).toBe(503);
      expect((await post(bridge, { id: 2, method: 'tools/list' }, session)).body).toContain('"tools":');
      expect(await bridge.metric('mcp_bridge_sessions')).toBe(1);
      expect(await bridge.metric('mcp_bridge_children')).toBe(2);
      expect((await fetch(bridge.url, { method: 'DELETE', headers: session })).status).toBe(200);
      await until('its process has ended', async () => (await bridge.metric('mcp_bridge_children')) === 1);
      expect((await post(bridge, { id: 3, method: 'tools/list' }, session)).status).toBe(404);
      return true;
    });
    expect((await post(bridge, { id: 4, method: 'ping' }, { 'mcp-session-id': String(client.headers['mcp-session-id']) })).status).toBe(200);
  });

  test('is told when processes do not start any more, and that they do again', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const broken = join(folder, 'broken');
    const [node = '', ...server] = fixture('full');
    const script = `if [ -e ${broken} ]; then echo no database >&2; exit 4; fi; exec "$0" "$@"`;
    const bridge = await bridgeOver(['sh', '-c', script, node, ...server], '--warm', '0');
    await untilReady(bridge);
    writeFileSync(broken, '');
    await until('it is told', async () => (dataOf(await open(bridge)) as { kind?: string } | undefined)?.kind === 'ExitsAtOnce');
    expect(await bridge.ready()).toMatchObject({ status: 503, kind: 'ExitsAtOnce', exitCode: 4, lastWords: ['no database'] });
    rmSync(broken);
    await untilReady(bridge);
    await until('it is answered', async () => (await open(bridge)).status === 200);
  });
});
