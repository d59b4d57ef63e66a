// How the bridge begins, how it bounds what it holds, and how it ends.
import { execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../../mcp-server/stdio-bridge/settings.ts';
import { raw } from '../server-process.ts';
import { call, fixture, INITIALIZE, openSession, post, startBridge, until, untilReady, type BridgeProcess } from './bridge-process.ts';

const MAIN = join(import.meta.dirname, '../../../mcp-server/stdio-bridge/main.ts');

async function bridgeOver(command: readonly string[], ...flags: readonly string[]): Promise<BridgeProcess> {
  const bridge = await startBridge(command, flags);
  onTestFinished(async () => void (await bridge.stop()));
  return bridge;
}

/** Runs it to its end. */
function run(...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

function end(bridge: BridgeProcess, headers: Record<string, string>): Promise<unknown> {
  return raw(bridge.port, { method: 'DELETE', path: '/mcp', headers });
}

describe('the command line', () => {
  test('--help tells every option', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const option of ['port', 'path', 'health-port', 'sessions', 'max-sessions', 'warm', 'idle-timeout', 'startup-timeout']) expect(stdout).toContain(`--${option} `);
  });

  test.each([
    [['--port', 'x', '--', 'true'], '--port is "x": expected a whole number from 0 to 65535'],
    [['--port', '1'], 'the command of the server is missing: put it at the end, behind "--"'],
    [['--sessions', 'shared', '--', 'true'], '--sessions is "shared": expected PerSession or Shared'],
    [['--path', 'mcp', '--', 'true'], '--path is "mcp": expected a path such as /mcp'],
    [['--nonsense', '--', 'true'], '--nonsense'],
    [['server', '--', 'true'], 'server'],
    [['--allowed-origins', 'x', '--', 'true'], '--allowed-origins has "x"'],
    [['--peers', 'replicas', '--', 'true'], '--peers needs --address'],
    [['--peers', '10.0.0.1:8080', '--address', '10.0.0.1', '--', 'true'], '--peers has "10.0.0.1:8080": expected host names or IP addresses, without ports'],
    [['--peers', 'replicas', '--address', '$(POD_IP)', '--', 'true'], '--address is "$(POD_IP)": expected an IP address'],
  ])('%j is a mistake that is told in one sentence', async (args, words) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
  });

  test('names and origins are taken from the environment where no option gives them', () => {
    const env = { MCP_ALLOWED_HOSTS: 'Tools.example.com, other.example.com', MCP_ALLOWED_ORIGINS: 'https://app.example.com' };
    const allowed = (...args: readonly string[]): unknown => {
      const { allowedHosts, allowedOrigins } = readSettings([...args, '--', 'true'], env) ?? {};
      return { allowedHosts, allowedOrigins };
    };
    expect(allowed()).toEqual({ allowedHosts: ['tools.example.com', 'other.example.com'], allowedOrigins: ['https://app.example.com'] });
    expect(allowed('--allowed-hosts', 'a.example.com', '--allowed-origins', '')).toEqual({ allowedHosts: ['a.example.com'], allowedOrigins: [] });
    expect(() => readSettings(['--', 'true'], { MCP_ALLOWED_HOSTS: 'https://x' })).toThrow('MCP_ALLOWED_HOSTS has "https://x": expected host names');
  });

  test('a port that is taken is told', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { code, stderr } = await run('--port', String((taken.address() as AddressInfo).port), '--health-port', '0', '--', 'true');
    taken.close();
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: cannot listen: .*EADDRINUSE/)]);
  });

  test('arguments of the server stay as they are, whatever they hold, and no shell reads them', async () => {
    const script = 'process.stdin.on("data", () => {}); process.stderr.write(JSON.stringify(process.argv.slice(1)) + "\\n")';
    const args = ['--port', '$(id)', "a'b", 'c d', '', '--', '*', 'e,f;g|h'];
    const bridge = await bridgeOver([process.execPath, '-e', script, '--', ...args]);
    await until('the server told its arguments', () => bridge.log().some(({ msg }) => msg === JSON.stringify(args)));
    expect(bridge.log().some(({ msg }) => msg === JSON.stringify(args))).toBe(true);
  });
});

