// Connections that are read by slices, before Node's own HTTP server.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener, type ServerOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { serveSliced } from '../../../mcp-server/transports/sliced-socket.ts';

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function serve(listener: RequestListener, options: ServerOptions = {}): Promise<number> {
  const server = createServer(options, listener);
  serveSliced(server, () => true);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

function open(port: number, options: { allowHalfOpen?: boolean } = {}): Socket {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('no more is read of a connection that is ended than the slice at hand', async () => {
  let requests = 0;
  const port = await serve(({ socket }) => {
    requests += 1;
    socket.destroy();
  });
  const socket = open(port);
  const ended = new Promise((resolve) => void socket.on('error', () => undefined).once('close', resolve).resume());
  socket.write(GET.repeat(2000));
  await ended;
  expect(requests).toBeLessThanOrEqual(Math.ceil(2048 / GET.length));
});

test('a body of any length arrives whole and in order, and so does its answer', async () => {
  const port = await serve((asked, response) => asked.pipe(response));
  const body = randomBytes(3 * 1024 * 1024 + 7);
  const asking = request({ port, host: '127.0.0.1', method: 'POST' });
  asking.end(body);
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece);
  expect(Buffer.concat(pieces).equals(body)).toBe(true);
});

test('a client that sends all it has to say and ends its half is answered', async () => {
  const port = await serve((_asked, response) => response.end('grüß dich'));
  const socket = open(port, { allowHalfOpen: true });
  socket.write(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  expect(await text(socket)).toContain('grüß dich');
});

test('requests that wait for one another are answered in their order', async () => {
  let asked = 0;
  const port = await serve((_request, response) => {
    const number = (asked += 1);
    setTimeout(() => response.end(`<${number}>`), number === 1 ? 50 : 0);
  });
  const socket = open(port);
  socket.write(GET.repeat(2) + GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  expect((await text(socket)).match(/<\d>/g)).toEqual(['<1>', '<2>', '<3>']);
});

test('an idle connection is closed in its time', async () => {
  const port = await serve((_asked, response) => response.end('ok'), { keepAliveTimeout: 50 });
  const socket = open(port);
  socket.write(GET);
  expect(await text(socket)).toContain('ok');
});

test('headers that do not end are given up in their time', async () => {
  const timeouts = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 };
  const port = await serve((_asked, response) => response.end('ok'), timeouts);
  const socket = open(port);
  socket.write('GET / HTTP/1.1\r\n');
  expect(await text(socket)).toContain('408');
});

test('a client that goes ends what its requests hold', async () => {
  const gone = Promise.withResolvers<void>();
  const port = await serve((_asked, response) => {
    response.once('close', gone.resolve).write('so far');
  });
  const socket = open(port);
  socket.write(GET);
  await once(socket, 'data');
  socket.resetAndDestroy();
  expect(await gone.promise).toBeUndefined();
});
