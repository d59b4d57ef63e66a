// `mcp-operator verify`: the operator's own handshake with the MCP server at a URL, from a shell.
import { isIP } from 'node:net';
import { directExchange } from '../../verification/exchange-direct.ts';
import type { HttpExchange } from '../../verification/exchange.ts';
import { handshake } from '../../verification/handshake.ts';
import type { HandshakeResult } from '../../verification/handshake-result.ts';
import type { Circumstances } from './advice-in-a-shell.ts';
import type { Question } from './question.ts';
import { Recorder } from './recorder.ts';
import { exchangeLine, pathsOf, questionLine, reportOf, searchLine, type Report } from './report.ts';
import { ToolListener } from './tool-costs.ts';

/** By outcome: a client can use the server, or could with credentials; a client would fail; nobody could tell. */
export const EXIT_CODES: Readonly<Record<HandshakeResult['outcome'], number>> = { Passed: 0, Failed: 1, Unknown: 2 };

export interface VerifyOptions {
  /** For the whole handshake; a look at other paths takes 2 s more at most. */
  readonly timeoutSeconds: number;
  /** Takes lines as things happen. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What came of asking, before it is told. */
export interface Asked extends Pick<Report, 'exchanges' | 'tried' | 'tools'> {
  readonly result: HandshakeResult;
  readonly about: Circumstances;
}

/** Asks a server whether MCP clients could use it. Rejects with the reason of the signal, once sessions that were opened are ended. */
export async function verify(question: Question, options: VerifyOptions): Promise<Report> {
  options.tell(`${questionLine(question, Object.keys(question.headers))}\n`);
  const { result, about, ...seen } = await ask(question, exchangeWith(question), options);
  return reportOf(result, about, seen);
}

/** The handshake, told as it goes; over whatever exchange leads to the server. Rejects as `verify`. */
export async function ask({ url, host, headers }: Question, bare: HttpExchange, options: VerifyOptions): Promise<Asked> {
  const { timeoutSeconds, tell, signal } = options;
  const path = url.pathname + url.search;
  const paths = pathsOf(path);
  const names = Object.keys(headers);
  const about: Circumstances = { url, host, hasHeaders: names.length > 0 };
  const recorder = new Recorder({ withhold: about.hasHeaders, onExchange: (exchange) => tell(exchangeLine(exchange)) });
  const listener = new ToolListener();
  const tried = new Set<string>();
  const withHeaders: HttpExchange = (request) => bare({ ...request, headers: { ...headers, ...request.headers } });
  const elsewhere: HttpExchange = (request) => {
    if (tried.size === 0) tell(searchLine(about));
    if (paths.includes(request.path)) tried.add(request.path);
    return bare(request);
  };
  try {
    const result = await handshake(listener.over(recorder.over(withHeaders, paths)), {
      path,
      host,
      isTls: url.protocol === 'https:',
      timeoutMs: timeoutSeconds * 1000,
      withhold: about.hasHeaders,
      bare: recorder.over(elsewhere, paths),
      signal,
    });
    const judged = about.hasHeaders ? judgeCredentials(result, names) : result;
    const { exchanges, lastCode: code } = recorder;
    const tools = judged.outcome === 'Passed' ? listener.costs({ withhold: about.hasHeaders }) : undefined;
    const isAnswered = exchanges.at(-1)?.error === null;
    return { result: judged, about: { ...about, code, isAnswered }, exchanges, tried: [...tried], tools: tools ?? null };
  } catch (error) {
    if (signal.aborted) await recorder.endSessions();
    throw error;
  }
}

/** Whoever demands authentication of a client that has it refuses its credentials. */
function judgeCredentials(result: HandshakeResult, names: readonly string[]): HandshakeResult {
  if (result.reason !== 'AuthRequired') return result;
  return { outcome: 'Failed', reason: 'Forbidden', message: `The server demands authentication, although it was sent ${names.join(', ')}.` };
}

function exchangeWith({ url: { protocol, hostname, port }, host, ca }: Question): HttpExchange {
  const isTls = protocol === 'https:';
  const ip = hostname.replaceAll(/[[\]]/g, '');
  const exchange = directExchange({ ip, port: Number(port || (isTls ? 443 : 80)) });
  if (!isTls) return exchange;
  const name = host.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  const tls = { servername: isIP(name) === 0 ? name : '', ...(ca !== undefined && { ca }) };
  return (request) => exchange({ ...request, tls });
}
