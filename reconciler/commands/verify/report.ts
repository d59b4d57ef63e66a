// What `mcp-operator verify` prints: lines that fit a terminal of 80 columns, or one JSON object. Pure.
import { usualPaths } from '../../verification/usual-paths.ts';
import type { Elsewhere, HandshakeResult, ServerInfo } from '../../verification/handshake-result.ts';
import { wrapped } from '../wrapped.ts';
import { adviceOf, evidenceOf, urlOf, type Circumstances } from './advice-in-a-shell.ts';
import type { Exchange } from './recorder.ts';
import { toolLines } from './tool-lines.ts';
import type { ToolCosts } from './tool-costs.ts';

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
  /** What the tools cost; null where none were listed. */
  readonly tools: ToolCosts | null;
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
export function reportOf(result: HandshakeResult, about: Circumstances, { exchanges, tried, tools }: Pick<Report, 'exchanges' | 'tried' | 'tools'>): Report {
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
    tools,
    exchanges,
    tried,
  };
}

export function introductionOf({ name, version, protocolVersions, sessions }: ServerInfo): Introduction {
  return { name: name ?? null, version: version ?? null, protocolVersions, sessions };
}

function otherEndpoint(elsewhere: Elsewhere, asked: URL): OtherEndpoint {
  const { path, transport, kind } = elsewhere;
  return { path, url: urlOf(elsewhere, asked), transport, needsCredentials: kind === 'AsksForCredentials' };
}

/** What is asked, before anything came. Of headers the names alone. */
export function questionLine({ url, host }: Pick<Circumstances, 'url' | 'host'>, headers: readonly string[]): string {
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
export function verdictLines({ outcome, reason, message, advice, tools }: Report): string {
  const lines = [wrapped(`${reason}: ${message}`), wrapped(meaningOf(outcome, reason))];
  if (advice.length > 0) lines.push('', 'What to do:', ...advice.map((each) => wrapped(`- ${each}`, '  ')));
  if (tools !== null) lines.push('', ...toolLines(tools));
  return lines.join('\n');
}

/** Paths of ours that a record may show of a server whose words are withheld. */
export function pathsOf(path: string): string[] {
  return [path, ...usualPaths(path)];
}

export function meaningOf(outcome: Report['outcome'], reason: Report['reason']): string {
  if (outcome === 'Unknown') return 'Nobody could tell whether a client could use the server.';
  if (outcome === 'Failed') return 'An MCP client would fail.';
  return reason === 'AuthRequired' ? 'MCP clients can use the server once they have credentials.' : 'MCP clients can use the server.';
}
