// A server with one session for all its clients works for the first to ask, and for nobody else: that is told, and not asked again.
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { Verifier } from '../../../reconciler/verification/verifier.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { serveOneSession, serveStateful, type RunningServer } from '../../support/mcp-servers.ts';
import { of } from './verifier-fleet.ts';

async function up(serve: typeof serveOneSession): Promise<{ server: RunningServer; ask: () => Promise<HandshakeResult> }> {
  const server = await serve(undefined, { tools: true });
  onTestFinished(() => server.close());
  return { server, ask: () => handshake(directExchange({ ip: '127.0.0.1', port: server.port }), { path: '/mcp', host: 'a.ns.svc', timeoutMs: 10_000 }) };
}

it('is told with what to change in its code, also where somebody else was first', async () => {
  const { ask } = await up(serveOneSession);
  const first = await ask();
  expect(first).toMatchObject({ outcome: 'Failed', reason: 'OneSession', message: expect.stringContaining('a transport for each initialize') });
  expect(first.message).toMatch(/the second initialize was answered with HTTP 400/);
  expect(await ask()).toMatchObject({ outcome: 'Failed', reason: 'OneSession' });
});

it('is not what a server has that gives a session to everybody', async () => {
  const { ask } = await up(serveStateful);
  expect([(await ask()).reason, (await ask()).reason]).toEqual(['Verified', 'Verified']);
});

it('is not asked again before its container starts anew', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const refused = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'Invalid Request: Server already initialized' } });
  const verifier = new Verifier({
    exchangeFor: () => ({ headers }) => {
      if (headers['mcp-method'] !== undefined) asked += 1;
      return Promise.resolve({ status: 400, headers: { 'content-type': 'application/json' }, body: refused, truncated: false });
    },
    readKey: () => Promise.reject(new Error('there are no keys here')),
    clock, random: () => 0.5, onChange: () => undefined, log: pino({ level: 'silent' }),
  });
  onTestFinished(() => verifier.stop());
  const look = async (restarts: number): Promise<unknown> => {
    verifier.follow('ns/a', of(['a-1'], { restarts }));
    await clock.advance(24 * 3_600_000);
    return verifier.follow('ns/a', of(['a-1'], { restarts }))[0]?.settled?.reason;
  };
  expect([await look(0), asked]).toEqual(['OneSession', 1]);
  expect([await look(1), asked]).toEqual(['OneSession', 2]);
});
