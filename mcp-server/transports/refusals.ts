// How requests are refused over HTTP before the protocol is reached: a status, and a JSON-RPC error in one sentence.
import type { ServerResponse } from 'node:http';
import { REFUSED } from '../json-rpc.ts';

/** Seconds after which somebody who found no room should come back. */
const RETRY_AFTER_SECONDS = 5;

/** Why a request is refused; without `code` it never reached the protocol. */
export interface HttpRefusal {
  readonly status: number;
  readonly code?: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What somebody is told who holds more than is left for others: to come back later. */
export function busy(message: string, headers: Readonly<Record<string, string>> = {}): HttpRefusal {
  return { status: 503, message, headers: { 'Retry-After': String(RETRY_AFTER_SECONDS), ...headers } };
}

/** The body of a refusal. */
export function refusalBody({ code = REFUSED, message }: HttpRefusal, id: string | number | null = null): object {
  return { jsonrpc: '2.0', error: { code, message }, id };
}

/** Sends a refusal. */
export function sendError(response: ServerResponse, refusal: HttpRefusal): void {
  for (const [name, value] of Object.entries(refusal.headers ?? {})) response.setHeader(name, value);
  const body = JSON.stringify(refusalBody(refusal));
  response.writeHead(refusal.status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) }).end(body);
}
