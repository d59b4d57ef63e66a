// A path that is wrong: the usual ones are looked at, within bounds, without credentials, and nothing is left behind there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ADVICE } from '../../../reconciler/verification/advice.ts';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import type { HttpExchange } from '../../../reconciler/verification/exchange.ts';
import { handshake, type HandshakeOptions } from '../../../reconciler/verification/handshake.ts';
import type { Failed, HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { Introductions } from '../../../reconciler/verification/introductions.ts';
import { usualPaths } from '../../../reconciler/verification/usual-paths.ts';
import * as servers from '../../support/mcp-servers.ts';

const running: servers.RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

interface Shaken { readonly result: HandshakeResult; readonly requests: servers.RunningServer['requests'] }

async function shake(server: Promise<servers.RunningServer>, options: Partial<HandshakeOptions> = {}): Promise<Shaken> {
  const up = await server;
  running.push(up);
  const result = await handshake(directExchange({ ip: '127.0.0.1', port: up.port }), { path: '/wrong', host: 'demo.ns.svc:80', timeoutMs: 10_000, ...options });
  return { result, requests: up.requests };
}

describe('MCP at another path', () => {
  it.each<{ name: string; serve: () => Promise<servers.RunningServer>; path: string; sentence: string }>([
    { name: 'of the modern era', serve: () => servers.serveModern(), path: '/wrong', sentence: 'POST /mcp works: set spec.path to it.' },
    { name: 'of the earlier era', serve: () => servers.serveStateful(undefined, { tools: true }), path: '/wrong', sentence: 'POST /mcp works: set spec.path to it.' },
    { name: 'behind a web page', serve: () => withPage(), path: '/', sentence: 'POST /mcp works: set spec.path to it.' },
    { name: 'below the path', serve: () => at('/v3/mcp'), path: '/v3', sentence: 'POST /v3/mcp works: set spec.path to it.' },
    { name: 'with a slash more', serve: () => at('/tools/'), path: '/tools', sentence: 'POST /tools/ works: set spec.path to it.' },
    { name: 'of the old transport', serve: () => servers.serveSse(), path: '/', sentence: 'GET /mcp speaks the deprecated HTTP+SSE transport of 2024-11-05: let the server speak Streamable HTTP.' },
    { name: 'that has another fault', serve: () => servers.serveOneSession(), path: '/', sentence: 'POST /mcp speaks MCP: set spec.path to it.' },
    {
      name: 'that asks for credentials',
      serve: () => serveAt('/http', (response) => response.writeHead(401).end(), (response) => response.writeHead(404).end()),
      path: '/mcp',
      sentence: 'POST /http demands authentication, as an MCP endpoint may: try it as spec.path.',
    },
  ])('$name is named in the message', async ({ serve, path, sentence }) => {
    const { result } = await shake(serve(), { path });
    expect(result.outcome).toBe('Failed');
    expect(result.message).toContain(` ${sentence}`);
    expect(result.message).not.toContain(ADVICE.usualPath);
  });

  it('is preferred where it works to one that asks for credentials', async () => {
    const { result } = await shake(serveAt('/http', mcp, (response, path) => response.writeHead(path === '/mcp/' ? 401 : 404).end()));
    expect(result).toMatchObject({ elsewhere: { path: '/http', kind: 'Works' } });
  });

  it('is not named where nothing is there', async () => {
    const { result, requests } = await shake(servers.serveAnswer({ status: 404 }));
    expect(result).toMatchObject({ reason: 'WrongPath', message: expect.stringContaining(ADVICE.usualPath) });
    expect(result).not.toHaveProperty('elsewhere');
    // Two questions and a look for each path.
    expect(requests).toHaveLength(3 * (1 + usualPaths('/wrong').length));
  });

  it('leaves no session there', async () => {
    const stateful = await servers.serveStateful();
    const { result } = await shake(Promise.resolve(stateful));
    expect(result).toMatchObject({ elsewhere: { path: '/mcp' } });
    expect(stateful.requests.map(({ method }) => method)).toContain('DELETE');
    expect(stateful.sessions.size).toBe(0);
  });

  it('is looked for without what may know a credential', async () => {
    const up = await servers.serveStateless();
    running.push(up);
    const bare = directExchange({ ip: '127.0.0.1', port: up.port });
    const withKey: HttpExchange = (request) => bare({ ...request, headers: { ...request.headers, 'x-api-key': 'token' } });
    const result = await handshake(withKey, { path: '/wrong', host: 'demo', timeoutMs: 10_000, bare, withhold: true });
    expect(result).toMatchObject({ elsewhere: { path: '/mcp' }, message: expect.stringContaining('POST /mcp works') });
    const keys = up.requests.map(({ headers }) => headers['x-api-key']);
    expect(new Set(keys)).toEqual(new Set(['token', undefined]));
    expect(keys.lastIndexOf('token')).toBeLessThan(keys.indexOf(undefined));
  });

  it('is not looked for where something else is wrong', async () => {
    for (const serve of [() => servers.serveAnswer({ status: 500, body: 'oops' }), () => servers.serveAnswer({ status: 403 })]) {
      const { requests } = await shake(serve(), { path: '/mcp' });
      expect(requests).toHaveLength(2);
    }
  });

  it('is looked for in a bounded time where all other paths hang', async () => {
    const up = servers.serveHttp((request, response) => {
      if (request.url === '/wrong') response.writeHead(404).end();
    });
    const { result, requests } = await shake(up);
    expect(result).toMatchObject({ reason: 'WrongPath' });
    // In 2 s, each of which has a second: fewer than there are paths.
    expect(requests.length).toBeLessThan(3 * usualPaths('/wrong').length);
  });
});

function failure(message: string, elsewhere?: Failed['elsewhere']): Failed {
  return { outcome: 'Failed', reason: 'WrongPath', message, ...(elsewhere && { elsewhere }) };
}

describe('a container', () => {
  const found = failure('404. POST /mcp works.', { path: '/mcp', kind: 'Works', transport: 'Streamable HTTP' });

  it('keeps the path that was found first, and is not looked at again', () => {
    const introductions = new Introductions();
    expect(introductions.mayLook('a')).toBe(true);
    expect(introductions.steady('a', found)).toBe(found);
    expect(introductions.mayLook('a')).toBe(false);
    expect(introductions.steady('a', failure('404'))).toBe(found);
    introductions.retain(new Set(['a']), 'another path');
    expect(introductions.mayLook('a')).toBe(true);
    expect(introductions.steady('a', failure('404'))).toEqual(failure('404'));
  });

  it('is looked at twice where nothing is found', () => {
    const introductions = new Introductions();
    const looks = [1, 2, 3].map(() => {
      const look = introductions.mayLook('a');
      introductions.steady('a', failure('404'));
      return look;
    });
    expect(looks).toEqual([true, true, false]);
  });
});

it('fields of the spec are named in sentences of advice alone, which a shell has other words for', () => {
  const judge = readFileSync(join(import.meta.dirname, '../../../reconciler/verification/judge.ts'), 'utf8');
  expect(judge).toContain('ADVICE.');
  expect(judge.match(/\bspec\.\w+/g)).toBeNull();
});

type Response = Parameters<Parameters<typeof servers.serveHttp>[0]>[1];

/** Answers `initialize` at a path. */
function at(path: string): Promise<servers.RunningServer> {
  return serveAt(path, mcp, (response) => response.writeHead(404).end());
}

type Answer = (response: Response, path: string) => unknown;

function serveAt(path: string, here: (response: Response) => unknown, elsewhere: Answer): Promise<servers.RunningServer> {
  return servers.serveHttp((request, response) => {
    if (request.url === path) here(response);
    else elsewhere(response, request.url ?? '');
  });
}

function mcp(response: Response): void {
  const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'at', version: '1' } };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
}

/** A web page everywhere, and MCP at `/mcp`. */
function withPage(): Promise<servers.RunningServer> {
  return serveAt('/mcp', mcp, (response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>'));
}
