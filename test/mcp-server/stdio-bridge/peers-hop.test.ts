// What a replica sends to another one, seen by an HTTP server that stands in the other one's place.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { newSessionId } from '../../../mcp-server/stdio-bridge/session-ids.ts';
import { raw } from '../server-process.ts';
import { freePort } from '../../cluster/ports.ts';
import { fixture, startBridge, until, type BridgeProcess } from './bridge-process.ts';

const [EDGE, PEER] = ['127.0.0.2', '127.0.0.3'];
const SESSION = { 'mcp-session-id': newSessionId(PEER) };

async function before(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<BridgeProcess> {
  const port = await freePort(PEER);
  const peer = createServer(answer).listen(port, PEER);
  await once(peer, 'listening');
  const edge = await startBridge(fixture('light'), ['--host', EDGE, '--address', EDGE, '--port', String(port), '--path', '/a/mcp', '--peers', PEER, '--warm', '0']);
  onTestFinished(async () => {
    peer.closeAllConnections();
    peer.close();
    expect(await edge.stop()).toBe(0);
  });
  return edge;
}

test('a request goes on as it came, less what belongs to the connection and what was judged; and so does the answer', async () => {
  const seen: IncomingMessage[] = [];
  const from: string[] = [];
  let body = '';
  const edge = await before((request, response) => {
    seen.push(request);
    from.push(request.socket.remoteAddress ?? '');
    request.on('data', (chunk) => (body += String(chunk))).on('end', () => {
      response.writeHead(418, { 'Retry-After': '7', 'X-Own': 'yes', Connection: 'close, X-Hop', 'X-Hop': 'no' }).end('short and stout');
    });
  });
  const headers = {
    ...SESSION,
    'content-type': 'application/json',
    'mcp-protocol-version': '2025-11-25',
    'last-event-id': '3',
    authorization: 'Bearer x',
    'x-forwarded-for': '10.9.9.9',
    accept: 'text/event-stream',
    host: 'localhost:9',
    origin: 'http://localhost:9',
    connection: 'close, X-Named',
    'x-named': 'no',
    te: 'trailers',
  };
  const answer = await raw(edge.port, { host: EDGE, from: '127.0.0.9', method: 'POST', path: '/a/mcp?evil=http://10.0.0.1/', headers, body: '{"any": "thing"}' });
  expect([answer.status, answer.body, answer.headers['retry-after'], answer.headers['x-own'], answer.headers['x-hop']]).toEqual([418, 'short and stout', '7', 'yes', undefined]);
  expect([seen.length, seen[0]?.method, seen[0]?.url, body]).toEqual([1, 'POST', '/a/mcp', '{"any": "thing"}']);
  expect(seen[0]?.headers).toEqual({
    ...SESSION,
    'content-type': 'application/json',
    'content-length': '16',
    'mcp-protocol-version': '2025-11-25',
    'last-event-id': '3',
    authorization: 'Bearer x',
    'x-forwarded-for': '10.9.9.9',
    accept: 'text/event-stream',
    host: `${PEER}:${edge.port}`,
    'mcp-bridge-hop': '127.0.0.9',
    connection: 'keep-alive',
  });
  expect(from).toEqual([EDGE]);
});

test('connections are used again, and closed when nobody needs them', async () => {
  const sockets = new Set<unknown>();
  let open = 0;
  const edge = await before((request, response) => {
    if (!sockets.has(request.socket)) request.socket.once('close', () => (open -= 1));
    if (!sockets.has(request.socket)) open += 1;
    sockets.add(request.socket);
    response.end('{}');
  });
  for (let time = 0; time < 20; time += 1) {
    const { status } = await raw(edge.port, { host: EDGE, method: 'DELETE', path: '/a/mcp', headers: SESSION });
    expect(status).toBe(200);
  }
  expect(sockets.size).toBeLessThan(10);
  await until('it is closed', () => open === 0);
});

test('an answer that breaks off breaks off for the client, too', async () => {
  const edge = await before((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: {}\n\n', () => response.destroy());
  });
  const answer = await fetch(`http://${EDGE}:${edge.port}/a/mcp`, { headers: { accept: 'text/event-stream', ...SESSION } });
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow('terminated');
  expect(await edge.metric('mcp_bridge_forward_failures_total{why="cut off"}')).toBe(1);
});

test('a body that is refused early leaves the connection of the client usable, and nothing waits', async () => {
  const edge = await before((request, response) => {
    response.writeHead(413, { 'Content-Type': 'application/json' }).end('{}');
    request.resume();
  });
  const headers = { ...SESSION, 'content-type': 'application/json' };
  for (let time = 0; time < 3; time += 1) {
    const answer = await fetch(`http://${EDGE}:${edge.port}/a/mcp`, { method: 'POST', headers, body: 'x'.repeat(2 * 1024 * 1024) });
    expect([answer.status, await answer.text()]).toEqual([413, '{}']);
  }
  await until('nothing waits', async () => (await edge.metric('mcp_bridge_forwards_open')) === 0);
});
