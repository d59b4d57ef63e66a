// Messages of a real API server 1.36, without the server.
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../kubernetes/errors.ts';
import { apiServerExchange, ownAnswer } from '../../../reconciler/verification/exchange-api-server.ts';
import { ExchangeError, type HttpExchange } from '../../../reconciler/verification/exchange.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';

const status = (message: string): string => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message });
const REACH = 'error trying to reach service:';

/** Answers nothing in the time of a handshake, and `then` if waited for longer than the API server tries to connect. */
const silent = (then: ExchangeError): HttpExchange => ({ timeoutMs }) =>
  Promise.reject(timeoutMs > 30_000 ? then : new ExchangeError('NoAnswer', 'it did not answer in time'));

describe('an answer the API server gives in the pod\'s place', () => {
  it.each([
    [503, status(`${REACH} dial tcp 10.0.0.1:80: connect: connection refused`), 'Refused'],
    [503, status(`${REACH} dial tcp 10.0.0.1:80: i/o timeout`), 'Unreachable'],
    [503, status(`${REACH} EOF`), 'Closed'],
    [503, status(`${REACH} readfrom tcp 10.0.0.2:1->10.0.0.1:80: write tcp 10.0.0.2:1->10.0.0.1:80: use of closed network connection`), 'Closed'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02F"`), 'TLS'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9.9"`), 'Malformed'],
    [503, status(`${REACH} unexpected 11 bytes of buffered data from CONNECT proxy`), 'Malformed'],
    [502, `${REACH} no route to host`, 'Unreachable'],
    [404, status('pods "a" not found'), 'Unreachable'],
    [403, status('pods "a" is forbidden: User "x" cannot create resource "pods/proxy"'), 'Unreachable'],
  ])('is recognized: %i %s', (code, body, kind) => {
    expect(ownAnswer({ status: code, body })?.kind).toBe(kind);
  });

  it('reads the same whether the pod spoke before it was asked or after', () => {
    const [before, after] = ['unexpected 11 bytes of buffered data from CONNECT proxy', 'malformed HTTP response "SSH-2.0"']
      .map((symptom) => ownAnswer({ status: 503, body: status(`${REACH} ${symptom}`) })?.message);
    expect(before).toBe(after);
  });

  it('names the permission that is missing', () => {
    expect(ownAnswer({ status: 403, body: status('pods "a" is forbidden') })?.message).toMatch(/may not use .* pod proxy: pods "a" is forbidden/);
  });

  it.each([[403, 'Invalid Host'], [404, '{"error":"not found"}'], [503, 'busy'], [200, status('ok')]])('is told from the pod\'s own: %i %s', (code, body) => {
    expect(ownAnswer({ status: code, body })).toBeUndefined();
  });
});

describe('a request through the API server', () => {
  it.each([['Timeout', 'NoAnswer'], ['Network', 'Unreachable'], ['Unauthorized', 'Unreachable']] as const)('that ends as %s is %s', async (apiError, kind) => {
    const exchange = apiServerExchange({ request: () => Promise.reject(new ApiError(apiError, 'no')) }, { namespace: 'ns', name: 'a', port: 80 });
    await expect(exchange({ method: 'GET', path: '/', headers: {}, timeoutMs: 1, maxBytes: 1 })).rejects.toMatchObject({ name: 'ExchangeError', kind });
  });
});

describe('an answer longer than asked for', () => {
  const target = { namespace: 'ns', name: 'a', port: 80 };
  /** Cuts as the client does. */
  const answering = (code: number, answer: string): HttpExchange => apiServerExchange({
    request: (_method, _path, options) => {
      const maxBytes = options?.maxBytes ?? Infinity;
      const body = Buffer.from(answer);
      return Promise.resolve({ status: code, headers: {}, body: body.subarray(0, maxBytes), truncated: body.length > maxBytes });
    },
  }, target);
  const ask = { method: 'GET', path: '/', headers: {}, timeoutMs: 1, maxBytes: 1 } as const;

  it('is still recognized as the API server\'s own', async () => {
    await expect(answering(503, status(`${REACH} EOF`))(ask)).rejects.toMatchObject({ name: 'ExchangeError', kind: 'Closed' });
  });

  it('is cut if it is the pod\'s', async () => {
    expect(await answering(503, 'busy')(ask)).toMatchObject({ status: 503, body: 'b', truncated: true });
    expect(await answering(200, 'b')(ask)).toMatchObject({ body: 'b', truncated: false });
  });

  it('is not waited for if it may be a stream', async () => {
    let read: number | undefined;
    const exchange = apiServerExchange({
      request: (_method, _path, options) => {
        read = options?.maxBytes;
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('e'), truncated: true });
      },
    }, target);
    await exchange({ ...ask, headers: { accept: 'text/event-stream' } });
    expect(read).toBe(1);
  });

  it('does not make a server that closes every connection one that speaks TLS', async () => {
    const result = await handshake(answering(503, status(`${REACH} EOF`)), { path: '/mcp', host: 'a', timeoutMs: 10_000 });
    expect(result).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('EOF') });
  });

  it('does not make a pod out of reach one that hangs', async () => {
    const late = answering(503, status(`${REACH} dial tcp 10.0.0.1:80: i/o timeout`));
    const exchange: HttpExchange = (request) => request.timeoutMs > 30_000 ? late(request) : silent(new ExchangeError('NoAnswer', ''))(request);
    expect(await handshake(exchange, { path: '/mcp', host: 'a', timeoutMs: 10_000, patient: true })).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable' });
  });
});

const redirected = (location: string): ReturnType<HttpExchange> => apiServerExchange({
  request: () => Promise.resolve({ status: 307, headers: { location }, body: Buffer.alloc(0), truncated: false }),
}, { namespace: 'ns', name: 'a', port: 80 })({ method: 'GET', path: '/mcp', headers: {}, timeoutMs: 1, maxBytes: 1 });

describe('a redirect', () => {
  it.each([
    ['/api/v1/namespaces/ns/pods/a:80/proxy/other', '/other'],
    ['/api/v1/namespaces/ns/pods/a:80/proxy/', '/'],
    ['/api/v1/namespaces/ns/pods/b:80/proxy/other', '/api/v1/namespaces/ns/pods/b:80/proxy/other'],
    ['https://login.example.com/', 'https://login.example.com/'],
  ])('to %s names %s', async (location, named) => {
    expect((await redirected(location)).headers.location).toBe(named);
  });
});

describe('silence through the API server', () => {
  const options = { path: '/mcp', host: 'a', timeoutMs: 10_000 };
  const noRoute = new ExchangeError('Unreachable', 'i/o timeout');
  const stillSilent = new ExchangeError('NoAnswer', 'it did not answer in time');

  it('says nothing of a server never heard of', async () => {
    expect(await handshake(silent(stillSilent), options)).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('either it hangs') });
  });

  it('is a hang of a server that answered before', async () => {
    expect(await handshake(silent(noRoute), { ...options, answeredBefore: true })).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('is a hang if it lasts longer than the API server tries to connect', async () => {
    expect(await handshake(silent(stillSilent), { ...options, patient: true })).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
  });

  it('is no hang if the API server cannot connect', async () => {
    expect(await handshake(silent(noRoute), { ...options, patient: true })).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('i/o timeout') });
  });
});
