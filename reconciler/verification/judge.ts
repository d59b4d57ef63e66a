// Judges answers and failures of a handshake. Pure: the tables of what is evidence for what.
import { plain } from '../../kubernetes/text.ts';
import { ADVICE } from './advice.ts';
import type { ExchangeError, ExchangeResponse } from './exchange.ts';
import type { Failed, HandshakeResult, Passed, ServerInfo, Unknown } from './handshake-result.ts';
import { isLegacyVersion, LEGACY_VERSIONS, MODERN_VERSION } from './messages.ts';
import { readDiscover, readInitialize, type Introduction } from './reading/introduction.ts';
import { isEventStream, isReadable, mediaTypeOf } from './reading/media-type.ts';
import { supportedIn, type Reply } from './reading/reply.ts';
import { isRedirect } from './redirects.ts';
import { ABOUT_HOST, ABOUT_ONE_SESSION, ABOUT_SESSION, ABOUT_VERSION, NO_CLIENT_CERTIFICATE, PLAIN_TO_TLS, SSE_OPENING } from './reading/signs.ts';
import type { ToolList } from './reading/tool-list-reader.ts';
import { judgeStart, type LastWords } from './start-failure.ts';

const UNSUPPORTED_VERSION = -32_022;
const METHOD_NOT_FOUND = -32_601;
/** Of the SDK v1, whatever was asked of a transport whose session has ended. */
const SESSION_NOT_FOUND = -32_001;

/** An answer, and the JSON-RPC reply in it if there is one. */
export interface Answer extends ExchangeResponse {
  readonly reply: Reply | undefined;
  /** What clients refuse in a result of `initialize`. */
  readonly flaw?: string | undefined;
  /** What those of version 2 alone refuse in it. */
  readonly strictFlaw?: string | undefined;
}

/** The verdict on an answer to `server/discover`; undefined when only `initialize` can tell. */
export function judgeDiscover(response: Answer): Passed | undefined {
  const introduction = isReadable(response) ? introducedBy(response) : undefined;
  return introduction?.versions.includes(MODERN_VERSION) === true ? passed(introduction, 'Stateless') : undefined;
}

/** Why clients that ask `server/discover` first go no further; undefined when they go on to `initialize`. */
export function stopsModernClients(answer: Answer | ExchangeError): string | undefined {
  if (!('status' in answer)) return answer.kind === 'Hang' || answer.kind === 'NoAnswer' ? 'is not answered in time' : 'ends without an answer';
  const { status, reply } = answer;
  if (status === 401 || status === 403 || status >= 500) return `is answered with HTTP ${status}`;
  if (offersModernVersions(reply)) return 'is refused for its revision, and later ones are offered';
  if (status >= 300) return undefined;
  const isReply = reply !== undefined && ('result' in reply || (reply.error.isStray ?? reply.error.isNoMessage) === undefined);
  return isReply && isReadable(answer) ? undefined : 'is answered with something that is not MCP';
}

function offersModernVersions(reply: Reply | undefined): boolean {
  if (reply === undefined || 'result' in reply || reply.error.code !== UNSUPPORTED_VERSION) return false;
  return supportedIn(reply.error).some((version) => version >= MODERN_VERSION);
}

/** A result that says which clients cannot use a server all the same. */
export function noting<R extends HandshakeResult>(result: R, note: string): R {
  return { ...result, note, message: withNote(result.message, note) };
}

/** A message, and what stands beside it. */
export function withNote(message: string, note: string | undefined): string {
  return note === undefined ? message : `${message} ${note}`;
}

/** Revisions that a server of the modern era offers instead of the one asked for; empty for other servers. */
export function otherModernVersions({ reply }: Pick<Answer, 'reply'>): string[] {
  const offered = introducedBy({ reply })?.versions
    ?? (reply !== undefined && 'error' in reply && reply.error.code === UNSUPPORTED_VERSION ? supportedIn(reply.error) : []);
  return offered.filter((version) => version >= MODERN_VERSION && version !== MODERN_VERSION);
}

type Asked = { readonly path: string; readonly host: string; readonly lastWords?: LastWords | undefined };

