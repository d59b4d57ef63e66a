import { afterEach, describe, expect, it } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import * as servers from '../../support/mcp-servers.ts';

const running: servers.RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

const HOST = 'tools.team-a.svc.cluster.local:8080';

async function shake<S extends servers.RunningServer>(
  server: Promise<S>,
  options: { path?: string; timeoutMs?: number } = {},
): Promise<{ result: HandshakeResult; server: S }> {
  const up = await server;
  running.push(up);
  const result = await handshake(directExchange({ ip: '127.0.0.1', port: up.port }), { path: '/mcp', host: HOST, timeoutMs: 10_000, ...options });
  return { result, server: up };
}

const rpc = (message: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, ...message });
const JSON_TYPE = { 'content-type': 'application/json' };
const introduced = (protocolVersion: string): object => ({ protocolVersion, capabilities: {}, serverInfo: { name: 'a', version: '1' } });

describe('a server that passes the handshake', () => {
  it('of the modern era is found stateless, and asked whether clients of the earlier one can use it, too', async () => {
    const { result, server } = await shake(servers.serveModern());
    expect(result).toEqual({
      outcome: 'Passed', reason: 'Verified', message: 'modern 2.0.0 speaks MCP 2026-07-28. Clients that begin with initialize, such as those of the TypeScript SDK v1, cannot use it.',
      note: 'Clients that begin with initialize, such as those of the TypeScript SDK v1, cannot use it.',
      server: { name: 'modern', version: '2.0.0', protocolVersions: ['2026-07-28'], sessions: 'Stateless' },
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('of the earlier era without sessions is found stateless', async () => {
    const { result, server } = await shake(servers.serveStateless());
    expect(result).toMatchObject({
      outcome: 'Passed', reason: 'Verified',
      server: { name: 'legacy', version: '1.0.0', protocolVersions: ['2025-11-25'], sessions: 'Stateless' },
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
  });

  it('of the earlier era with sessions is found stateful, and no session is left behind', async () => {
    const { result, server } = await shake(servers.serveStateful());
    expect(result).toMatchObject({ outcome: 'Passed', server: { name: 'legacy', sessions: 'Stateful' } });
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST', 'DELETE', 'DELETE']);
    expect(server.sessions.size).toBe(0);
  });

  it('passes although it refuses to end its session', async () => {
    const { result } = await shake(servers.serveHttp((request, response) => {
      if (request.method === 'DELETE') return void response.writeHead(405).end();
      return void response.writeHead(200, { ...JSON_TYPE, 'mcp-session-id': 'kept' }).end(rpc({ result: introduced('2025-06-18') }));
    }));
    expect(result).toMatchObject({ outcome: 'Passed', server: { protocolVersions: ['2025-06-18'], sessions: 'Stateful' } });
  });

  it('passes although it keeps the event stream open after its answer', async () => {
    const { result } = await shake(servers.serveHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`: hello\r\n\r\nevent: message\r\ndata: ${rpc({ result: introduced('2025-03-26') })}\r\n\r\n`);
    }));
    expect(result).toMatchObject({ outcome: 'Passed', server: { protocolVersions: ['2025-03-26'] } });
  });

  it('passes although it swallows what it does not know', async () => {
    const { result } = await shake(servers.serveHttp((request, response) => {
      if (request.headers['mcp-method'] === undefined) response.writeHead(200, JSON_TYPE).end(rpc({ result: introduced('2025-11-25') }));
    }), { timeoutMs: 1000 });
    expect(result).toMatchObject({ outcome: 'Passed' });
  });

  it('sees the Host header that clients of its Service send', async () => {
    const { server } = await shake(servers.serveStateful());
    expect(new Set(server.requests.map(({ headers }) => headers.host))).toEqual(new Set([HOST]));
  });

  it('cannot smuggle line breaks or endless names into the status', async () => {
    const serverInfo = { name: `evil\n\u001B[31m${'x'.repeat(5000)}`, version: '1' };
    const { result } = await shake(
      servers.serveAnswer({ status: 200, headers: JSON_TYPE, body: rpc({ result: { ...introduced('2025-11-25'), serverInfo } }) }),
    );
    expect(result).toMatchObject({ outcome: 'Passed', server: { name: expect.stringMatching(/^evil x{94}…$/) } });
    expect(result.message).not.toMatch(/\p{C}/u);
  });
});

describe('a server that demands authentication', () => {
  it.each([
    [401, { 'www-authenticate': 'Bearer resource_metadata="https://x/"' }],
    [401, {}],
    [403, { 'www-authenticate': 'Bearer error="insufficient_scope"' }],
  ])('passes as AuthRequired when it answers %i with %j', async (status, headers) => {
    const { result, server } = await shake(servers.serveAnswer({ status, headers: { ...headers } }));
    expect(result).toMatchObject({ outcome: 'Passed', reason: 'AuthRequired' });
    expect(result).not.toHaveProperty('server');
    expect(server.requests).toHaveLength(2);
  });
});

describe('a server that fails the handshake', () => {
  const html = { 'content-type': 'text/html', server: 'nginx/1.27' };
  it.each<[string, () => Promise<servers.RunningServer>, { reason: string; message: RegExp }]>([
    ['a web page', () => servers.serveAnswer({ status: 200, headers: html, body: '<h1>Welcome</h1>' }), { reason: 'NotMCP', message: /text\/html from nginx\/1\.27: <h1>Welcome/ }],
    [
      'a web page that takes no POST',
      () => servers.serveHttp((request, response) => response.writeHead(request.method === 'GET' ? 200 : 405, html).end('<h1>')),
      { reason: 'NotMCP', message: /web page/ },
    ],
    ['JSON that is not JSON-RPC', () => servers.serveAnswer({ status: 200, headers: JSON_TYPE, body: '{"ok":true}' }), { reason: 'NotMCP', message: /\{"ok":true\}/ }],
    ['an internal error', () => servers.serveAnswer({ status: 500, body: 'oops' }), { reason: 'NotMCP', message: /HTTP 500.*oops/ }],
    ['nothing but an acceptance', () => servers.serveAnswer({ status: 202 }), { reason: 'NotMCP', message: /HTTP 202/ }],
    [
      'a JSON-RPC error',
      () => servers.serveAnswer({ status: 200, headers: JSON_TYPE, body: rpc({ error: { code: -32_601, message: 'Method not found' } }) }),
      { reason: 'NotMCP', message: /Method not found/ },
    ],
    ['a result that is no initialization', () => servers.serveAnswer({ status: 200, headers: JSON_TYPE, body: rpc({ result: {} }) }), { reason: 'NotMCP', message: /protocol version/ }],
    ['bytes that are not HTTP', () => servers.serveTcp((socket) => { socket.end('SSH-2.0-OpenSSH_9.9\r\n'); }), { reason: 'NotMCP', message: /does not speak HTTP/ }],
    ['404', () => servers.serveAnswer({ status: 404, body: 'Cannot POST /mcp' }), { reason: 'WrongPath', message: /POST \/mcp.*404.*spec\.path/ }],
    ['a redirect', () => servers.serveAnswer({ status: 307, headers: { location: '/mcp/' } }), { reason: 'WrongPath', message: /redirected to \/mcp\/, where clients do not follow/ }],
    ['the deprecated transport', () => servers.serveSse(), { reason: 'SSEOnly', message: /deprecated HTTP\+SSE/ }],
    ['403 without a challenge', () => servers.serveAnswer({ status: 403, body: 'Invalid Host' }), { reason: 'Forbidden', message: /Invalid Host.*Host: tools\.team-a\.svc\.cluster\.local:8080/ }],
    [
      'a version from the future, to initialize',
      () => servers.serveAnswer({ status: 200, headers: JSON_TYPE, body: rpc({ result: { protocolVersion: '2031-01-01' } }) }),
      { reason: 'EraMismatch', message: /2031-01-01/ },
    ],
    [
      'only versions from the future',
      () =>
        servers.serveAnswer({
          status: 400,
          headers: JSON_TYPE,
          body: rpc({ error: { code: -32_022, message: 'Unsupported', data: { supported: ['2031-01-01'] } } }),
        }),
      { reason: 'EraMismatch', message: /2031-01-01/ },
    ],
  ])('answers %s', async (_name, serve, { reason, message }) => {
    const { result } = await shake(serve());
    expect(result).toMatchObject({ outcome: 'Failed', reason });
    expect(result.message).toMatch(message);
  });

  it('is told apart at a path where no MCP endpoint is', async () => {
    const { result } = await shake(servers.serveStateless(), { path: '/' });
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'WrongPath' });
  });

  it('accepts connections and never answers', async () => {
    const { result } = await shake(servers.serveTcp(() => {}), { timeoutMs: 200 });
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('begins an answer and never ends it', async () => {
    const { result } = await shake(
      servers.serveHttp((_request, response) => {
        response.writeHead(200, JSON_TYPE).write('{');
      }),
      { timeoutMs: 200 },
    );
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('answers without end', async () => {
    const { result } = await shake(servers.serveHttp((_request, response) => {
      const pour = (): void => { while (!response.destroyed && response.write('x'.repeat(10_000))); };
      response.writeHead(200, JSON_TYPE).on('drain', pour);
      pour();
    }));
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'OversizedReply' });
    expect(result.message).toContain('longer than 64 KiB');
  });
});

describe('a server without a verdict', () => {
  it('refuses connections', async () => {
    const gone = await servers.serveTcp(() => {});
    await gone.close();
    const result = await handshake(directExchange({ ip: '127.0.0.1', port: gone.port }), { path: '/mcp', host: HOST, timeoutMs: 10_000 });
    expect(result).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('connection refused') });
  });

  it('closes connections without an answer', async () => {
    const { result } = await shake(servers.serveTcp((socket) => { socket.once('data', () => socket.resetAndDestroy()); }));
    expect(result).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable' });
  });

  it.each([429, 502, 503, 504])('answers HTTP %i', async (status) => {
    const { result } = await shake(servers.serveAnswer({ status }));
    expect(result).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining(String(status)) });
  });

  it.each<[string, () => Promise<servers.RunningServer>]>([
    ['speaks TLS', () => servers.serveTls()],
    ['answers with a TLS alert', () => servers.serveTcp((socket) => { socket.once('data', () => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70]))); })],
    ['says that it wants HTTPS', () => servers.serveAnswer({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' })],
  ])('%s', async (_name, serve) => {
    const { result } = await shake(serve());
    expect(result).toMatchObject({ outcome: 'Unknown', reason: 'TLSRequired' });
  });

  it('was not asked to the end because the operator stops', async () => {
    const server = await servers.serveTcp(() => {});
    running.push(server);
    const stop = new AbortController();
    const result = handshake(directExchange({ ip: '127.0.0.1', port: server.port }), {
      path: '/mcp',
      host: HOST,
      timeoutMs: 10_000,
      signal: stop.signal,
    });
    stop.abort(new Error('stopping'));
    await expect(result).rejects.toThrow('stopping');
  });
});
