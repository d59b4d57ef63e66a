// A server that announces tools is verified only where MCP clients can list them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { serveHttp, serveModern, serveStateful, serveStateless, type RunningServer } from '../../support/mcp-servers.ts';

const running: RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS = { 'content-type': 'text/event-stream' };
const TOOL = { name: 'a', inputSchema: { type: 'object' } };
const rpc = (message: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, ...message });

async function shake(server: RunningServer): Promise<HandshakeResult> {
  running.push(server);
  return handshake(directExchange({ ip: '127.0.0.1', port: server.port }), { path: '/mcp', host: 'tools', timeoutMs: 10_000 });
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** What a server of the earlier era was asked, with a session, and how it answers what follows `initialize`. */
async function announcing(answers: Readonly<Record<string, Answer>>): Promise<{ result: HandshakeResult; asked: string[] }> {
  const asked: string[] = [];
  const introduction = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'a', version: '1' } };
  const usual: Record<string, Answer> = {
    'server/discover': (response) => response.writeHead(404).end(),
    initialize: (response) => response.writeHead(200, { ...JSON_TYPE, 'mcp-session-id': 'of-mine' }).end(rpc({ result: introduction })),
    'notifications/initialized': (response) => response.writeHead(202).end(),
    'tools/list': (response) => response.writeHead(200, JSON_TYPE).end(rpc({ result: { tools: [TOOL] } })),
    DELETE: (response) => response.writeHead(204).end(),
  };
  const server = await serveHttp((request, response) => void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method } = JSON.parse(Buffer.concat(chunks).toString() || `{"method":"${request.method}"}`) as { method: string };
    const { 'mcp-session-id': session = 'none', 'mcp-protocol-version': version = 'none' } = request.headers;
    asked.push(`${method} session ${String(session)} version ${String(version)}`);
    (answers[method] ?? usual[method])?.(response, request);
  })());
  return { result: await shake(server), asked };
}

describe('a server of the earlier era that announces tools', () => {
  it('is asked for them within its session, as clients ask, and then its session ends', async () => {
    const { result, asked } = await announcing({});
    expect(result).toMatchObject({ outcome: 'Passed', reason: 'Verified' });
    expect(asked).toEqual([
      'server/discover session none version 2026-07-28',
      'initialize session none version none',
      'notifications/initialized session of-mine version 2025-06-18',
      'tools/list session of-mine version 2025-06-18',
      'initialize session none version none',
      'DELETE session of-mine version 2025-06-18',
      'DELETE session of-mine version 2025-06-18',
    ]);
  });

  it.each<[string, Answer]>([
    ['as an event of a stream that stays open', (response) => void response.writeHead(200, EVENTS).write(`: hi\n\ndata: {"jsonrpc":"2.0","method":"n"}\n\ndata: ${rpc({ result: { tools: [TOOL] } })}\n\n`)],
    ['without a tool in it', (response) => response.writeHead(200, JSON_TYPE).end(rpc({ result: { tools: [] } }))],
    ['with more on another page', (response) => {
      response.writeHead(200, JSON_TYPE).end(rpc({ id: '1', result: { nextCursor: 'x', tools: [{ ...TOOL, title: 'A', more: [{}] }] } }));
    }],
    ['of two mebibytes', (response) => response.writeHead(200, JSON_TYPE).end(rpc({ result: { tools: Array.from({ length: 40_000 }, () => TOOL) } }))],
  ])('is verified with a list %s', async (_name, answer) => {
    expect((await announcing({ 'tools/list': answer })).result).toMatchObject({ outcome: 'Passed', reason: 'Verified' });
  });

  it.each<[string, Answer, RegExp]>([
    ['a refusal', (response) => response.writeHead(200, JSON_TYPE).end(rpc({ error: { code: -32_601, message: 'Method not f\u00f6und' } })), /answered with Method not föund \(-32601\)\./],
    ['HTTP 500', (response) => response.writeHead(500).end('oops'), /HTTP 500, no content type: oops; it is not JSON/],
    ['half a list', (response) => response.writeHead(200, JSON_TYPE).end(rpc({ result: { tools: [TOOL] } }).slice(0, -2)), /it is not JSON/],
    ['null', (response) => response.writeHead(200, JSON_TYPE).end(rpc({ result: { tools: null } })), /it has no list of tools/],
    ['a tool without a schema', (response) => response.writeHead(200, JSON_TYPE).end(rpc({ result: { tools: [TOOL, { name: 'b' }] } })), /of tool number 2 the inputSchema is missing/],
    ['something else in a stream', (response) => response.writeHead(200, EVENTS).end('data: {}\n\n'), /no event of the stream is the reply/],
  ])('is told as ToolsNotListed when it answers with %s', async (_name, answer, message) => {
    const { result, asked } = await announcing({ 'tools/list': answer });
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'ToolsNotListed' });
    expect(result.message).toMatch(message);
    expect(asked.at(-1)).toMatch(/^DELETE/);
  });

  it.each(['notifications/initialized', 'tools/list'])('asks for credentials where it answers %s with 401', async (method) => {
    const { result } = await announcing({ [method]: (response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end() });
    expect(result).toMatchObject({ outcome: 'Passed', reason: 'AuthRequired' });
  });

  it('fails where it refuses to be told that the client is ready', async () => {
    const { result } = await announcing({ 'notifications/initialized': (response) => response.writeHead(400).end('no') });
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'NotMCP', message: expect.stringMatching(/notifications\/initialized with HTTP 400/) });
  });

  it.each(['notifications/initialized', 'tools/list'])('fails where it closes the connection over %s', async (method) => {
    const { result } = await announcing({ [method]: (response) => response.destroy() });
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'NotMCP', message: expect.stringMatching(/not what clients say next/) });
  });
});

it.each([['earlier, stateless', serveStateless], ['earlier, with sessions', serveStateful], ['modern', serveModern]])('real tools of the %s era are listed', async (_era, serve) => {
  expect(await shake(await serve(undefined, { tools: true }))).toMatchObject({ outcome: 'Passed', reason: 'Verified' });
  expect(running.at(-1)?.requests.length).toBeGreaterThanOrEqual(2);
});
