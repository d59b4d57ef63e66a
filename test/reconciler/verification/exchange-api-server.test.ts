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
/** Answers GET alone. */
const answeringGet = (status: number): HttpExchange => (request) => request.method === 'GET'
  ? Promise.resolve({ status, headers: {}, body: '', truncated: false })
  : silent(new ExchangeError('NoAnswer', ''))(request);

describe('an answer the API server gives in the pod\'s place', () => {
  it.each([
    [503, status(`${REACH} dial tcp 10.0.0.1:80: connect: connection refused`), 'Refused'],
    [503, status(`${REACH} dial tcp 10.0.0.1:80: i/o timeout`), 'Unreachable'],
    [503, status(`${REACH} EOF`), 'Closed'],
    [503, status(`${REACH} readfrom tcp 10.0.0.2:1->10.0.0.1:80: write tcp 10.0.0.2:1->10.0.0.1:80: use of closed network connection`), 'Closed'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02F"`), 'TLS'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9.9"`), 'Malformed'],
    [503, status(`${REACH} unexpected 11 bytes of buffered data from CONNECT proxy`), 'Malformed'],
    [503, status(`${REACH} remote error: tls: certificate required`), 'ClientCertificate'],
    [503, status(`${REACH} remote error: tls: bad certificate`), 'ClientCertificate'],
    [503, status(`${REACH} net/http: server response headers exceeded 10485760 bytes; aborted`), 'LargeHeaders'],
    [502, `${REACH} no route to host`, 'Unreachable'],
    [503, "Error trying to reach service: 'dial tcp 10.0.0.1:80: i/o timeout'", 'Unreachable'],
    [503, status(`${REACH} dial tcp 10.0.0.1:80: connect: no route to host`), 'Unreachable'],
    [503, status(`${REACH} dial unix /run/egress.sock: connect: connection refused`), 'Unreachable'],
    [503, status(`${REACH} dial unix /run/egress.sock: connect: no such file or directory`), 'Unreachable'],
    [503, status(`${REACH} proxy error from 10.0.0.9:8131 while dialing 10.0.0.1:80, code 503: 503 Service Unavailable`), 'Unreachable'],
    [503, status(`${REACH} reading HTTP response from CONNECT to 10.0.0.1:80 via proxy 10.0.0.9:8131 failed: unexpected EOF`), 'Unreachable'],
    [503, status(`${REACH} reading HTTP response from CONNECT to 10.0.0.1:80 via proxy 10.0.0.9:8131 failed: malformed HTTP response "x"`), 'Unreachable'],
    [503, status(`${REACH} No agent available`), 'Unreachable'],
    [503, status(`${REACH} context deadline exceeded`), 'Unreachable'],
    [503, status(`${REACH} net/http: TLS handshake timeout`), 'Unreachable'],
    [503, status(`${REACH} http2: client connection lost`), 'Unreachable'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: write tcp 10.0.0.2:1->10.0.0.1:80: write: broken pipe`), 'Closed'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: read tcp 10.0.0.2:1->10.0.0.1:80: read: connection timed out`), 'Unreachable'],
    [503, status(`${REACH} net/http: HTTP/1.x transport connection broken: too many transfer encodings: ["a" "b"]`), 'Malformed'],
    [500, status('error dialing backend: dial tcp 10.0.0.9:10250: connect: no route to host'), 'Unreachable'],
    [504, status('Timeout: request did not complete within the allotted timeout'), 'Unreachable'],
    [429, status('too many requests, please try again later'), 'Unreachable'],
    [401, status('Unauthorized'), 'Unreachable'],
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
    const exchange = apiServerExchange(
      { request: () => Promise.reject(new ApiError(apiError, 'no')) },
      { namespace: 'ns', name: 'a', port: 80 },
    );
    const asked = exchange({ method: 'GET', path: '/', headers: {}, timeoutMs: 1, maxBytes: 1, maxPieces: 1 });
    await expect(asked).rejects.toMatchObject({ name: 'ExchangeError', kind });
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
  const ask = { method: 'GET', path: '/', headers: {}, timeoutMs: 1, maxBytes: 1, maxPieces: 1 } as const;

  it('is still recognized as the API server\'s own', async () => {
    await expect(answering(503, status(`${REACH} EOF`))(ask)).rejects.toMatchObject({ name: 'ExchangeError', kind: 'Closed' });
  });

  it('is cut if it is the pod\'s', async () => {
    expect(await answering(503, 'busy')(ask)).toMatchObject({ status: 503, body: 'b', truncated: true });
    expect(await answering(200, 'b')(ask)).toMatchObject({ body: 'b', truncated: false });
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
}, { namespace: 'ns', name: 'a', port: 80 })({ method: 'GET', path: '/mcp', headers: {}, timeoutMs: 1, maxBytes: 1, maxPieces: 1 });

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

  it('says nothing of a server', async () => {
    expect(await handshake(silent(stillSilent), options)).toEqual({
      outcome: 'Unknown',
      reason: 'Unreachable',
      silent: true,
      message: expect.stringContaining('either it hangs, or the API server has no way to it'),
    });
  });

  it('is a hang if it lasts longer than the API server tries to connect, unless the silence of others speaks against that', async () => {
    expect(await handshake(silent(stillSilent), { ...options, patient: true })).toMatchObject({ outcome: 'Failed', reason: 'Hang', silent: true });
  });

  it('is no hang if the API server cannot connect', async () => {
    const result = await handshake(silent(noRoute), { ...options, patient: true });
    expect(result).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('i/o timeout') });
    expect(result).not.toHaveProperty('silent');
  });

  it.each([200, 405])('to POST is a hang beyond doubt if GET is answered, as with %i', async (status) => {
    const result = await handshake(answeringGet(status), options);
    expect(result).toMatchObject({ outcome: 'Failed', reason: 'Hang' });
    expect(result).not.toHaveProperty('silent');
  });

  it('is none if it is a proxy on the way that answers GET', async () => {
    expect(await handshake(answeringGet(504), options)).toMatchObject({ outcome: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('HTTP 504') });
  });
});