/** The verdict on an answer to `initialize` at `path`, asked for under the name `host`. */
export function judgeInitialize(response: Answer, { path, host, lastWords = 'Show' }: Asked): HandshakeResult {
  const { status, headers, truncated, reply, body } = response;
  const first = judgeAuthentication(response) ?? judgeStart(response, lastWords);
  if (first !== undefined) return first;
  const isRefused = status >= 400 || (reply !== undefined && 'error' in reply);
  if (wantsClientCertificate(response)) return clientCertificate(`it answered with HTTP ${status} (${said(response)})`);
  if (status === 403 || status === 421 || (isRefused && ABOUT_HOST.test(body))) return forbidden(response, host);
  if (status === 431) return failed('NotMCP', `The server finds the headers of the request too large: HTTP 431 (${said(response)}). ${ADVICE.header}`);
  if (isPlainToTls(response)) return tlsRequired('it answered that it expects HTTPS');
  const unable = judgeUnable(response);
  if (unable !== undefined) return unable;
  if (isRedirect(response) && headers.location !== undefined) return failed('WrongPath', `POST ${path} is redirected to ${plain(headers.location, 100)}, where clients do not follow. ${ADVICE.path}`);
  if (isRefused && ABOUT_ONE_SESSION.test(body)) return oneSession(said(response));
  if ([404, 405, 406, 410].includes(status) && !isOfEndpoint(reply)) return wrongPath(response, path);
  if (reply !== undefined) return judgeReply(reply, response);
  if (truncated) return failed('OversizedReply', `The answer to initialize is longer than 64 KiB, or comes in more than 1,024 pieces, and was cut off. An MCP server answers with a few hundred bytes.`);
  return failed('NotMCP', `POST ${path} was answered with HTTP ${status}, ${said(response)}, which is not MCP. ${ADVICE.portAndPath}`);
}

/** Whether an answer is that of an MCP endpoint, though its status says that there is none: it knows what it was asked, or speaks of methods or sessions. */
function isOfEndpoint(reply: Reply | undefined): boolean {
  if (reply === undefined || 'result' in reply) return reply !== undefined;
  const { code, message, isStray = false } = reply.error;
  return !isStray || code === METHOD_NOT_FOUND || ABOUT_SESSION.test(message);
}

/** The verdict on a server that refuses a second session while the first is open; undefined when it does not, or cannot tell now. */
export function judgeSecondSession(response: Answer): Failed | undefined {
  const { status, reply } = response;
  if (reply !== undefined && 'result' in reply) return undefined;
  const cannotTell = judgeAuthentication(response) !== undefined || judgeUnable(response) !== undefined;
  if (cannotTell || (status < 400 && reply === undefined)) return undefined;
  return oneSession(`the second initialize was answered with HTTP ${status}, ${said(response)}`);
}

/** What is wrong with an answer to `notifications/initialized`; undefined when nothing. */
export function judgeInitialized(response: ExchangeResponse): HandshakeResult | undefined {
  if (isOk(response)) return undefined;
  return judgeAuthentication(response) ?? judgeUnable(response)
    ?? failed('NotMCP', `The server answered initialize, but refused notifications/initialized with HTTP ${response.status} (${said(response)}).`);
}

/** The verdict on a server that answered `initialize`, and breaks off what follows. */
export function judgeClosed(error: ExchangeError): Failed {
  return failed('NotMCP', `The server answered initialize, but not what clients say next: ${plain(error.message, 160)}.`);
}

/** What is wrong with an answer to `tools/list`, which a server that announces tools was asked; undefined when it is a list. */
export function judgeTools(response: ExchangeResponse, list: ToolList): HandshakeResult | undefined {
  if (isReadable(response) && list.kind === 'Listed') return undefined;
  const answer = `HTTP ${response.status}, ${said(response)}`;
  const why = list.kind === 'Refused' ? `${plain(list.message, 100)}${coded(list.code)}` : list.kind === 'Other' ? `${answer}; ${list.why}` : answer;
  return judgeAuthentication(response) ?? judgeUnable(response)
    ?? failed('ToolsNotListed', `The server announces tools, but clients cannot list them: tools/list was answered with ${why}.`);
}

/** What an answer to GET adds to a path that does not take POST; undefined when nothing. */
export function judgeGet(response: ExchangeResponse, path: string): Failed | undefined {
  if (response.status === 200 && isEventStream(response.headers) && response.body.startsWith(SSE_OPENING)) {
    return failed('SSEOnly', `GET ${path} speaks the deprecated HTTP+SSE transport of 2024-11-05. Let the server speak Streamable HTTP, or use a newer version of it.`);
  }
  if (response.status === 200 && mediaTypeOf(response.headers) === 'text/html') {
    return failed('NotMCP', `GET ${path} is a web page and POST is not accepted there. ${ADVICE.portAndPath}`);
  }
  return undefined;
}

