// `mcp-operator verify`: the operator's own handshake with the MCP server at a URL, from a shell.
import { isIP } from 'node:net';
import { directExchange } from '../verification/exchange-direct.ts';
import type { HttpExchange } from '../verification/exchange.ts';
import { handshake } from '../verification/handshake.ts';
import type { HandshakeResult } from '../verification/handshake-result.ts';
import { UserError } from './user-error.ts';

/** By outcome: a client can use the server, or could with credentials; a client would fail; nobody could tell. */
export const EXIT_CODES: Readonly<Record<HandshakeResult['outcome'], number>> = { Passed: 0, Failed: 1, Unknown: 2 };

/** How long to wait. */
export interface VerifyOptions {
  /** For the whole handshake. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** Asks the server at a URL whether MCP clients could use it. Throws UserError for what is no URL of one; rejects with the reason of the signal. */
export async function verifyUrl(text: string, { timeoutSeconds, signal }: VerifyOptions): Promise<HandshakeResult> {
  const url = parseUrl(text);
  const asked = { path: url.pathname + url.search, host: url.host, isTls: url.protocol === 'https:' };
  return handshake(exchangeWith(url), { ...asked, timeoutMs: timeoutSeconds * 1000, signal });
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new UserError(`"${text}" is no http or https URL; give one such as http://localhost:3001/mcp`);
  if (url.username !== '' || url.password !== '') throw new UserError('credentials in the URL are not sent; leave them out: a server that asks for some is told as AuthRequired');
  return url;
}

function exchangeWith({ protocol, hostname, port }: URL): HttpExchange {
  const isTls = protocol === 'https:';
  const ip = hostname.replaceAll(/[[\]]/g, '');
  const exchange = directExchange({ ip, port: Number(port || (isTls ? 443 : 80)) });
  if (!isTls) return exchange;
  const tls = { servername: isIP(ip) === 0 ? ip : '' };
  return (request) => exchange({ ...request, tls });
}