describe('sessions', () => {
  test('beyond the bound there is 503 with Retry-After, and a place that is given back is taken at once', async () => {
    const bridge = await bridgeOver(fixture('full'), '--max-sessions', '2', '--warm', '1');
    const sessions = [await openSession(bridge), await openSession(bridge)];
    const refused = await post(bridge, INITIALIZE);
    expect([refused.status, refused.headers['retry-after'], refused.json()]).toMatchObject([503, '5', { id: 0, error: { message: 'All 2 sessions are in use: try again later.' } }]);
    expect(await bridge.metric('mcp_bridge_rejected_total{bound="sessions"}')).toBe(1);
    await end(bridge, sessions[0] ?? {});
    const third = await openSession(bridge);
    expect((await post(bridge, { id: 1, method: 'ping' }, third)).status).toBe(200);
    expect(await bridge.metric('mcp_bridge_children')).toBeLessThanOrEqual(3);
  });

  test('one that nobody uses ends, one with an open stream or a running request does not', async () => {
    const bridge = await bridgeOver(fixture('full'), '--idle-timeout', '3', '--warm', '3');
    await untilReady(bridge);
    const stream = new AbortController();
    const listening = await openSession(bridge);
    const response = await fetch(bridge.url, { headers: { accept: 'text/event-stream', ...listening }, signal: stream.signal });
    expect(response.status).toBe(200);
    const asking = await openSession(bridge);
    const slow = post(bridge, call('wait', { milliseconds: 10_000 }), asking);
    const idle = await openSession(bridge);
    await until('the idle one has ended', async () => (await bridge.metric('mcp_bridge_sessions_ended_total{reason="idle"}')) === 1);
    expect((await post(bridge, { id: 1, method: 'ping' }, idle)).json().error?.message).toContain('The session has ended (idle)');
    expect((await slow).status).toBe(200);
    expect((await post(bridge, { id: 1, method: 'ping' }, listening)).status).toBe(200);
    expect(await bridge.metric('mcp_bridge_sessions_ended_total{reason="idle"}')).toBe(1);
    stream.abort();
    await until('it ends once its stream is closed', async () => (await bridge.metric('mcp_bridge_sessions')) === 0);
  });

  test('a request that gets no answer fails within its bound, and the server is told', async () => {
    const bridge = await bridgeOver(fixture('full'), '--request-timeout', '1');
    const session = await openSession(bridge);
    const answer = await post(bridge, call('wait', { milliseconds: 60_000 }), session);
    expect([answer.status, answer.json().error?.message]).toEqual([504, 'The server did not answer within 1 s, and told of no progress.']);
    await until('the server heard of it', () => bridge.log().some(({ msg }) => msg === 'cancelled'));
    expect((await post(bridge, { id: 2, method: 'ping' }, session)).status).toBe(200);
  });

  test('a client that leaves before its session has begun leaves no process', async () => {
    const bridge = await bridgeOver(fixture('odd', 'a slow start', '60000'), '--warm', '0', '--max-sessions', '3');
    const leaving = new AbortController();
    const body = JSON.stringify({ jsonrpc: '2.0', ...INITIALIZE });
    const asking = { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal: leaving.signal };
    const asked = Array.from({ length: 3 }, () => fetch(bridge.url, asking));
    await until('three have been started', async () => (await bridge.metric('mcp_bridge_sessions')) === 3);
    leaving.abort();
    await Promise.allSettled(asked);
    await until('all have ended', async () => (await bridge.metric('mcp_bridge_sessions')) === 0);
    expect(await bridge.metric('mcp_bridge_sessions_ended_total{reason="client left"}')).toBe(3);
  });
});

