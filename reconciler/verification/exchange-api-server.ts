// Reaches a pod through the API server's pod proxy, for an operator outside the cluster's network.
import { isApiError } from '../../kubernetes/errors.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Enough, RawResponse } from '../../kubernetes/responses.ts';
import { ExchangeError, type ExchangeErrorKind, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from './exchange.ts';

/** The pod and port behind the proxy. */
export interface ProxyTarget {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/**
 * Exchanges through `pods/{name}:{port}/proxy`. The Host header is forwarded, Authorization is not. What the API
 * server answers itself is an ExchangeError. Silence is NoAnswer: whether the pod was reached cannot be seen. An answer
 * that is begun and not ended in time is a Hang. Over TLS the API server checks no certificate of a pod.
 */
export function apiServerExchange(client: Pick<KubernetesClient, 'request'>, target: ProxyTarget): HttpExchange {
  return async (request) => {
    if (request.headers['authorization'] !== undefined) {
      throw new ExchangeError('Unreachable', NOT_FORWARDED, { plainly: NOT_FORWARDED });
    }
    const response = await send(client, target, request);
    const own = ownAnswer({ status: response.status, body: response.body.toString() });
    if (own !== undefined) throw own;
    return asOfPod(response, proxyPath(target, request), request);
  };
}

const NOT_FORWARDED = 'the API server does not forward the Authorization header: run the operator with --pod-access=direct where it reaches pods';
const NOT_ALLOWED = "the operator may not use the API server's pod proxy";

/** Room for an answer of the API server itself, which only as a whole is told from the pod's. */
const OWN_ANSWER_BYTES = 64 * 1024;

/** What a pod answers may stay open: nothing is waited for beyond what was asked for. */
function enoughOf({ maxBytes, enough }: ExchangeRequest): Enough {
  return (head) => {
    const mayBeOwn = head.status >= 400;
    const look = maxBytes === 0 && !mayBeOwn ? true : enough?.(head);
    let bytes = 0;
    return look === true || ((chunk) => {
      bytes += chunk.length;
      return (bytes > maxBytes && !mayBeOwn) || look?.(chunk) === true;
    });
  };
}

function proxyPath({ namespace, name, port }: ProxyTarget, { tls = false }: ExchangeRequest): string {
  return `/api/v1/namespaces/${namespace}/pods/${tls === false ? '' : 'https:'}${name}:${port}/proxy`;
}

/** Undoes what the proxy did to the answer, and cuts it. */
function asOfPod({ status, headers, body, truncated }: RawResponse, proxy: string, limits: ExchangeRequest): ExchangeResponse {
  const { maxBytes, keepBytes = maxBytes } = limits;
  const { location } = headers;
  return {
    status,
    headers: location?.startsWith(`${proxy}/`) === true ? { ...headers, location: location.slice(proxy.length) } : headers,
    body: body.subarray(0, Math.min(maxBytes, keepBytes)).toString(),
    truncated: truncated || body.length > maxBytes,
  };
}

async function send(client: Pick<KubernetesClient, 'request'>, target: ProxyTarget, request: ExchangeRequest): Promise<RawResponse> {
  const { method, path, headers, body, timeoutMs, maxBytes, keepBytes = maxBytes, maxPieces, signal } = request;
  const enough = enoughOf(request);
  let isBegun = false;
  try {
    return await client.request(method, `${proxyPath(target, request)}${path}`, {
      headers: { ...headers },
      timeoutMs,
      maxBytes: Math.max(maxBytes, OWN_ANSWER_BYTES),
      keepBytes: Math.max(keepBytes, OWN_ANSWER_BYTES),
      maxPieces,
      enough: (head) => {
        isBegun = true;
        return enough(head);
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (error.kind !== 'Timeout') throw new ExchangeError('Unreachable', `the API server cannot be asked: ${error.message}`, { cause: error, plainly: 'the API server cannot be asked' });
    if (isBegun) throw new ExchangeError('Hang', 'it began an answer, but did not end it in time', { cause: error });
    throw new ExchangeError('NoAnswer', 'it did not answer through the API server in time', { cause: error });
  }
}

/** The error in an answer the API server gave in the pod's place, undefined when the pod answered. Pure. */
export function ownAnswer(response: Pick<ExchangeResponse, 'status' | 'body'>): ExchangeError | undefined {
  if (response.status < 400) return undefined;
  const message = statusMessage(response.body);
  if (message === undefined) return undefined;
  if (response.status === 403 && !UNREACHED.test(message)) {
    return new ExchangeError('Unreachable', `${NOT_ALLOWED}: ${message}`, { plainly: NOT_ALLOWED });
  }
  const [kind] = SYMPTOMS.find(([, symptom]) => symptom.test(message)) ?? ['Unreachable' as const];
  // The API server words it by whether the pod spoke before it was asked, which varies from one try to the next.
  const symptom = kind === 'Malformed' ? 'what it received is not an HTTP answer' : message;
  return new ExchangeError(kind, `the API server reports: ${symptom}`);
}

const UNREACHED = /error trying to reach service/i;

const SYMPTOMS: readonly (readonly [ExchangeErrorKind, RegExp])[] = [
  // Its own way to the pods, not the pod.
  ['Unreachable', /dial unix|HTTP response from CONNECT/],
  ['Refused', /connection refused/],
  ['ClientCertificate', /remote error: tls: (?:certificate required|bad certificate|handshake failure)/],
  ['LargeHeaders', /server response headers exceeded/],
  ['TLS', /malformed HTTP response "\\x15\\x03/],
  ['NotTLS', /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/],
  ['Malformed', /malformed (HTTP|MIME)|unexpected content|buffered data from CONNECT proxy/],
  // The last is what it says when the pod answered before it was asked to the end, whatever the answer was.
  ['Closed', /EOF|connection reset|broken pipe|server closed|use of closed network connection/],
  ['Unreachable', /timed out|timeout|no route to host|unreachable|connection lost|context canceled/],
  // Whatever else ends an answer before it is one.
  ['Malformed', /transport connection broken/],
];

function statusMessage(body: string): string | undefined {
  try {
    const status = JSON.parse(body) as { kind?: unknown; apiVersion?: unknown; message?: unknown };
    return status.kind === 'Status' && status.apiVersion === 'v1' ? String(status.message) : undefined;
  } catch {
    return UNREACHED.test(body) ? body.trim() : undefined;
  }
}
