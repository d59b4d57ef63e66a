// What to do about a verdict, for somebody at a shell: they have a URL and flags where an MCPServer has fields. Pure.
import { ADVICE, withoutAdvice, type AdviceKey } from '../../verification/advice.ts';
import type { Elsewhere, HandshakeResult } from '../../verification/handshake-result.ts';
import { suggestionOf } from '../../verification/usual-paths.ts';

/** What is known besides the verdict. */
export interface Circumstances {
  readonly url: URL;
  readonly host: string;
  /** Whether the user gave headers. */
  readonly hasHeaders: boolean;
  /** Whether something answered in the end. */
  readonly isAnswered?: boolean;
  /** What the system said of the last exchange without an answer. */
  readonly code?: string | undefined;
}

const IN_A_SHELL: Readonly<Record<AdviceKey, (about: Circumstances) => string>> = {
  path: () => 'Give the URL of the MCP endpoint.',
  usualPath: () => 'Give the URL of the MCP endpoint. It is not at one of the usual paths: see the documentation or the log of the server.',
  portAndPath: () => 'Check port and path of the URL.',
  port: ({ url }) => `Check the port: something else listens on ${portOf(url)}.`,
  listen: ({ url }) => `Nothing listens on port ${portOf(url)} of ${url.hostname}. Start the server, or check the port. A server in a container must listen on 0.0.0.0: 127.0.0.1 is the container's own.`,
  tls: ({ url }) => `Ask over TLS: ${withProtocol(url, 'https')}`,
  plain: ({ url }) => `Ask without TLS: ${withProtocol(url, 'http')}`,
  certificate: ({ host }) => `Give the certificate of the authority that issued it with --ca FILE. It must be for the name ${host.replace(/:\d+$/, '')}; --host names another.`,
  mutual: () => 'Ask where the server takes clients without a certificate: this command has none to bring.',
  header: ({ hasHeaders }) => (hasHeaders ? 'Shorten what is given with --header, or raise the limit of the server.' : 'Raise the limit of the server, or of what stands before it: it was sent a few short headers.'),
  host: () => 'Ask under the name that clients use, with --host NAME, or let the server accept this one.',
  once: () => 'Restart the server, for this handshake took its session.',
  command: () => 'Check the command that the bridge starts, behind "--": it must be a program of the image.',
  executable: () => 'Check the command that the bridge starts, behind "--": it must be a program that its user may execute.',
  ends: () => 'See the log of the bridge, and check the command that it starts, with its arguments and environment.',
  prints: () => 'Let the server write its log to standard error, and check that its arguments choose stdio.',
  overHttp: () => 'Ask the server itself, without a bridge; or check that its arguments choose stdio.',
  startup: () => 'See the log of the bridge for what the server waits for, or give it longer by --startup-timeout.',
  refuses: () => 'Check the environment and the arguments of the server, which may lack something.',
  slow: () => 'See the log of the server, or give it more time with --timeout SECONDS.',
};

/** What stays good advice for the MCPServer that runs this server. */
const IN_AN_MCPSERVER: readonly AdviceKey[] = ['tls', 'plain', 'slow', 'executable', 'ends', 'prints', 'overHttp', 'startup', 'refuses'];

const BY_REASON: Readonly<Partial<Record<HandshakeResult['reason'], string>>> = {
  Starting: 'Ask again in a few seconds.',
  SSEOnly: 'Look for a setting of the server that chooses its transport; it may be called http or streamable-http.',
  EraMismatch: 'Use a version of the server that speaks one of these revisions.',
  OversizedReply: 'Check that the URL is that of an MCP endpoint, and the log of the server.',
};

/** What was seen, in the words of the verdict, without advice for an MCPServer. */
export function evidenceOf(result: HandshakeResult): string {
  const { evidence } = withoutAdvice(result.message);
  const elsewhere = elsewhereOf(result);
  return elsewhere === undefined ? evidence : evidence.replace(` ${suggestionOf(elsewhere)}`, '');
}

/** What to do, one sentence each, the likeliest first. */
export function adviceOf(result: HandshakeResult, about: Circumstances): string[] {
  const elsewhere = elsewhereOf(result);
  if (elsewhere !== undefined) return aboutElsewhere(elsewhere, about);
  if (result.reason === 'AuthRequired') return [`Give credentials with --header 'Authorization: @FILE' to see whether the server works with them.`];
  if (result.reason === 'Unreachable' && ['ENOTFOUND', 'EAI_AGAIN'].includes(about.code ?? '')) return [noSuchName(about)];
  const { advice } = withoutAdvice(result.message);
  const ours = advice.map((key) => IN_A_SHELL[key](about));
  const inMcpServer = advice.filter((key) => IN_AN_MCPSERVER.includes(key)).map((key) => inAnMcpServer(ADVICE[key]));
  return ours.length > 0 ? [...ours, ...inMcpServer] : byReason(result.reason, about);
}

/** The URL of an endpoint that was found. */
export function urlOf({ path }: Elsewhere, url: URL): string {
  return new URL(path, url.origin).href;
}

function aboutElsewhere(elsewhere: Elsewhere, { url, hasHeaders }: Circumstances): string[] {
  const { path, kind, transport } = elsewhere;
  if (transport === 'HTTP+SSE') return [suggestionOf(elsewhere)];
  const works = {
    Works: 'works: use',
    SpeaksMCP: 'speaks MCP: use',
    AsksForCredentials: `asks for credentials${hasHeaders ? ', which it was not sent' : ''}: try`,
  };
  return [`POST ${path} ${works[kind]} ${urlOf(elsewhere, url)}`, inAnMcpServer(`Set spec.path to ${path}.`)];
}

function byReason(reason: HandshakeResult['reason'], { url, isAnswered }: Circumstances): string[] {
  if (reason === 'Verified') return [];
  if (reason === 'Unreachable' && isAnswered === true) return ['See the log of the server, or of what stands before it, and ask again later.'];
  if (reason === 'Unreachable') return [`Check that ${url.host} is the address of the server and that nothing on the way to it refuses; then ask again.`];
  if (reason !== 'Forbidden') return [BY_REASON[reason] ?? 'See the log of the server.'];
  return ['Check the headers: a value must be whole, such as "Bearer TOKEN", and may have expired.'];
}

function noSuchName({ url }: Circumstances): string {
  return `Check the spelling of ${url.hostname}. Names of Services resolve in their cluster alone: from outside use \`kubectl port-forward\`, with --host for the name.`;
}

function inAnMcpServer(advice: string): string {
  return `In an MCPServer: ${advice.charAt(0).toLowerCase()}${advice.slice(1)}`;
}

function elsewhereOf(result: HandshakeResult): Elsewhere | undefined {
  return result.outcome === 'Failed' ? result.elsewhere : undefined;
}

function portOf({ protocol, port }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

function withProtocol(url: URL, protocol: 'http' | 'https'): string {
  return `${protocol}://${url.hostname}:${portOf(url)}${url.pathname}${url.search}`;
}
