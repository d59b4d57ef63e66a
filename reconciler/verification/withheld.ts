// What may be known of the answers of a server that was sent a credential: a server may repeat it anywhere, whole, cut or in any
// encoding, so its words give way to a closed set of ours before anything is judged. Pure.
import type { IncomingHttpHeaders } from 'node:http';
import { ExchangeError, type ExchangeErrorKind, type ExchangeResponse } from './exchange.ts';
import type { HandshakeResult } from './handshake-result.ts';
import { isKnownVersion, MODERN_VERSION } from './messages.ts';
import { readDiscover, readInitialize } from './reading/introduction.ts';
import { mediaTypeOf } from './reading/media-type.ts';
import { announcesTools, supportedIn, type Reply } from './reading/reply.ts';
import { ABOUT_HOST, ABOUT_ONE_SESSION, ABOUT_SESSION, ABOUT_VERSION, NO_CLIENT_CERTIFICATE, PLAIN_TO_TLS, SSE_OPENING } from './reading/signs.ts';
import type { ToolList } from './reading/tool-list-reader.ts';
import { startWithoutWords } from './start-failure.ts';

/** Stands for words of a server. */
export const WITHHELD = '(withheld)';
const NOTE = `What the server says is ${WITHHELD}, because it knows a credential.`;

/** Content types that are told apart. */
const TYPES = [
  'application/json', 'application/problem+json', 'application/xml', 'application/grpc', 'application/octet-stream', 'text/event-stream', 'text/html', 'text/plain', 'text/xml',
];
/** Beginnings and contents of bodies that decide about a verdict. */
const TELLING: readonly (readonly [sign: RegExp, inOurWords: string])[] = [
  [new RegExp(`^${SSE_OPENING}`), SSE_OPENING],
  [PLAIN_TO_TLS, 'HTTP request to HTTPS server'],
  [NO_CLIENT_CERTIFICATE, 'no required SSL certificate was sent'],
  [ABOUT_HOST, `invalid host, ${WITHHELD}`],
  [ABOUT_ONE_SESSION, `already initialized, ${WITHHELD}`],
];
/** The same of the messages of errors. */
const TELLING_ERRORS: readonly (readonly [sign: RegExp, inOurWords: string])[] = [
  [ABOUT_VERSION, `protocol version, ${WITHHELD}`],
  [ABOUT_ONE_SESSION, `already initialized, ${WITHHELD}`],
  [ABOUT_SESSION, `session, ${WITHHELD}`],
];
/** Codes of JSON-RPC and of MCP. Others are words in numbers. */
const CODES = [-32_700, -32_600, -32_601, -32_602, -32_603, -32_000, -32_001, -32_002, -32_003, -32_020, -32_021, -32_022, -32_042];

/** What there is to say of an exchange without an answer, unless the error says it plainly itself. */
const WITHOUT_ANSWER: Readonly<Record<ExchangeErrorKind, string>> = {
  Refused: 'connection refused',
  Unreachable: `there is no way to it: ${WITHHELD}`,
  Closed: 'it closed the connection without an answer',
  Hang: 'it did not answer in time',
  NoAnswer: 'it did not answer in time',
  TLS: 'it answered with a TLS alert',
  NotTLS: 'it did not answer in TLS',
  Certificate: WITHHELD,
  ClientCertificate: 'it ended the TLS handshake, to which no client certificate was brought',
  LargeHeaders: 'the headers of its answer are too large',
  Malformed: `it answers something else, ${WITHHELD}`,
};

/** An answer without words of the server, but for the id of a session, which goes back to it and nowhere else. */
export function withoutWords(response: ExchangeResponse): ExchangeResponse {
  const { status, truncated, headers, body } = response;
  const [, told = ''] = TELLING.find(([sign]) => sign.test(body)) ?? [];
  return { status, truncated, headers: closedHeaders(headers), body: told };
}

/** A reply without words of the server. */
export function replyWithoutWords(reply: Reply | undefined): Reply | undefined {
  if (reply === undefined) return undefined;
  if ('error' in reply) {
    const { code, message, data } = reply.error;
    const [, about = WITHHELD] = TELLING_ERRORS.find(([sign]) => sign.test(message)) ?? [];
    const closed = { supported: closedVersions(supportedIn(reply.error)), ...startWithoutWords(data) };
    return { error: { code: closedCode(code), message: about, data: closed } };
  }
  const [discovered, initialized] = [readDiscover(reply.result), readInitialize(reply.result)];
  return {
    result: {
      ...(discovered && { supportedVersions: closedVersions(discovered.versions) }),
      ...(initialized && { protocolVersion: closedVersions(initialized.versions)[0] ?? WITHHELD }),
      capabilities: announcesTools(reply) ? { tools: {} } : {},
    },
  };
}

/** A list of tools without words of the server; why it is none is said in ours anyway. */
export function listWithoutWords(list: ToolList): ToolList {
  return list.kind === 'Refused' ? { ...list, code: closedCode(list.code), message: WITHHELD } : list;
}

/** An error without words of the server, or of who stands before it and may repeat them. */
export function errorWithoutWords({ kind, plainly }: ExchangeError): ExchangeError {
  return new ExchangeError(kind, plainly ?? WITHOUT_ANSWER[kind]);
}

/** A result that says so where words are missing in it. */
export function noted<R extends HandshakeResult>(result: R): R {
  return result.message.includes(WITHHELD) ? { ...result, message: `${result.message} ${NOTE}` } : result;
}

function closedHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const type = mediaTypeOf(headers);
  return {
    ...(type !== undefined && { 'content-type': TYPES.includes(type) ? type : 'another content type' }),
    ...(headers['www-authenticate'] !== undefined && { 'www-authenticate': WITHHELD }),
    ...(headers.location !== undefined && { location: WITHHELD }),
    ...(headers['mcp-session-id'] !== undefined && { 'mcp-session-id': headers['mcp-session-id'] }),
  };
}

/** NaN stands for a code nobody here knows. */
function closedCode(code: number): number {
  return CODES.includes(code) ? code : Number.NaN;
}

/** The revisions known here; where the one of the modern era is not among them, that there are others matters. */
function closedVersions(versions: readonly string[]): string[] {
  const known = versions.filter(isKnownVersion);
  if (known.length === versions.length || known.includes(MODERN_VERSION)) return known;
  // In the order of revisions the first is a newer one, the other an older one.
  const others = versions.some((version) => version >= MODERN_VERSION) ? `revisions that are ${WITHHELD}` : WITHHELD;
  return [...known, others];
}
