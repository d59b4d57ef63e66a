// What clients of the HTTP server may hold, counted exactly, with the server in this process and a cluster that answers when told to.
import { connect, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCatalog } from '../../../mcp-server/catalog.ts';
import { createLogger } from '../../../mcp-server/log.ts';
import { CallTurns } from '../../../mcp-server/transports/call-turns.ts';
import { startHttpServer, type HttpOptions, type HttpServer } from '../../../mcp-server/transports/http.ts';
import { createMetrics, type Metrics } from '../../../mcp-server/transports/request-metrics.ts';
import { Shares } from '../../../mcp-server/transports/shares.ts';
import { eventually } from '../../support/cluster.ts';
import { post } from '../../support/hostile-clients.ts';
import { memoryCluster, type MemoryCluster } from '../cluster/memory-cluster.ts';
import { raw, rpc, runServer } from '../server-process.ts';

let cluster: MemoryCluster;
let server: HttpServer;
let turns: CallTurns;
let metrics: Metrics;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  await start({});
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop(100);
});

async function start(limits: NonNullable<HttpOptions['limits']>): Promise<void> {
  cluster = memoryCluster();
  metrics = createMetrics();
  turns = new CallTurns();
  const log = createLogger('silent', { write: () => undefined });
  const catalog = createCatalog({ cluster, log, admit: turns.admit });
  const settings = { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], rateLimit: 0 };
  server = await startHttpServer({ catalog, settings, readiness: async () => ({ ready: true }), log, metrics, limits });
}

/** A connection of its own, and what it was answered. */
function talk(text: string, { from = '127.0.0.1', reads = true } = {}): { socket: Socket; said: () => string; closed: () => boolean } {
  const socket = connect({ host: '127.0.0.1', port: server.port, localAddress: from });
  let said = '';
  if (reads) socket.on('data', (chunk) => (said += String(chunk)));
  socket.on('error', () => undefined).write(text);
  sockets.push(socket);
  return { socket, said: () => said, closed: () => socket.closed };
}

async function held(name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await metrics.text())?.[1]);
}

const logs = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get-pod-logs', arguments: { name: 'web' } } };
const nodes = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'k8s://cluster/nodes' } };
const modern = { 'mcp-protocol-version': '2026-07-28', accept: 'application/json, text/event-stream' };

describe('a batch', () => {
  test.each([['of the older era', {}], ['of the newest era', { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'get-pod-logs' }]])('%s is refused before anything is done', async (_, headers) => {
    for (const batch of [[], [logs], Array.from({ length: 100 }, () => logs)]) {
      const answer = await rpc(server.port, batch, headers);
      expect(answer.status).toBe(400);
      expect(answer.json()).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32600, message: 'JSON-RPC batches are not taken: revision 2025-06-18 dropped them from the protocol. Send each message on its own.' },
      });
    }
    expect(cluster.latestSignal).toBeUndefined();
  });

  test('over stdio is refused the same way, and what comes after it is answered', async () => {
    const list = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} });
    const { code, stdout, stderr } = await runServer([], { input: ` [${JSON.stringify(logs)}]\n${list}\n[\nsome wrapper\n` });
    const answers = stdout.trim().split('\n').map((line) => JSON.parse(line) as { id: unknown; error?: { code: number } });
    expect(answers.map(({ id, error }) => `${String(id)} ${error?.code}`).toSorted()).toEqual(['2 undefined', 'null -32600', 'null -32700']);
    expect([code, stderr.includes('call finished'), stderr.includes('call failed')]).toEqual([0, false, false]);
  });
});