/** The verdict on an exchange without an answer. */
export function judgeError(error: ExchangeError): Failed | Unknown {
  switch (error.kind) {
    case 'Hang':
      return hang(error.message);
    case 'NoAnswer':
      return silence({ hangs: false });
    case 'Malformed':
      return failed('NotMCP', `What listens on the port does not speak HTTP (${plain(error.message, 200)}). ${ADVICE.port}`);
    case 'TLS':
      return tlsRequired(error.message);
    case 'NotTLS':
      return failed('NotTLS', `The server was asked over TLS, which it does not speak (${plain(error.message, 200)}). ${ADVICE.plain}`);
    case 'Certificate':
      return failed('BadCertificate', `The certificate of the server is not trusted: ${plain(error.message, 200)}. ${ADVICE.certificate}`);
    case 'ClientCertificate':
      return clientCertificate(error.message);
    case 'LargeHeaders':
      return failed('OversizedReply', `The server could not be read: ${plain(error.message, 200)}, which clients refuse. An MCP server answers with a few short ones.`);
    case 'Refused':
      return unreachable(error.message, ` ${ADVICE.listen}`);
    case 'Closed':
    case 'Unreachable':
      break;
  }
  return unreachable(error.message);
}

/** The verdict on a pod of which nothing is heard through the API server: whether it hangs, or that cannot be told. */
export function silence({ hangs }: { readonly hangs: boolean }): Failed | Unknown {
  const evidence = 'it did not answer through the API server in time';
  return { ...(hangs ? hang(evidence) : unreachable(`${evidence}; either it hangs, or the API server has no way to it`)), silent: true };
}

/** The verdict on a pod that did not answer POST, from its answer to GET. */
export function judgeSign(response: ExchangeResponse): Failed | Unknown {
  return judgeUnable(response) ?? hang('it answers GET, but not POST in time');
}

/** The verdict on a server that answers on the same port once TLS is spoken, or that says so. */
export function tlsRequired(evidence: string): Unknown {
  return { outcome: 'Unknown', reason: 'TLSRequired', message: `The server speaks TLS and was not asked further: ${plain(evidence, 200)}. ${ADVICE.tls}` };
}

/** The verdict on a server whose modern revisions are all unknown here. */
export function eraMismatch(versions: readonly string[]): Failed {
  return failed('EraMismatch', `The server speaks MCP ${plain(versions.join(', '), 100)} only; known are ${[MODERN_VERSION, ...LEGACY_VERSIONS].join(', ')}.`);
}

/** The code of a JSON-RPC error, as an end of what it says; NaN is none. */
function coded(code: number): string {
  return Number.isNaN(code) ? '' : ` (${code})`;
}

function judgeReply(reply: Reply, response: Answer): HandshakeResult {
  if ('error' in reply) {
    const { code, message } = reply.error;
    if (code === UNSUPPORTED_VERSION || ABOUT_VERSION.test(message)) {
      return failed('EraMismatch', `The server refused protocol ${LEGACY_VERSIONS[0]}: ${plain(message, 100)}${coded(code)}.`);
    }
    if (code === SESSION_NOT_FOUND && ABOUT_SESSION.test(message)) return sessionTaken(`initialize was answered with ${plain(message, 100)}${coded(code)}`);
    return failed('NotMCP', `The server speaks JSON-RPC but refused initialize: ${plain(message, 100)}${coded(code)}.`);
  }
  const { status, headers } = response;
  if (!isReadable(response)) {
    return failed('NotMCP', `The server answers initialize, but with HTTP ${status} as ${plain(headers['content-type'] ?? 'no content type', 60)}: clients take HTTP 200 with application/json or text/event-stream.`);
  }
  const introduction = readInitialize(reply.result);
  if (introduction === undefined) return failed('NotMCP', 'The server speaks JSON-RPC, but its answer to initialize names no protocol version.');
  if (!introduction.versions.some(isLegacyVersion)) return eraMismatch(introduction.versions);
  if (response.flaw !== undefined) return failed('NotMCP', `The server answers initialize, but clients refuse the answer: its ${response.flaw}.`);
  const pass = passed(introduction, response.headers['mcp-session-id'] === undefined ? 'Stateless' : 'Stateful');
  return response.strictFlaw === undefined ? pass : noting(pass, `Clients of the TypeScript SDK v2 cannot use it: its ${response.strictFlaw}.`);
}

