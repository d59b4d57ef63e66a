// The MCP handshake with one pod: the modern era's question first, the earlier era's next, and no session left behind.
import type { Enough } from '../../kubernetes/responses.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { ExchangeError, type ExchangeErrorKind, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from './exchange.ts';
import type { HandshakeResult, Passed } from './handshake-result.ts';
import {
  eraMismatch, judgeClosed, judgeDiscover, judgeError, judgeGet, judgeInitialize, judgeInitialized, judgeSecondSession, judgeSign,
  judgeTools, noting, otherModernVersions, silence, stopsModernClients, tlsRequired, type Answer,
} from './judge.ts';
import {
  LEGACY_VERSIONS, USER_AGENT, discoverMessage, initializedMessage, initializeMessage, listToolsMessage, sessionHeaders,
  type OutgoingMessage, type Session,
} from './messages.ts';
import { flawOfInitialize, strictFlawOfInitialize } from './reading/introduction.ts';
import { mediaTypeOf } from './reading/media-type.ts';
import { ReplyReader } from './reading/reply-reader.ts';
import { announcesTools } from './reading/reply.ts';
import { SSE_OPENING } from './reading/signs.ts';
import { ToolListReader } from './reading/tool-list-reader.ts';
import { isRedirect, MOST_REDIRECTS, redirectedTo } from './redirects.ts';
import type { LastWords } from './start-failure.ts';
import { searched } from './usual-paths.ts';
import { errorWithoutWords, listWithoutWords, noted, replyWithoutWords, withoutWords } from './withheld.ts';

export interface HandshakeOptions {
  /** Path of the MCP endpoint. */
  readonly path: string;
  /** Host header: the name clients use. */
  readonly host: string;
  /** For the whole handshake; a session's DELETE, the search for a sign of life and that for another path aside. */
  readonly timeoutMs: number;
  /** Whether to wait on, far beyond `timeoutMs`, where that tells a server that hangs from one out of reach. */
  readonly patient?: boolean | undefined;
  /** Whether the exchange speaks TLS, by which redirects are judged. */
  readonly isTls?: boolean | undefined;
  /** Whether the server knows a credential, so that none of its words may be shown. */
  readonly withhold?: boolean | undefined;
  /** Whether what a stdio server said before it ended is quoted. Default: Show. */
  readonly lastWords?: LastWords | undefined;
  /** Whether to look at the usual paths when MCP is not at this one. Default: true. */
  readonly looks?: boolean | undefined;
  /** The same exchange without credentials, for other paths. Default: the exchange, which has none. */
  readonly bare?: HttpExchange | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

/**
 * Longer than the 30 s after which the API server gives up connecting to a pod and says so. Where it has to ask an HTTP
 * CONNECT proxy it waits for ever, so a silence that lasts is no proof where others are silent, too.
 */
const PATIENCE_MS = 35_000;

/** Longest answer to `server/discover` and `initialize`; usual are a few hundred bytes. */
const MAX_REPLY_BYTES = 64 * 1024;
/** Pieces in which an answer may come: each costs a turn of the event loop, however small it is. */
const MOST_PIECES = 1024;
/** So much of a list of tools is read. */
const MAX_LIST_BYTES = 1024 * 1024;

/** Failures of the first question that need no second one: a server may drop a connection, or fall silent, over what it does not know. */
const FINAL: ReadonlySet<ExchangeErrorKind> = new Set(['Refused', 'TLS', 'NotTLS', 'Certificate', 'ClientCertificate']);

const MODERN_CLIENTS = 'Clients that ask server/discover first, such as those of the TypeScript SDK v2,';
const EARLIER_CLIENTS = 'Clients that begin with initialize, such as those of the TypeScript SDK v1,';

/** Time for what only refines a verdict, or cleans up. */
const EXTRA_MS = 2000;

/** Asks a pod whether an MCP client could use it. Rejects only with the reason of `signal`. */
export async function handshake(exchange: HttpExchange, options: HandshakeOptions): Promise<HandshakeResult> {
  let isPage = false;
  const heard: HttpExchange = async (request) => {
    const response = await exchange(request);
    isPage ||= mediaTypeOf(response.headers) === 'text/html';
    return response;
  };
  const asked = await new Handshake(heard, options).run();
  const ask = (path: string, timeoutMs: number): Promise<HandshakeResult> =>
    new Handshake(options.bare ?? exchange, { ...options, path, timeoutMs, patient: false }).run();
  const search = { path: options.path, isPage, ask, now: () => (options.clock ?? systemClock).now() };
  const result = options.looks === false ? asked : await searched(asked, search);
  return options.withhold === true ? noted(result) : result;
}

/** How an answer is asked for and read; by default in all the time that is left. */
type Reading = Pick<ExchangeRequest, 'maxBytes' | 'keepBytes' | 'enough' | 'tls'> & Partial<Pick<ExchangeRequest, 'timeoutMs'>>;

type Request = Omit<ExchangeRequest, 'path' | 'maxPieces'>;

class Handshake {
  readonly #exchange: HttpExchange;
  readonly #options: HandshakeOptions;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #deadline: number;