describe('warm processes', () => {
  test('wait for sessions, and are replaced; so a session does not wait for a slow start', async () => {
    const bridge = await bridgeOver(fixture('odd', 'a slow start', '500'), '--warm', '2', '--max-sessions', '3');
    await until('two wait', async () => (await bridge.metric('mcp_bridge_children_warm')) === 2 && bridge.servers().length === 2);
    const waiting = bridge.servers();
    await openSession(bridge);
    await openSession(bridge);
    const opened = bridge.log().filter(({ msg }) => msg === 'session opened').map(({ pid }) => Number(pid));
    expect(new Set(opened)).toEqual(new Set(waiting));
    await until('the last place has its process', async () => (await bridge.metric('mcp_bridge_children_warm')) === 1);
    expect(await bridge.metric('mcp_bridge_children')).toBe(3);
  });

  test('that end by themselves are told, and started again with pauses', async () => {
    const bridge = await bridgeOver(fixture('full'), '--warm', '1');
    await untilReady(bridge);
    await until('one waits', async () => (await bridge.metric('mcp_bridge_children_warm')) === 1 && bridge.servers().length === 1);
    for (const pid of bridge.servers()) process.kill(pid, 'SIGKILL');
    await until('it is told', () => bridge.log().some(({ msg, how }) => msg === 'a process of the server ended while it waited for a session' && how === 'SIGKILL'));
    await untilReady(bridge);
    await until('another one waits', async () => (await bridge.metric('mcp_bridge_children_warm')) === 1);
    expect(await bridge.metric('mcp_bridge_child_deaths_total')).toBe(1);
  });
});

describe('SIGTERM', () => {
  test('a running request is finished, no session begins any more, and the process exits 0 with all of its servers', async () => {
    const bridge = await startBridge(fixture('full'), ['--max-sessions', '3']);
    await untilReady(bridge);
    const [session, other] = [await openSession(bridge), await openSession(bridge)];
    const stream = await fetch(bridge.url, { headers: { accept: 'text/event-stream', ...other } });
    const slow = post(bridge, call('wait', { milliseconds: 3000 }), session);
    await until('it is being answered', async () => (await bridge.metric('mcp_bridge_requests_open')) === 1);
    bridge.process.kill('SIGTERM');
    bridge.process.kill('SIGTERM');
    await until('it says so', async () => (await bridge.ready())['reason'] === 'The bridge is stopping.');
    await expect(post(bridge, INITIALIZE)).rejects.toThrow('ECONNREFUSED');
    expect(await stream.text()).toBe('');
    expect((await slow).body).toContain('waited');
    expect(await bridge.stop()).toBe(0);
    expect(bridge.log().filter(({ msg }) => msg === 'stopping')).toHaveLength(1);
    expect(JSON.stringify(bridge.log())).not.toContain('cut off');
  });

  test('what takes longer than the drain is cut off', async () => {
    const bridge = await startBridge(fixture('full'), ['--drain', '1']);
    const session = await openSession(bridge);
    const cut = post(bridge, call('wait', { milliseconds: 60_000 }), session).then(() => 'answered', () => 'cut off');
    await until('it is being answered', async () => (await bridge.metric('mcp_bridge_requests_open')) === 1);
    expect(await bridge.stop('SIGINT')).toBe(0);
    expect(await cut).toBe('cut off');
    expect(JSON.stringify(bridge.log())).toContain('cut off after 1000 ms');
  });

  test('it is heeded while the server has not started', async () => {
    const bridge = await startBridge(fixture('odd', 'never an answer'));
    expect(await bridge.stop()).toBe(0);
  });
});

test('a bridge that is killed leaves servers without input, and they end', async () => {
  const bridge = await startBridge(fixture('full'));
  await openSession(bridge);
  expect(await bridge.stop('SIGKILL')).toBeNull();
});

test('the health port tells apart the bridge and its server, and has no other page', async () => {
  const bridge = await bridgeOver(fixture('full'));
  expect((await raw(bridge.healthPort, { path: '/healthz' })).json()).toEqual({ status: 'ok' });
  await untilReady(bridge);
  expect(await bridge.ready()).toMatchObject({ ready: true, handshakeAgeSeconds: expect.any(Number) as number });
  expect((await raw(bridge.healthPort, { path: '/mcp' })).status).toBe(404);
  expect((await raw(bridge.port, { path: '/healthz' })).status).toBe(404);
  const { body, headers } = await raw(bridge.healthPort, { path: '/metrics' });
  expect(headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(body).toContain('# TYPE mcp_bridge_child_start_seconds histogram\n');
});
