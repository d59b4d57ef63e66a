// What a handshake needs with a server that is guarded: trust in its certificate, and credentials. Read anew for every
// handshake, kept nowhere, and never in a message: of a server that was sent some no word is shown.
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { isTakenHeader } from '../../charts/api/verification-rules.ts';
import { DEFAULT_HEADER } from '../../charts/api/verification-fields.ts';
import { plain } from '../../kubernetes/text.ts';
import type { HttpExchange } from './exchange.ts';
import type { HandshakeResult, Unknown } from './handshake-result.ts';

/** How a server is guarded. */
export type Guard = Pick<ResolvedSpec['verification'], 'credentialsSecretRef' | 'header'> & {
  readonly tls: ResolvedSpec['tls'];
  /** Whether it may know credentials that it is sent no more. */
  readonly knowsCredentials?: true;
};

/** How the server of a spec is guarded. Credentials in a header that is not for them, as an older rule let it be stored, are left out. */
export function guardOf({ tls, verification: { credentialsSecretRef, header = DEFAULT_HEADER } }: ResolvedSpec): Guard {
  if (!isTakenHeader(header)) return { tls, credentialsSecretRef, header };
  return { tls, credentialsSecretRef: undefined, header: undefined, knowsCredentials: true };
}

/** One key of a ConfigMap or Secret. */
export interface KeyReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Reads a key. Rejects with an Error whose message says what is wrong and what to do, and nothing of the value; when `signal` aborts, too. */
export type ReadKey = (reference: KeyReference, signal?: AbortSignal) => Promise<string>;

export interface GuardedServer {
  readonly namespace: string;
  /** Host header; the certificate must be for the name in it. */
  readonly host: string;
  readonly guard: Guard;
}

/** An exchange that passes the guard, and a reading of results that knows of it. */
export interface SecuredExchange {
  readonly exchange: HttpExchange;
  /** The same without the credentials. */
  readonly bare: HttpExchange;
  /** Whether the server knows a credential, so that none of its words may be shown. */
  readonly withhold: boolean;
  readonly judge: (result: HandshakeResult) => HandshakeResult;
}

/** Wraps an exchange; Unknown when what it needs cannot be read. */
export async function securedExchange(exchange: HttpExchange, server: GuardedServer, readKey: ReadKey): Promise<SecuredExchange | Unknown> {
  const { namespace, host, guard: { tls, credentialsSecretRef: secret, header = DEFAULT_HEADER } } = server;
  try {
    const ca = tls?.caBundleRef && (await readKey({ kind: 'ConfigMap', namespace, ...tls.caBundleRef }));
    const credentials = secret && asHeader(await readKey({ kind: 'Secret', namespace, ...secret }), secret);
    const trust = tls && { servername: host.replace(/:\d+$/, ''), ...(ca !== undefined && { ca }) };
    const bare: HttpExchange = (request) => exchange({ ...request, ...(trust && { tls: trust }) });
    return {
      exchange: credentials === undefined
        ? bare
        : (request) => bare({ ...request, headers: { ...request.headers, [header.toLowerCase()]: credentials } }),
      bare,
      withhold: credentials !== undefined || server.guard.knowsCredentials === true,
      judge: (result) => (secret === undefined ? result : judgeCredentials(result, secret)),
    };
  } catch (error) {
    return { outcome: 'Unknown', reason: 'Unreachable', message: `The server could not be asked: ${plain((error as Error).message, 500)}` };
  }
}

/** Whether a text can be the value of a header as it is: one line of printable ASCII. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e]+$/.test(text);
}

function asHeader(value: string, { name, key }: { name: string; key: string }): string {
  const trimmed = value.trim();
  if (!isHeaderValue(trimmed)) throw new Error(`key ${key} of Secret ${name} is no header value: it must be one line of printable ASCII, such as "Bearer TOKEN".`);
  return trimmed;
}

/** Who demands authentication of a client that has it refuses its credentials. */
function judgeCredentials(result: HandshakeResult, { name, key }: { readonly name: string; readonly key: string }): HandshakeResult {
  if (result.reason !== 'AuthRequired') return result;
  return { outcome: 'Failed', reason: 'Forbidden', message: `The server refused the credentials in key ${key} of Secret ${name}. Check that it is the whole value of the header, such as "Bearer TOKEN".` };
}
