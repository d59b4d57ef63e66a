// What a pod may do before and after the body of its answer.
import { afterEach, describe, expect, it } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import type { ExchangeRequest, ExchangeResponse } from '../../../reconciler/verification/exchange.ts';
import { serveTcp, type RunningServer } from '../../support/mcp-servers.ts';

const running: RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

/** Asks a server that answers every request so. */
async function ask(pieces: readonly string[], request: Partial<ExchangeRequest> = {}): Promise<ExchangeResponse> {
  const server = await serveTcp((socket) => {
    socket.setNoDelay(true).once('data', () => void (async () => {
      for (const piece of pieces) {
        await new Promise((resolve) => { socket.write(piece, resolve); });
        await new Promise((resolve) => { setTimeout(resolve, 1); });
      }
    })());
  });
  running.push(server);
  const usual = { method: 'GET', path: '/', headers: {}, timeoutMs: 20_000, maxBytes: 1000, maxPieces: 1000 } as const;
  return directExchange({ ip: '127.0.0.1', port: server.port })({ ...usual, ...request });
}

const INTERIM = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';

describe('an answer', () => {
  it('may follow 16 interim answers', async () => {
    expect(await ask([INTERIM.repeat(16), `${HEAD}hello`])).toMatchObject({ status: 200, body: 'hello', truncated: false });
  });

  it('is not waited for beyond 16 interim answers', async () => {
    await expect(ask([INTERIM.repeat(17)])).rejects.toMatchObject({ kind: 'Malformed', message: expect.stringContaining('more than 16 interim') });
  });

  it('may come in as many pieces as are allowed, its head counted', async () => {
    expect(await ask(Array.from(`${HEAD}hello`), { maxPieces: HEAD.length + 5 })).toMatchObject({ body: 'hello', truncated: false });
  });

  it('is given up when its head drips', async () => {
    await expect(ask(Array.from(HEAD.repeat(10)), { maxPieces: 10 })).rejects.toMatchObject({ kind: 'Malformed', message: 'its answer came in more than 10 pieces' });
  });

  it('is cut after as many pieces as are allowed, though they come in one segment', async () => {
    const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + '1\r\nx\r\n'.repeat(100);
    expect(await ask([chunks], { maxPieces: 10 })).toMatchObject({ body: 'x'.repeat(11), truncated: true });
  });

  it('is cut after as many bytes as are allowed', async () => {
    expect(await ask([`${HEAD}hello`], { maxBytes: 3 })).toMatchObject({ body: 'hel', truncated: true });
    expect(await ask([`${HEAD}hello`], { maxBytes: 5, keepBytes: 2 })).toMatchObject({ body: 'he', truncated: false });
  });

  it('without an end, on a connection that stays open, is a hang and no short answer', async () => {
    await expect(ask(['HTTP/1.1 200 OK\r\n\r\nhel'], { timeoutMs: 300 })).rejects.toMatchObject({ kind: 'Hang' });
  });
});
