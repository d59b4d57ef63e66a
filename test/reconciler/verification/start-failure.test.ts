// What the operator makes of what the bridge of a stdio server says in the server's place.
import { describe, expect, it, test } from 'vitest';
import { withoutAdvice } from '../../../reconciler/verification/advice.ts';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake, type HandshakeOptions } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { newProbe, withResult } from '../../../reconciler/verification/pod-probe.ts';
import { judgeStart, startWithoutWords } from '../../../reconciler/verification/start-failure.ts';
import { verdict } from '../../../reconciler/verification/verdict.ts';
import { fixture, startBridge, until, type BridgeProcess } from '../../mcp-server/stdio-bridge/bridge-process.ts';
import { PASSED } from '../status/situations.ts';

type How = { readonly status?: number; readonly lastWords?: 'Show' | 'Hide' };

function judged(data: unknown, { status = 502, lastWords = 'Show' }: How = {}): ReturnType<typeof judgeStart> {
  return judgeStart({ status, reply: { error: { code: -32_603, message: 'm', data } } }, lastWords);
}

/** The operator's own handshake with a bridge. */
function ask({ port }: BridgeProcess, more: Partial<HandshakeOptions> = {}): Promise<HandshakeResult> {
  return handshake(directExchange({ ip: '127.0.0.1', port }), { path: '/mcp', host: `127.0.0.1:${port}`, timeoutMs: 10_000, ...more });
}

async function over(command: readonly string[], run: (bridge: BridgeProcess) => Promise<void>, ...flags: readonly string[]): Promise<void> {
  const bridge = await startBridge(command, flags);
  try {
    await run(bridge);
  } finally {
    await bridge.stop();
  }
}

const CASES: readonly { kind: string; command: readonly string[]; message: RegExp }[] = [
  { kind: 'CommandNotFound', command: ['/no/such/server'], message: /: its command is not found \(command not found: \/no\/such\/server\)\. The first item of spec\.command .*docker inspect IMAGE/ },
  { kind: 'CommandNotStarted', command: ['/proc/self/status'], message: /: the system does not start its command \(.*\/proc\/self\/status\)\. .*spec\.command/ },
  { kind: 'ExitsAtOnce', command: fixture('odd', 'an end at once'), message: /: it ends before it answers \(exit code 3\)\. Its last words: cannot read the configuration\. .*spec\.env/ },
  { kind: 'PrintsNoProtocol', command: fixture('odd', 'no protocol'), message: /no protocol\. It printed: Listening on http:\/\/0\.0\.0\.0:3000\. Let it write its log to standard error/ },
  { kind: 'SpeaksHTTP', command: fixture('odd', 'HTTP alone', '0'), message: /serves a port \(\d+\), as a server does that speaks HTTP\. Set spec\.transport to streamable-http, and spec\.port/ },
  { kind: 'NeedsMoreTime', command: fixture('odd', 'never an answer'), message: /in the time it has to start\. .*spec\.stdio\.startupSeconds\.$/ },
  { kind: 'RefusedInitialize', command: fixture('odd', 'a refusal'), message: /: it answers initialize with an error \(it refused initialize: not today\)\. / },
];

describe('the real bridge before a server that does not start, asked by the real handshake', () => {
  test.each(CASES)('$kind is ChildNotStarted, in words and with what to do', { timeout: 60_000 }, async ({ kind, command, message }) => {
    await over(command, async (bridge) => {
      await until('it is known', async () => (await bridge.ready())['kind'] === kind);
      const found = await ask(bridge);
      expect(found).toEqual({ outcome: 'Failed', reason: 'ChildNotStarted', message: expect.stringMatching(message) });
      expect(found.message).toMatch(/^The stdio server does not start: /);
      // A server that knows a credential is told of by kind and number alone.
      const guarded = await ask(bridge, { withhold: true });
      expect(guarded).toMatchObject({ outcome: 'Failed', reason: 'ChildNotStarted' });
      expect(guarded.message).not.toMatch(/last words|It printed|no\/such|not today|proc/);
    }, '--startup-timeout', '1');
  });

  test('one that is being started is not known yet, and is not said to hang', { timeout: 60_000 }, async () => {
    await over(fixture('odd', 'a slow start', '60000'), async (bridge) => {
      const found = await ask(bridge, { timeoutMs: 2000, patient: true });
      expect(found).toEqual({ outcome: 'Unknown', reason: 'Starting', message: 'The stdio server is being started, and has not answered yet.' });
    });
  });

  test('is asked beside all sessions, and passes when it starts', { timeout: 60_000 }, async () => {
    await over(fixture('full'), async (bridge) => {
      await until('it passes', async () => (await ask(bridge)).reason === 'Verified');
      await until('nothing is left of it', async () => (await bridge.metric('mcp_bridge_children')) === 1);
      expect(await bridge.metric('mcp_bridge_sessions_opened_total')).toBe(0);
    });
  });
});

