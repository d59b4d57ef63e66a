// One hop of a request from a replica to the one that has its session: what the request and its answer carry over it. Pure.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * The header of a request that another replica passed on; its value says whose request it is. It is never passed on again. That is
 * all there is to it: whoever sends it gains nothing but the last place to be asked.
 */
export const MARK = 'mcp-bridge-hop';

/** What belongs to one connection (RFC 9110, 7.6.1). */
const OF_CONNECTION = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** The first replica judged them, and says for others what they say. */
const JUDGED = ['host', 'origin', MARK];

/** Where a request is to go, and whose it is. */
export interface Hop {
  readonly address: string;
  readonly client: string;
}

/** The headers that a request is passed on with: those it has, for that hop. */
export function requestHeaders(headers: IncomingHttpHeaders, { address, client }: Hop, port: number): OutgoingHttpHeaders {
  return { ...endToEnd(headers, JUDGED), host: `${isIPv6(address) ? `[${address}]` : address}:${port}`, [MARK]: client };
}

/** The headers that an answer is passed back with. */
export function answerHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return endToEnd(headers, []);
}

function endToEnd(headers: IncomingHttpHeaders, others: readonly string[]): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const left = new Set([...OF_CONNECTION, ...named, ...others]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
}