function judgeAuthentication({ status, headers }: ExchangeResponse): Passed | undefined {
  const challenge = headers['www-authenticate'];
  if (status !== 401 && (status !== 403 || challenge === undefined)) return undefined;
  const asked = challenge === undefined ? '' : `, WWW-Authenticate: ${plain(challenge, 60)}`;
  return { outcome: 'Passed', reason: 'AuthRequired', message: `The server demands authentication (HTTP ${status}${asked}) and was not asked further.` };
}

function judgeUnable(response: ExchangeResponse): Unknown | undefined {
  if (![429, 502, 503, 504].includes(response.status)) return undefined;
  return { outcome: 'Unknown', reason: 'Unreachable', message: `The server is not able to answer now: HTTP ${response.status} (${said(response)}).` };
}

function introducedBy({ reply }: Pick<Answer, 'reply'>): Introduction | undefined {
  return reply !== undefined && 'result' in reply ? readDiscover(reply.result) : undefined;
}

function passed({ versions, name, version }: Introduction, sessions: ServerInfo['sessions']): Passed {
  const protocolVersions = [...new Set(versions.slice(0, 16).map((each) => plain(each, 32)))].filter((each) => each !== '');
  const [itsName, itsVersion] = [plain(name ?? '', 100), plain(version ?? '', 100)];
  const server: ServerInfo = {
    ...(itsName !== '' && { name: itsName }),
    ...(itsVersion !== '' && { version: itsVersion }),
    protocolVersions,
    sessions,
  };
  return { outcome: 'Passed', reason: 'Verified', message: introductionOf(server), server };
}

/** What a server is, in a sentence. */
export function introductionOf({ name = 'The server', version, protocolVersions }: ServerInfo): string {
  return `${[name, version].filter((each) => each !== undefined).join(' ')} speaks MCP ${protocolVersions.join(', ')}.`;
}

function forbidden(response: ExchangeResponse, host: string): Failed {
  return failed('Forbidden', `The server refused the handshake with HTTP ${response.status} (${said(response)}). ${ADVICE.host} Let it accept Host: ${host}, or check what guards it.`);
}

/** The verdict on a server that takes no client without a certificate. */
function clientCertificate(evidence: string): Failed {
  return failed('Forbidden', `The server demands a client certificate: ${plain(evidence, 200)}. ${ADVICE.mutual}`);
}

function oneSession(evidence: string): Failed {
  const { message } = sessionTaken(evidence);
  return { ...failed('OneSession', `${message} ${ADVICE.once}`), isFinal: true };
}

/** The same of a server that lost its session, and may say so for another reason. */
function sessionTaken(evidence: string): Failed {
  return failed('OneSession', `The server has one session to give, which the first to ask gets: ${plain(evidence, 160)}. Let it make a transport for each initialize instead of one for all.`);
}

function wrongPath(response: ExchangeResponse, path: string): Failed {
  return failed('WrongPath', `POST ${path} was answered with HTTP ${response.status} (${said(response)}). ${ADVICE.usualPath}`);
}

function hang(evidence: string): Failed {
  return failed('Hang', `The server hangs: ${plain(evidence, 200)}. ${ADVICE.slow}`);
}

function unreachable(evidence: string, advice = ''): Unknown {
  return { outcome: 'Unknown', reason: 'Unreachable', message: `The server could not be asked: ${plain(evidence, 300)}.${advice}` };
}

function failed(reason: Failed['reason'], message: string): Failed {
  return { outcome: 'Failed', reason, message };
}

function said({ headers, body }: ExchangeResponse): string {
  const by = headers.server === undefined ? '' : ` from ${plain(String(headers.server), 40)}`;
  return `${plain(headers['content-type'] ?? 'no content type', 60)}${by}${body === '' ? '' : `: ${plain(body, 80)}`}`;
}

function isOk({ status }: ExchangeResponse): boolean {
  return status >= 200 && status < 300;
}

/** By the statuses of nginx, or in words. */
function wantsClientCertificate({ status, body }: ExchangeResponse): boolean {
  return status === 495 || status === 496 || (status >= 400 && NO_CLIENT_CERTIFICATE.test(body));
}

function isPlainToTls({ status, body }: ExchangeResponse): boolean {
  return status === 400 && PLAIN_TO_TLS.test(body);
}