describe('calls', () => {
  test.each([[logs, 8, 'logs'], [nodes, 2, 'lists']] as const)('of one client run half of all at a time, the others wait for their turn, and all are answered: %j', async (message, most, kind) => {
    const waiting: (() => void)[] = [];
    const wait = <T>(value: T) => (): Promise<T> => new Promise((resolve) => waiting.push(() => resolve(value)));
    cluster.podLogs = wait({ text: 'x', lines: 1, leftOut: 0, firstIsCut: false });
    cluster.listNodes = wait({ items: [], truncated: false });
    const answers = Promise.all(Array.from({ length: 20 }, () => rpc(server.port, message)));
    await eventually(() => expect(turns.counts).toMatchObject({ [kind]: most, all: 20 }));
    for (let answered = 0; answered < 20; answered += 1) {
      await eventually(() => expect(waiting.length).toBeGreaterThan(0));
      expect(turns.counts[kind]).toBeLessThanOrEqual(most);
      waiting.shift()?.();
    }
    expect((await answers).every((answer) => answer.status === 200 && !answer.body.includes('isError') && !answer.body.includes('"error"'))).toBe(true);
    expect(turns.counts).toEqual({ logs: 0, lists: 0, others: 0, all: 0 });
  });

  test('beyond what may wait are refused: each of them is told so, and whoever else asks is served', async () => {
    const { promise: gate, resolve: release } = Promise.withResolvers<void>();
    cluster.podLogs = async () => {
      await gate;
      return { text: 'x', lines: 1, leftOut: 0, firstIsCut: false };
    };
    const answers = Array.from({ length: 100 }, () => rpc(server.port, logs));
    await eventually(() => expect(turns.counts.all).toBe(64));
    expect((await rpc(server.port, nodes)).json()).toMatchObject({ error: { code: -32000, message: expect.stringMatching(/^Too many requests/) as string } });
    const other = talk(post(JSON.stringify(nodes)), { from: '127.0.0.2' });
    await eventually(() => expect(other.said()).toContain('k8s://cluster/nodes'));
    release();
    const statuses = (await Promise.all(answers)).map((answer) => [answer.status, answer.headers['retry-after'], answer.json().error?.code]);
    expect(statuses.filter(([status]) => status === 200)).toHaveLength(64);
    expect(statuses.filter(([status]) => status !== 200)).toEqual(Array.from({ length: 36 }, () => [503, '5', -32000]));
  });

  test('whose client leaves while it waits are forgotten', async () => {
    cluster.podLogs = () => new Promise(() => undefined);
    const clients = Array.from({ length: 12 }, () => talk(post(JSON.stringify(logs))));
    await eventually(() => expect(turns.counts).toMatchObject({ logs: 8, all: 12 }));
    for (const { socket } of clients.slice(8)) socket.destroy();
    await eventually(() => expect(turns.counts).toMatchObject({ logs: 8, all: 8 }));
  });
});

describe('answers', () => {
  const long = { text: '\u0001'.repeat(64 * 1024), lines: 1, leftOut: 0, firstIsCut: false };

  test('that nobody takes, or a few bytes at a time, have a deadline', async () => {
    await server.stop(100);
    await start({ answerMs: 300, answersBytes: 100_000_000 });
    cluster.logs = { ...long, text: long.text.repeat(20) };
    const [silent, slow] = [talk(post(JSON.stringify(logs)), { reads: false }), talk(post(JSON.stringify(logs)), { reads: false })];
    const sips = setInterval(() => slow.socket.read(3), 20);
    await eventually(async () => expect(await held('mcp_server_answers_bytes')).toBeGreaterThan(0));
    await eventually(async () => expect(await held('mcp_server_answers_bytes')).toBe(0));
    await eventually(async () => expect(await held('mcp_server_connections')).toBe(0));
    clearInterval(sips);
    expect([silent.socket.bytesRead < 15_000_000, slow.socket.bytesRead < 15_000_000]).toEqual([true, true]);
  });

  test('that find no room are refused, and those that were taken make room', async () => {
    await server.stop(100);
    await start({ answersBytes: 3_000_000 });
    cluster.logs = { ...long, text: long.text.repeat(4) };
    const first = await rpc(server.port, logs);
    expect([first.status, first.body.length > 1_500_000]).toEqual([503, false]);
    const message = expect.stringMatching(/^Answers that were not taken/) as string;
    expect(first.headers['retry-after']).toBe('5');
    expect(first.json()).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32000, message } });
    cluster.logs = long;
    for (let time = 0; time < 5; time += 1) expect((await rpc(server.port, logs)).status).toBe(200);
    expect(await held('mcp_server_answers_bytes')).toBe(0);
  });
});

const POST_JSON = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
/** The beginning of a body of 1 MiB. */
const slow = (bytes: number): string => `${POST_JSON}Content-Length: 1048576\r\n\r\n${' '.repeat(bytes)}`;
/** The beginning of a body, in chunks of one byte. */
const pieces = (count: number): string => `${POST_JSON}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(count)}`;

describe('bodies', () => {
  test('that are sent slowly hold half of the room at most, the others are told so, and small ones of others pass', async () => {
    const uploads = Array.from({ length: 20 }, () => talk(slow(900_000)));
    await eventually(() => expect(uploads.filter(({ said }) => said().includes(' 503 ')).length).toBe(16));
    expect(await held('mcp_server_bodies_bytes')).toBeLessThanOrEqual(4 * 1024 * 1024);
    const other = talk(post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })), { from: '127.0.0.2' });
    await eventually(() => expect(other.said()).toContain('create-pod'));
  });

  test('in pieces of one byte are read to so many pieces, and copied together', async () => {
    const many = talk(pieces(8_192));
    await eventually(async () => expect(await held('mcp_server_bodies_bytes')).toBe(8_192));
    const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const few = talk(`${pieces(1000)}${message.length.toString(16)}\r\n${message}\r\n0\r\n\r\n`);
    await eventually(() => expect(few.said()).toContain('"result"'));
    many.socket.write('1\r\n \r\n');
    await eventually(() => expect([many.said().includes(' 413 '), many.closed()]).toEqual([true, true]));
    expect(await held('mcp_server_bodies_bytes')).toBe(0);
  });

  test.each([
    [`[${'{},'.repeat(10_000)}1]`, {}, 400],
    [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":[${'0,'.repeat(9_980)}1]}}`, {}, 200],
    ['{}', { 'content-encoding': 'gzip' }, 415],
    ['{}', { 'content-type': 'application/json; charset=utf-16' }, 415],
  ])('of more values than that, compressed or of another character set are refused (%#)', async (body, headers, status) => {
    expect((await raw(server.port, { method: 'POST', path: '/mcp', headers: { 'content-type': 'application/json', ...headers }, body })).status).toBe(status);
  });
});

