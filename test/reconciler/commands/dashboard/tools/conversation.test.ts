// Tools are listed and called with real servers of both protocol eras, and with what only looks like one, over a port of this machine.
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { converse } from '../../../../../reconciler/commands/dashboard/tools/conversation.ts';
import { directExchange } from '../../../../../reconciler/verification/exchange-direct.ts';
import { serveGuarded, serveHttp, serveModern, serveOneSession, serveStateful, serveStateless, type RunningServer } from '../../../../support/mcp-servers.ts';
import { eventually } from '../../../../support/cluster.ts';

type Ask = Parameters<typeof converse<unknown>>[1];
const LIST: Ask = (conversation) => conversation.listTools(undefined);
const SAY: Ask = (conversation) => conversation.callTool('say', { word: 'hello' });

async function asking(serve: () => Promise<RunningServer>): Promise<RunningServer> {
  const server = await serve();
  onTestFinished(() => server.close());
  return server;
}

interface More {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

function talk({ port }: { readonly port: number }, ask: Ask, more: More = {}): Promise<unknown> {
  const { headers = {}, signal = new AbortController().signal, timeoutMs = 20_000 } = more;
  const exchange = directExchange({ ip: '127.0.0.1', port });
  return converse({ exchange, path: '/mcp', host: `127.0.0.1:${port}`, headers, timeoutMs, signal }, ask);
}

describe.each([
  ['of the modern era', () => serveModern(undefined, { tools: true })],
  ['without sessions', () => serveStateless(undefined, { tools: true })],
  ['with sessions', () => serveStateful(undefined, { tools: true })],
  ['with one session for all', () => serveOneSession(undefined, { tools: true })],
])('a server %s', (_, serve) => {
  test('lists its tools', async () => {
    expect(await talk(await asking(serve), LIST)).toMatchObject({ tools: [{ name: 'say', inputSchema: { type: 'object', required: ['word'] } }] });
  });

  test('calls one', async () => {
    expect(await talk(await asking(serve), SAY)).toMatchObject({ content: [] });
  });
});

test('a name that no header can carry arrives as it is', async () => {
  const server = await asking(() => serveModern(undefined, { tools: true }));
  await expect(talk(server, (conversation) => conversation.callTool(' wörd\n', {}))).rejects.toThrow(/refuses it: .*wörd/);
});

test('no session is left behind, whether a call succeeds or not', async () => {
  const server = await serveStateful(undefined, { tools: true });
  onTestFinished(() => server.close());
  await talk(server, SAY);
  await talk(server, (conversation) => conversation.callTool('nothing', {})).catch(() => undefined);
  await eventually(() => expect(server.sessions.size).toBe(0));
  expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
});

test('a credential goes with every request, and where it lacks the sentence says so', async () => {
  const server = await asking(() => serveGuarded({ header: ['x-key', 'c4n4ry'] }));
  await expect(talk(server, LIST)).rejects.toThrow(/Give the header with them above\./);
  // It has no tools, and says so in words of its own.
  await expect(talk(server, LIST, { headers: { 'x-key': 'c4n4ry' } })).rejects.toThrow(/^(?!.*c4n4ry)The server refuses it: /);
  expect(server.requests.filter(({ headers }) => headers['x-key'] === 'c4n4ry').length).toBeGreaterThan(1);
});

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

test.each<[string, Answer]>([
  ['what redirects elsewhere is not followed', { status: 307, headers: { location: 'http://127.0.0.1:1/mcp' } }],
  ['a web page is none', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>hello</h1>' }],
  ['nothing there is none', { status: 404 }],
  ['what fails is none', { status: 500, body: 'oops' }],
])('%s', async (_, answer) => {
  const { status, headers = {}, body } = answer;
  const server = await asking(() => serveHttp((_request, response) => response.writeHead(status, headers).end(body)));
  await expect(talk(server, LIST)).rejects.toThrow(/^[A-Z][^]{10,}\.$/);
});

/** Answers `initialize` as it should, then whatever it likes. */
function serveOddly(then: (id: unknown) => string | undefined): Promise<RunningServer> {
  return serveHttp((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => {
      const { id, method } = JSON.parse(text === '' ? '{}' : text) as { id?: unknown; method?: string };
      const json = (body: object | string): void => {
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      };
      if (method === 'server/discover') return json({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
      const hello = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } };
      if (method === 'initialize') return json({ jsonrpc: '2.0', id, result: hello });
      if (id === undefined) return void response.writeHead(202).end();
      const body = then(id);
      if (body !== undefined) json(body);
      return undefined;
    });
  });
}

test.each<[string, (id: unknown) => string, RegExp]>([
  ['another answer', () => '{}', /no result of MCP: \{\}\./],
  ['no JSON', () => 'hello', /no result of MCP: hello\./],
  ['an answer to somebody else', () => JSON.stringify({ jsonrpc: '2.0', id: 77, result: {} }), /no result of MCP/],
  ['a refusal', (id) => JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no\u202E such\u001B[2J tool' } }), /^The server refuses it: no such tool \(code -32602\)$/],
  ['too much', (id) => JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'x'.repeat(9 * 1024 * 1024) }] } }), /too large: more than 8 MiB/],
  ['a question instead', (id) => JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'input_required', inputRequests: {} } }), /asks for more before it answers/],
])('a call that is answered with %s says so', async (_, then, sentence) => {
  await expect(talk(await asking(() => serveOddly(then)), SAY)).rejects.toThrow(sentence);
});

test('a call that is not answered ends in time, and says so', async () => {
  await expect(talk(await asking(() => serveOddly(() => undefined)), SAY, { timeoutMs: 500 })).rejects.toThrow(/did not answer in time/);
});

test('a call that is ended is taken back', async () => {
  const server = await asking(() => serveOddly(() => undefined));
  const end = new AbortController();
  const call = talk(server, SAY, { signal: end.signal });
  await eventually(() => expect(server.requests).toHaveLength(4));
  end.abort(new Error('ended'));
  await expect(call).rejects.toThrow('ended');
  // That it is taken back is the fifth.
  expect(server.requests).toHaveLength(5);
});

test('a server that goes away is told of', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => { gone.listen(0, '127.0.0.1', resolve); });
  const { port } = gone.address() as { port: number };
  await new Promise((resolve) => { gone.close(resolve); });
  await expect(talk({ port }, LIST)).rejects.toThrow(/connection refused/);
});
