// The pod proxy of a real API server, in front of real servers on an address of this machine that it agrees to reach.
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { podExchange } from '../../../reconciler/verification/pod-access.ts';
import { counting, exceeds, type AnswerCost } from '../../support/answer-costs.ts';
import { connect, eventually, useNamespace } from '../../support/cluster.ts';
import { HOSTILE_SERVERS, serveHostile } from '../../support/hostile-servers.ts';
import * as servers from '../../support/mcp-servers.ts';
import { ANSWERED, serveOpenStream, UNANSWERED } from '../../support/open-streams.ts';

/** The API server refuses to proxy to loopback addresses. */
const address = Object.values(networkInterfaces()).flat().find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '';
const HOST = 'tools.team-a.svc.cluster.local:8080';

/** Answers with bytes once it was asked to the end: before that the API server may tell of its own broken sending instead. */
function serveBytes(answer: string | Buffer): Promise<servers.RunningServer> {
  return servers.serveTcp((socket) => {
    socket.on('data', (chunk: Buffer) => void (chunk.toString().endsWith('}') && socket.end(answer)));
  }, address);
}

describe.skipIf(address === '')('through the API server', () => {
  const namespace = useNamespace('pod-proxy');
  const running: servers.RunningServer[] = [];
  let client: KubernetesClient;
  let exchangeFor: ReturnType<typeof podExchange>;

  beforeAll(async () => {
    client = await connect('pod-proxy-tests');
    exchangeFor = podExchange('api-server', client);
    // On no node: else it is deleted after some 40 s, for its node is none.
    const spec = { automountServiceAccountToken: false, schedulerName: 'none', containers: [{ name: 'mcp-server', image: 'none' }] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'a' }, spec };
    await eventually(() => client.create(PODS, pod));
    await client.patch(
      PODS,
      { namespace, name: 'a' },
      { status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] } },
      { subresource: 'status' },
    );
  });
  afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });
  afterAll(() => client.close());

  function ask(port: number, options: { pod?: string; timeoutMs?: number; patient?: boolean } = {}): Promise<HandshakeResult> {
    const { pod = 'a', ...more } = options;
    return handshake(exchangeFor({ namespace, name: pod, ip: address, port }), { path: '/mcp', host: HOST, timeoutMs: 10_000, ...more });
  }

  async function up<S extends servers.RunningServer>(server: Promise<S>): Promise<S> {
    running.push(await server);
    return server;
  }

  it.each<[string, () => Promise<servers.RunningServer>, object]>([
    ['modern', () => servers.serveModern(address), { outcome: 'Passed', server: { name: 'modern', sessions: 'Stateless' } }],
    ['stateless', () => servers.serveStateless(address), { outcome: 'Passed', server: { name: 'legacy', sessions: 'Stateless' } }],
    ['SSE-only', () => servers.serveSse(address), { outcome: 'Failed', reason: 'SSEOnly' }],
    ['TLS', () => servers.serveTls(address), { outcome: 'Unknown', reason: 'TLSRequired' }],
    ['TLS alert', () => serveBytes(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])), { outcome: 'Unknown', reason: 'TLSRequired' }],
    ['closing', () => servers.serveHttp((request) => request.socket.destroy(), address), { outcome: 'Unknown', reason: 'Unreachable' }],
    ['garbage', () => serveBytes('SSH-2.0-OpenSSH_9.9\r\n'), { outcome: 'Failed', reason: 'NotMCP' }],
    ['401', () => servers.serveAnswer({ status: 401, headers: { 'www-authenticate': 'Bearer' } }, address), { outcome: 'Passed', reason: 'AuthRequired' }],
    ['403', () => servers.serveAnswer({ status: 403, body: 'no' }, address), { outcome: 'Failed', reason: 'Forbidden' }],
    ['404', () => servers.serveAnswer({ status: 404, body: 'no' }, address), { outcome: 'Failed', reason: 'WrongPath' }],
    [
      'redirecting',
      () => servers.serveAnswer({ status: 307, headers: { location: '/other' } }, address),
      { outcome: 'Failed', reason: 'WrongPath', message: expect.stringContaining('redirected to /other, where') },
    ],
    ['503', () => servers.serveAnswer({ status: 503, body: 'busy' }, address), { outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('busy') }],
  ])('a %s server is judged as it is directly', async (_name, serve, expected) => {
    const { port } = await up(serve());
    await eventually(async () => expect(await ask(port)).toMatchObject(expected));
  });

  it('a stateful server keeps no session and sees the Host of its Service', async () => {
    const server = await up(servers.serveStateful(address));
    expect(await ask(server.port)).toMatchObject({ outcome: 'Passed', server: { sessions: 'Stateful' } });
    expect(server.sessions.size).toBe(0);
    expect(new Set(server.requests.map(({ headers }) => headers.host))).toEqual(new Set([HOST]));
  });

  it('a refused connection is the API server\'s own answer', async () => {
    const gone = await servers.serveTcp(() => {}, address);
    await gone.close();
    expect(await ask(gone.port)).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('connection refused') });
  });

  it('a vanished pod is unreachable, not a wrong path', async () => {
    expect(await ask(8080, { pod: 'gone' })).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('"gone" not found') });
  });

  it.each(ANSWERED)('a server that answers by a stream which stays open is verified with $name', async (stream) => {
    const server = await up(serveOpenStream(stream, address));
    // One that is asked by many may lose a connection of its own, which is Unknown.
    await eventually(async () => {
      const result = await ask(server.port, { timeoutMs: 20_000 });
      expect(result).toMatchObject({ outcome: 'Passed', server: { name: 'open 🚀' } });
    });
    await eventually(() => expect(server.closed()).toBe(server.requests.length));
  });

  it.each(UNANSWERED)('a server that begins to answer and never comes to the point hangs beyond doubt with $name', async (stream) => {
    const { port } = await up(serveOpenStream(stream, address));
    // An API server that is busy itself may bring no word of it in time, which is Unknown.
    await eventually(async () => {
      const result = await ask(port, { timeoutMs: 3000 });
      expect(result).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
      expect(result).not.toHaveProperty('silent');
    });
  });

  it('an answer without end is cut', async () => {
    const { port } = await up(servers.serveHttp((_request, response) => {
      const pour = (): void => { while (!response.destroyed && response.write(': x\n\n'.repeat(2000))); };
      response.writeHead(200, { 'content-type': 'text/event-stream' }).on('drain', pour);
      pour();
    }, address));
    expect(await ask(port)).toMatchObject({ outcome: 'Failed', reason: 'OversizedReply' });
  });

  it.each(HOSTILE_SERVERS)('a server that answers with $name costs no more than the bounds', async (server) => {
    const { port } = await up(serveHostile(server, address));
    const costs: AnswerCost[] = [];
    const exchange = counting(exchangeFor({ namespace, name: 'a', ip: address, port }), costs);
    const { outcome } = await handshake(exchange, { path: '/mcp', host: HOST, timeoutMs: 2000 });
    expect(outcome).toMatch(/^(Passed|Failed|Unknown)$/);
    expect(costs.filter(exceeds)).toEqual([]);
  });

  it('silence is no evidence, until it lasts longer than the API server tries to connect', async () => {
    const { port } = await up(servers.serveTcp(() => {}, address));
    const [brief, lasting] = await Promise.all([ask(port, { timeoutMs: 500 }), ask(port, { timeoutMs: 500, patient: true })]);
    expect(brief).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', silent: true });
    expect(lasting).toMatchObject({ outcome: 'Failed', reason: 'Hang', silent: true });
  });

  it('a server that lets POST wait and answers GET hangs beyond doubt', async () => {
    const { port } = await up(
      servers.serveHttp((request, response) => {
        if (request.method === 'GET') {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        }
      }, address),
    );
    await eventually(async () => {
      const result = await ask(port, { timeoutMs: 500 });
      expect(result).toMatchObject({ outcome: 'Failed', reason: 'Hang', message: expect.stringContaining('answers GET') });
      expect(result).not.toHaveProperty('silent');
    });
  });
});