describe('connections', () => {
  test('of one client are half of all; the next one is told so, and others still come in, at the cost of who holds most', async () => {
    await server.stop(100);
    await start({ connections: 8 });
    const mine = Array.from({ length: 4 }, () => talk(''));
    await eventually(async () => expect(await held('mcp_server_connections')).toBe(4));
    const fifth = talk('');
    await eventually(() => expect([fifth.said().split('\r\n')[0], fifth.said().includes('Retry-After: 5'), fifth.closed()]).toEqual(['HTTP/1.1 503 Service Unavailable', true, true]));
    for (let client = 2; client < 9; client += 1) {
      const other = talk('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n', { from: `127.0.0.${client}` });
      await eventually(() => expect(other.said()).toContain('healthy'));
      expect(await held('mcp_server_connections')).toBeLessThanOrEqual(8);
    }
    expect(mine.filter(({ closed }) => closed())).toHaveLength(3);
  });

  test('that send requests without waiting for answers are closed', async () => {
    cluster.podLogs = (_pod, _query, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone'))));
    const call = post(JSON.stringify(logs));
    const two = talk(call.repeat(2));
    await eventually(() => expect(turns.counts.all).toBe(2));
    const flood = talk(call.repeat(3));
    await eventually(() => expect(flood.closed()).toBe(true));
    expect(two.closed()).toBe(false);
    await eventually(() => expect(turns.counts.all).toBe(2));
  });
});

describe('HTTP of another kind', () => {
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const smuggled = `${message}GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  test.each([
    ['two ways to say how long a body is', `${head}Content-Length: ${message.length}\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled}`, '400'],
    ['two lengths', `${head}Content-Length: ${message.length}\r\nContent-Length: 1\r\n\r\n${smuggled}`, '400'],
    ['an unknown transfer coding', `${head}Transfer-Encoding: xchunked\r\n\r\n${smuggled}`, '400'],
    ['a header that is continued', `${head}X-A: b\r\n c\r\nContent-Length: 1 1\r\n\r\n${smuggled}`, '400'],
    ['headers of more than 16 KiB', `${head}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, '431'],
    ['an expectation nobody knows', `${head}Expect: 200-ok\r\nContent-Length: ${message.length}\r\n\r\n${message}`, '417'],
  ])('%s is refused, and nothing behind it is read', async (_, text, status) => {
    const { said, closed } = talk(text.replace('\r\n\r\n', status === '417' ? '\r\nConnection: close\r\n\r\n' : '\r\n\r\n'));
    await eventually(() => expect(closed()).toBe(true));
    expect([said().slice(9, 12), said().includes('smuggled')]).toEqual([status, false]);
  });

  test.each([
    ['HTTP/1.0', post(message).replace('HTTP/1.1', 'HTTP/1.0'), /^HTTP\/1\.1 200 .*"result"/s],
    ['Expect: 100-continue', post(message, 'Expect: 100-continue\r\n'), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 .*"result"/s],
    ['a wish for another protocol', post(message, 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), /^HTTP\/1\.1 200 .*"result"/s],
  ])('%s is answered as usual', async (_, text, answer) => {
    const { said } = talk(text);
    await eventually(() => expect(said()).toMatch(answer));
  });

  test('CONNECT closes the connection', async () => {
    const { said, closed } = talk('CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually(() => expect(closed()).toBe(true));
    expect(said()).toBe('');
  });
});

test('shares never add up to more than there is', () => {
  const step = fc.record({ client: fc.constantFrom('a', 'b', 'c', 'd'), amount: fc.integer({ min: 1, max: 40 }), gives: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const shares = new Shares(64);
    for (const { client, amount, gives } of steps) {
      if (gives) shares.giveBack(client, Math.min(amount, shares.heldBy(client)));
      else shares.take(client, amount);
      expect(shares.total).toBeLessThanOrEqual(64);
      expect(shares.total).toBe(['a', 'b', 'c', 'd'].reduce((sum, each) => sum + shares.heldBy(each), 0));
    }
  }));
});
