// What `mcp-operator verify` prints: lines that fit a terminal of 80 columns, or one JSON object. Pure.
import { usualPaths } from '../../verification/usual-paths.ts';
import type { Elsewhere, HandshakeResult, ServerInfo } from '../../verification/handshake-result.ts';
import { adviceOf, evidenceOf, urlOf, type Circumstances } from './advice-in-a-shell.ts';
import type { Exchange } from './recorder.ts';

const COLUMNS = 80;
/** What takes one column in every terminal. */
const NARROW = /^[\0-\u10ff→…]$/u;

/** The output in JSON. Every key is always there; new ones may be added. */
export interface Report {
  /** As it was asked. */
  readonly url: string;
  /** Host header. */
  readonly host: string;
  readonly outcome: HandshakeResult['outcome'];
  readonly reason: HandshakeResult['reason'];
  /** What was seen. */
  readonly message: string;
  /** What to do, one sentence each. */
  readonly advice: readonly string[];
  /** What the server says of itself; null where it did not. */
  readonly server: Introduction | null;
  /** Where MCP answers instead; null where that is not known. */
  readonly elsewhere: OtherEndpoint | null;
  /** All requests, in their order. */
  readonly exchanges: readonly Exchange[];
  /** Other paths that were looked at. */
  readonly tried: readonly string[];
}

interface Introduction {
  readonly name: string | null;
  readonly version: string | null;
  readonly protocolVersions: readonly string[];
  readonly sessions: ServerInfo['sessions'];
}

interface OtherEndpoint {
  readonly path: string;
  readonly url: string;
  readonly transport: Elsewhere['transport'];
  readonly needsCredentials: boolean;
}

/** All that is known in the end. */
export function reportOf(result: HandshakeResult, about: Circumstances, { exchanges, tried }: Pick<Report, 'exchanges' | 'tried'>): Report {
  const server = result.outcome === 'Passed' ? result.server : undefined;
  const elsewhere = result.outcome === 'Failed' ? result.elsewhere : undefined;
  return {
    url: about.url.href,
    host: about.host,
    outcome: result.outcome,
    reason: result.reason,
    message: evidenceOf(result),
    advice: adviceOf(result, about),
    server: server === undefined ? null : introductionOf(server),
    elsewhere: elsewhere === undefined ? null : otherEndpoint(elsewhere, about.url),
    exchanges,
    tried,
  };
}

function introductionOf({ name, version, protocolVersions, sessions }: ServerInfo): Introduction {
  return { name: name ?? null, version: version ?? null, protocolVersions, sessions };
}

function otherEndpoint(elsewhere: Elsewhere, asked: URL): OtherEndpoint {
  const { path, transport, kind } = elsewhere;
  return { path, url: urlOf(elsewhere, asked), transport, needsCredentials: kind === 'AsksForCredentials' };
}

/** What is asked, before anything came. Of headers the names alone. */
export function questionLine({ url, host }: Circumstances, headers: readonly string[]): string {
  const as = host === url.host ? '' : ` as Host: ${host}`;
  return wrapped(`Asking ${url.href}${as}${headers.length === 0 ? '' : ` with ${headers.join(', ')}`}`);
}

/** One request, and what came. */
export function exchangeLine({ method, rpcMethod, path, status, contentType, milliseconds, error }: Exchange): string {
  const asked = [method, path, rpcMethod].filter((each) => each !== null).join(' ');
  const came = error ?? [status, contentType].filter((each) => each !== null).join(' ');
  return wrapped(`${asked} → ${came}, ${milliseconds} ms`, '    ');
}

/** Said once, before other paths are looked at. */
export function searchLine({ hasHeaders }: Circumstances): string {
  return `Looking for MCP at the usual paths${hasHeaders ? ', without the headers' : ''}`;
}

/** The verdict, what it means and what to do, as lines. */
export function verdictLines({ outcome, reason, message, advice }: Report): string {
  const lines = [wrapped(`${reason}: ${message}`), wrapped(meaningOf(outcome, reason))];
  if (advice.length > 0) lines.push('', 'What to do:', ...advice.map((each) => wrapped(`- ${each}`, '  ')));
  return lines.join('\n');
}

/** Paths of ours that a record may show of a server whose words are withheld. */
export function pathsOf(path: string): string[] {
  return [path, ...usualPaths(path)];
}

function meaningOf(outcome: Report['outcome'], reason: Report['reason']): string {
  if (outcome === 'Unknown') return 'Nobody could tell whether a client could use the server.';
  if (outcome === 'Failed') return 'An MCP client would fail.';
  return reason === 'AuthRequired' ? 'MCP clients can use the server once they have credentials.' : 'MCP clients can use the server.';
}

/** A text in lines of 80 columns, the later ones indented. Words are broken where they do not fit, but for URLs, which are to be copied. */
export function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  const wrap = (): void => {
    lines.push(line);
    line = indent;
  };
  for (const word of text.split(' ')) {
    const isFirst = line === '' || line === indent;
    const glued = isFirst ? `${line}${word}` : `${line} ${word}`;
    if (widthOf(glued) <= COLUMNS) {
      line = glued;
      continue;
    }
    if (!isFirst) wrap();
    if (/^https?:/.test(word)) line += word;
    else for (const character of word) {
      if (widthOf(line + character) > COLUMNS) wrap();
      line += character;
    }
  }
  return [...lines, line].join('\n');
}

/** Columns a text takes at most: beyond the alphabets of Europe and the Near East a character may take two. */
function widthOf(text: string): number {
  return Array.from(text).reduce((width, each) => width + (NARROW.test(each) ? 1 : 2), 0);
}