  constructor(exchange: HttpExchange, options: HandshakeOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#deadline = this.#clock.now() + options.timeoutMs;
  }

  async run(): Promise<HandshakeResult> {
    const discovered = await this.#ask(discoverMessage(), this.#options.timeoutMs / 2);
    if (discovered instanceof ExchangeError) return FINAL.has(discovered.kind) ? this.#unanswered(discovered) : this.#begin(discovered);
    const modern = judgeDiscover(discovered);
    if (modern === undefined) return this.#begin(discovered);
    const flaw = await this.#listTools(discovered, modern);
    if (flaw === undefined) return this.#forEarlierClients(modern);
    // Where clients of the modern era fail, those of the earlier one may not.
    const result = await this.#initialize();
    return result.outcome === 'Passed' ? noting(result, `${MODERN_CLIENTS} cannot use it. ${flaw.message}`) : flaw;
  }

  /** Asks as clients of the earlier era do, after the first question was answered like this. */
  async #begin(discovered: Answer | ExchangeError): Promise<HandshakeResult> {
    const result = await this.#initialize();
    if (result.outcome === 'Passed') {
      const why = result.reason === 'Verified' ? stopsModernClients(discovered) : undefined;
      return why === undefined || result.note !== undefined ? result : noting(result, `${MODERN_CLIENTS} cannot use it: that ${why}.`);
    }
    const others = discovered instanceof ExchangeError ? [] : otherModernVersions(discovered);
    return others.length > 0 ? eraMismatch(others) : result;
  }

  async #initialize(): Promise<HandshakeResult> {
    const { path } = this.#options;
    const answer = await this.#ask(initializeMessage(), this.#left());
    if (answer instanceof ExchangeError) return this.#unanswered(answer);
    const result = judgeInitialize(answer, this.#options);
    const session = sessionOf(answer, result);
    const flaw = (await this.#listTools(answer, result, session)) ?? (await this.#askForAnother(result, session));
    await this.#leave(session);
    if (result.reason !== 'WrongPath') return flaw ?? result;
    // No more than the first bytes of an event stream: a longer wait could be in vain.
    const accept = { accept: 'text/event-stream, text/html' };
    const timeoutMs = Math.min(EXTRA_MS, this.#left());
    const page = await this.#send({ method: 'GET', headers: accept, maxBytes: SSE_OPENING.length, timeoutMs });
    return (page instanceof ExchangeError ? undefined : judgeGet(page, path)) ?? result;
  }

  /** Whether clients that begin with `initialize` can use a server of the modern era, too. */
  async #forEarlierClients(modern: Passed): Promise<Passed> {
    const answer = await this.#ask(initializeMessage(), Math.min(EXTRA_MS, this.#left()));
    if (answer instanceof ExchangeError) return modern;
    const result = judgeInitialize(answer, this.#options);
    await this.#leave(sessionOf(answer, result));
    return result.outcome === 'Failed' ? noting(modern, `${EARLIER_CLIENTS} cannot use it.`) : modern;
  }

  /** Whether a server gives a second session while the first is open, as it must to serve more than one client. */
  async #askForAnother(result: HandshakeResult, { id }: Session): Promise<HandshakeResult | undefined> {
    if (result.reason !== 'Verified' || id === undefined) return undefined;
    const answer = await this.#ask(initializeMessage(), this.#left());
    if (answer instanceof ExchangeError) return undefined;
    const flaw = judgeSecondSession(answer);
    if (flaw === undefined) await this.#leave(sessionOf(answer, result));
    return flaw;
  }

  /** Leaves no session behind; servers that cannot end one may keep it. */
  async #leave(session: Session): Promise<void> {
    if (session.id === undefined) return;
    await this.#send({ method: 'DELETE', headers: sessionHeaders(session), maxBytes: 1024, timeoutMs: EXTRA_MS });
  }

