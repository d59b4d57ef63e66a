// Servers that take no client without a certificate, and headers that are too large: told as what they are, on either side.
import { afterEach, describe, expect, it } from 'vitest';
import { ADVICE } from '../../../reconciler/verification/advice.ts';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import type { HandshakeResult } from '../../../reconciler/verification/handshake-result.ts';
import { withoutWords } from '../../../reconciler/verification/withheld.ts';
import { certificateFor, serveAnswer, serveTcp, serveTls, type RunningServer } from '../../support/mcp-servers.ts';

const running: RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

const HOST = 'demo.tools.svc.cluster.local:8080';
const CERTIFICATE = certificateFor('demo.tools.svc.cluster.local');

async function shake(server: RunningServer, tls = false): Promise<HandshakeResult> {
  running.push(server);
  const exchange = directExchange({ ip: '127.0.0.1', port: server.port });
  const trust = { servername: 'demo.tools.svc.cluster.local', ca: CERTIFICATE.cert };
  return handshake((request) => exchange(tls ? { ...request, tls: trust } : request), { path: '/mcp', host: HOST, timeoutMs: 10_000 });
}

describe('a server that demands a client certificate', () => {
  it.each([['TLSv1.2'], ['TLSv1.3']] as const)('is told as that, and its own is not blamed: %s', async (version) => {
    const demands = { ca: CERTIFICATE.cert, requestCert: true, rejectUnauthorized: true };
    const mutual = { ...CERTIFICATE, ...demands, minVersion: version, maxVersion: version };
    const result = await shake(await serveTls(undefined, mutual), true);
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'Forbidden' });
    expect(result.message).toMatch(/^The server demands a client certificate: it ended the TLS handshake \((?:certificate required|handshake failure|bad certificate)\)\./);
    expect(result.message).toContain(ADVICE.mutual);
  });

  it.each([
    [400, '<html><head><title>400 No required SSL certificate was sent</title></head></html>'],
    [496, 'SSL Certificate Required'],
    [495, 'SSL Certificate Error'],
    [403, 'client certificate required'],
  ])('is told as that where who stands before it says so in HTTP %i', async (status, body) => {
    const result = await shake(await serveAnswer({ status, headers: { 'content-type': 'text/html' }, body }));
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'Forbidden', message: expect.stringMatching(/^The server demands a client certificate: it answered with HTTP \d+/) });
  });

  it('is told as that where its words are withheld', () => {
    const answer = { status: 400, headers: {}, body: 'No required SSL certificate was sent, token-7', truncated: false };
    expect(withoutWords(answer).body).toBe('no required SSL certificate was sent');
  });
});

describe('headers that are too large', () => {
  it('of the request are told as that, with what was sent', async () => {
    const result = await shake(await serveAnswer({ status: 431, headers: { 'content-type': 'text/plain' }, body: 'too large' }));
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'NotMCP', message: `The server finds the headers of the request too large: HTTP 431 (text/plain: too large). ${ADVICE.header}` });
  });

  it('of the answer are told as that, and not as something that does not speak HTTP', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n{}`;
    const result = await shake(await serveTcp((socket) => socket.once('data', () => socket.end(head))));
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'OversizedReply', message: expect.stringContaining('the headers of its answer are larger than 16 KiB') });
  });
});
