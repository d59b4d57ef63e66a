// Reaches a pod by its own address, or over a connection that leads to it.
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { boundInterim } from '../../kubernetes/interim-answers.ts';
import { readBody } from '../../kubernetes/transport.ts';
import { ExchangeError, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from './exchange.ts';

/** Where the server is, and where that is no address, how it is connected to; what ends the connection is told as its error. */
interface Target {
  readonly ip: string;
  readonly port: number;
  readonly connect?: () => Duplex;
}

/** Exchanges on a connection of their own with a pod's address. */
export function directExchange(target: Target): HttpExchange {
  return (request) => exchange(target, request);
}

async function exchange(target: Target, request: ExchangeRequest): Promise<ExchangeResponse> {
  const { method, path, headers, body, timeoutMs } = request;
  const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const client = request.tls ? https : http;
  const trust = typeof request.tls === 'object' ? request.tls : { rejectUnauthorized: false, servername: '' };
  const sent = client.request({
    host: target.ip, port: target.port, method, path, signal, ...trust,
    ...(target.connect === undefined ? { agent: false } : { createConnection: target.connect }),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
  }, resolve);
  let connected = target.connect !== undefined;
  sent.on('socket', (socket) => socket.once('connect', () => { connected = true; }));
  sent.on('error', reject);
  boundInterim(sent);
  boundReads(sent, request.maxPieces);
  // Node writes headers and a body that is text in one encoding, UTF-8, and would so spoil a session id that came in Latin-1.
  sent.end(body === undefined ? undefined : Buffer.from(body));
  try {
    const answer = await readBody(await promise, { ...request, signal });
    return { ...answer, body: answer.body.toString() };
  } catch (error) {
    if (request.signal?.aborted === true) throw request.signal.reason;
    if (deadline.aborted) throw timedOut(connected);
    throw explain(error as NodeJS.ErrnoException & { rawPacket?: Buffer });
  } finally {
    sent.destroy();
  }
}

/** Ends the request when its answer, the head included, drips: each byte that comes alone costs a turn of the event loop. */
function boundReads(sent: http.ClientRequest, most: number): void {
  let reads = 0;
  const onData = (): void => {
    reads += 1;
    if (reads > most) sent.destroy(Object.assign(new Error(`its answer came in more than ${most} pieces`), { code: 'ERR_TOO_MANY_PIECES' }));
  };
  sent.on('socket', (socket) => socket.on('data', onData));
}

const NOT_ACCEPTED = 'it did not accept a connection in time';

/** The alerts of a server that wants a certificate of the client, as OpenSSL names them: those of TLS 1.2 say no more than the last one. */
const CLIENT_CERTIFICATE_ALERT = /\balert (certificate required|bad certificate|no certificate|handshake failure)\b/;

const NO_ADDRESS = 'no address is known for its name';

function timedOut(connected: boolean): ExchangeError {
  return connected
    ? new ExchangeError('Hang', 'it accepted the connection, but did not answer in time')
    : new ExchangeError('Unreachable', NOT_ACCEPTED, { plainly: NOT_ACCEPTED });
}

function explain(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): ExchangeError {
  const { code = '', message, rawPacket } = error;
  const options = { cause: error };
  if (code === 'ECONNREFUSED') return new ExchangeError('Refused', 'connection refused', options);
  if (code === 'ECONNRESET' || code === 'EPIPE') return new ExchangeError('Closed', 'it closed the connection without an answer', options);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new ExchangeError('Unreachable', NO_ADDRESS, { ...options, plainly: NO_ADDRESS });
  if (code === 'EPROTO' && /wrong version number|packet length too long|http request/.test(message)) return new ExchangeError('NotTLS', 'it did not answer in TLS', options);
  const [, alert] = CLIENT_CERTIFICATE_ALERT.exec(message) ?? [];
  if (alert !== undefined) return new ExchangeError('ClientCertificate', `it ended the TLS handshake (${alert})`, options);
  if (code === 'HPE_HEADER_OVERFLOW') return new ExchangeError('LargeHeaders', 'the headers of its answer are larger than 16 KiB', options);
  if (/CERT|ISSUER|SIGNATURE|CRL/.test(code)) return new ExchangeError('Certificate', message.replace(/; if the root CA .*$/, ''), { ...options, plainly: code });
  if (!code.startsWith('HPE_') && !code.startsWith('ERR_TOO_MANY_')) return new ExchangeError('Unreachable', message || code, options);
  // A TLS alert: content type 21, then the major version 3.
  if (rawPacket?.[0] === 0x15 && rawPacket[1] === 3) return new ExchangeError('TLS', 'it answered with a TLS alert', options);
  return new ExchangeError('Malformed', message, options);
}