  /** What speaks against a server that is verified so far: it does not go on as clients do, or cannot list the tools it announces in its answer. */
  async #listTools({ reply }: Answer, result: HandshakeResult, session?: Session): Promise<HandshakeResult | undefined> {
    if (result.reason !== 'Verified') return undefined;
    if (session !== undefined) {
      const initialized = await this.#goOn(() => this.#post(initializedMessage(session), { maxBytes: 1024, enough: () => true }));
      const flaw = initialized instanceof ExchangeError ? await this.#unheard(initialized) : judgeInitialized(initialized);
      if (flaw !== undefined) return flaw;
    }
    if (!announcesTools(reply)) return undefined;
    const era = session === undefined ? 'modern' : 'legacy';
    let reader = new ToolListReader(era);
    const listed = await this.#goOn(() => {
      reader = new ToolListReader(era);
      return this.#post(listToolsMessage(session), { maxBytes: MAX_LIST_BYTES, keepBytes: 1024, enough: reader.enough });
    });
    if (listed instanceof ExchangeError) return this.#unheard(listed);
    const list = reader.list(listed.truncated);
    return judgeTools(listed, this.#withholds ? listWithoutWords(list) : list);
  }

  /** Says something to a server that answered before; once more where that was cut off, as may happen on the way to it. */
  async #goOn(say: () => Promise<ExchangeResponse | ExchangeError>): Promise<ExchangeResponse | ExchangeError> {
    const answer = await say();
    return answer instanceof ExchangeError && answer.kind === 'Closed' ? say() : answer;
  }

  /** The verdict on a server that answered before. */
  #unheard(error: ExchangeError): Promise<HandshakeResult> | HandshakeResult {
    return error.kind === 'Closed' || error.kind === 'Malformed' ? judgeClosed(error) : this.#unanswered(error);
  }

  async #unanswered(error: ExchangeError): Promise<HandshakeResult> {
    if (error.kind === 'Closed') {
      // Not GET, to which a server may answer with a stream that stays open.
      const overTls = await this.#post(discoverMessage(), { timeoutMs: Math.min(EXTRA_MS, this.#left()), tls: true, maxBytes: 0 });
      if (!(overTls instanceof ExchangeError)) return tlsRequired('it closes plain connections and answers over TLS');
    }
    if (error.kind !== 'NoAnswer') return judgeError(error);
    const { patient = false } = this.#options;
    const sign = await this.#send({ method: 'GET', headers: {}, maxBytes: 0, timeoutMs: patient ? PATIENCE_MS : EXTRA_MS });
    if (!(sign instanceof ExchangeError)) return judgeSign(sign);
    return sign.kind === 'NoAnswer' ? silence({ hangs: patient }) : judgeError(sign);
  }

  async #ask(message: OutgoingMessage, timeoutMs: number): Promise<Answer | ExchangeError> {
    const reader = new ReplyReader();
    const response = await this.#receive({ method: 'POST', ...message, timeoutMs, maxBytes: MAX_REPLY_BYTES, enough: reader.enough });
    if (response instanceof ExchangeError) return response;
    const reply = reader.reply(response.body);
    const result = reply !== undefined && 'result' in reply ? reply.result : undefined;
    const flaws = result && { flaw: flawOfInitialize(result), strictFlaw: strictFlawOfInitialize(result) };
    return this.#withholds ? { ...withoutWords(response), reply: replyWithoutWords(reply), ...flaws } : { ...response, reply, ...flaws };
  }

  #post(message: OutgoingMessage, how: Reading): Promise<ExchangeResponse | ExchangeError> {
    return this.#send({ method: 'POST', ...message, timeoutMs: this.#left(), ...how });
  }

  async #send(request: Request): Promise<ExchangeResponse | ExchangeError> {
    const response = await this.#receive(request);
    return this.#withholds && !(response instanceof ExchangeError) ? withoutWords(response) : response;
  }

  /** Sends a request, and sends it again where it is redirected; only what is read in the answer may be used where words are withheld. */
  async #receive(request: Request): Promise<ExchangeResponse | ExchangeError> {
    const { host } = this.#options;
    const until = this.#clock.now() + request.timeoutMs;
    let { path } = this.#options;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#exchangeOnce({ ...request, path, timeoutMs: Math.max(1, until - this.#clock.now()) });
      if (answer instanceof ExchangeError || redirects === MOST_REDIRECTS) return answer;
      const isTls = this.#options.isTls === true;
      const next = redirectedTo(answer, { method: request.method, path, host, isTls });
      if (next === undefined) return answer;
      path = next;
    }
  }

  async #exchangeOnce(request: Request & { readonly path: string }): Promise<ExchangeResponse | ExchangeError> {
    const { host, signal } = this.#options;
    const headers = { 'user-agent': USER_AGENT, ...request.headers, host };
    // Nobody reads what comes with a redirect.
    const enough: Enough = (head) => (isRedirect(head) ? true : request.enough?.(head) ?? (() => false));
    try {
      return await this.#exchange({ ...request, enough, maxPieces: MOST_PIECES, signal, headers });
    } catch (error) {
      if (error instanceof ExchangeError) return this.#withholds ? errorWithoutWords(error) : error;
      throw error;
    }
  }

  get #withholds(): boolean {
    return this.#options.withhold === true;
  }

  #left(): number {
    return Math.max(1, this.#deadline - this.#clock.now());
  }
}

function sessionOf({ headers }: Answer, result: HandshakeResult): Session {
  const id = headers['mcp-session-id'];
  const version = result.outcome === 'Passed' ? result.server?.protocolVersions[0] : undefined;
  return { protocolVersion: version ?? LEGACY_VERSIONS[0], id: typeof id === 'string' ? id : undefined };
}