describe('what is said', () => {
  it('is quoted unless it is to be hidden, and then it is said that there is more', () => {
    const data = { kind: 'ExitsAtOnce', exitCode: 1, lastWords: ['token=abc'], printed: 'usage' };
    expect(judged(data)?.message).toContain('It printed: usage. Its last words: token=abc.');
    expect(judged(data, { lastWords: 'Hide' })?.message).toBe('The stdio server does not start: it ends before it answers (exit code 1). What it said is hidden, and stands in its log. See its log, and check spec.command, spec.args and spec.env.');
    expect(judged({ kind: 'ExitsAtOnce', signal: 'SIGKILL' }, { lastWords: 'Hide' })?.message).toContain('(SIGKILL). See its log');
  });

  it('leaves out where in a program an error happened', () => {
    const lastWords = ['/app/index.js:3', "throw new Error('no DATABASE_URL')", '      ^', 'Error: no DATABASE_URL', '    at Object.<anonymous> (/app/index.js:3:7)', '    at node:internal/main:36:49', 'Node.js v24.21.0'];
    expect(judged({ kind: 'ExitsAtOnce', lastWords })?.message).toContain("Its last words: /app/index.js:3 throw new Error('no DATABASE_URL') Error: no DATABASE_URL. See");
    expect(judged({ kind: 'ExitsAtOnce', lastWords: ['    at x (y:1:2)'] })?.message).toContain('Its last words: at x (y:1:2).');
  });

  it('is one plain line within its bound, whatever a server writes', () => {
    const lastWords = ['\u001B[31mred\u202E', '\u{1F680}'.repeat(400)];
    const message = judged({ kind: 'ExitsAtOnce', lastWords, why: 7, exitCode: 'x', signal: '; rm', printed: '\u0000'.repeat(9) })?.message ?? '';
    expect(message).not.toMatch(/\p{C}/u);
    expect(message.length).toBeLessThan(600);
    expect(message).toMatch(/^The stdio server does not start: it ends before it answers\. Its last words: …/);
  });

  it('has advice that can be told from it', () => {
    for (const kind of ['CommandNotFound', 'CommandNotStarted', 'ExitsAtOnce', 'PrintsNoProtocol', 'SpeaksHTTP', 'NeedsMoreTime', 'RefusedInitialize']) {
      const { evidence, advice } = withoutAdvice(judged({ kind })?.message ?? '');
      expect([advice.length, evidence]).toEqual([1, expect.not.stringContaining('spec.')]);
    }
  });

  it.each([
    ['another status', { kind: 'ExitsAtOnce' }, 200],
    ['another kind', { kind: 'toString' }, 502],
    ['no kind', {}, 502],
    ['a text', 'ExitsAtOnce', 502],
    ['nothing', undefined, 503],
    ['that the bridge stops', { kind: 'Stopping' }, 503],
  ])('is not taken from %s', (_name, data, status) => {
    expect(judged(data, { status })).toBeUndefined();
  });

  it('is kept without words as kind and numbers alone', () => {
    const said = { kind: 'SpeaksHTTP', port: 3000, exitCode: 1, signal: 'SIGTERM', why: 'w', lastWords: ['l'], printed: 'p', other: 1 };
    expect(startWithoutWords(said)).toEqual({ kind: 'SpeaksHTTP', port: 3000, exitCode: 1, signal: 'SIGTERM' });
    expect(startWithoutWords({ kind: 'Starting' })).toEqual({ kind: 'Starting' });
    expect(startWithoutWords({ kind: 'secret', port: 1 })).toEqual({});
  });
});

describe('a start', () => {
  const STARTING = { outcome: 'Unknown', reason: 'Starting', message: 's' } as const;
  const UNREACHABLE = { outcome: 'Unknown', reason: 'Unreachable', message: 'u' } as const;
  const first = newProbe('demo-1', { nowMs: 0, inherited: false });
  const after = (...results: readonly HandshakeResult[]): typeof first =>
    results.reduce((probe, result, index) => withResult(probe, result, { nowMs: 60_000 + index }), first);

  it('takes nothing from what is known, however long it takes', () => {
    expect(after(PASSED, STARTING, STARTING, STARTING).settled).toBe(PASSED);
    expect(verdict([after(PASSED, STARTING, STARTING)])).toMatchObject({ verified: 'True', available: true });
  });

  it('is no answer that counts with others', () => {
    expect(after(PASSED, STARTING, UNREACHABLE).settled).toBe(PASSED);
    expect(after(PASSED, STARTING, UNREACHABLE, UNREACHABLE).settled).toBe(UNREACHABLE);
  });

  it('of a pod of which nothing else is known is told as not asked yet', () => {
    expect(verdict([after(STARTING, STARTING)])).toMatchObject({ verified: 'Unknown', reason: 'NotYetProbed', available: 'Unknown' });
  });
});
