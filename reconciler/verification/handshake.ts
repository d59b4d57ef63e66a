// The MCP handshake with one pod: the modern era's question first, the earlier era's next, and no session left behind.
import { systemClock, type Clock } from '../runtime/clock.ts';
import { ExchangeError, type ExchangeErrorKind, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from './exchange.ts';
import type { HandshakeResult } from './handshake-result.ts';
import {
  eraMismatch, judgeDiscover, judgeError, judgeGet, judgeInitialize, judgeInitialized, judgeSign, judgeTools,
  otherModernVersions, silence, tlsRequired, type Answer,
} from './judge.ts';
import {
  LEGACY_VERSIONS, discoverMessage, initializedMessage, initializeMessage, listToolsMessage, sessionHeaders,
  type OutgoingMessage, type Session,
} from './messages.ts';
import { ReplyReader } from './reading/reply-reader.ts';
import { announcesTools } from './reading/reply.ts';
import { SSE_OPENING } from './reading/signs.ts';
import { ToolListReader } from './reading/tool-list-reader.ts';
import { errorWithoutWords, listWithoutWords, noted, replyWithoutWords, withoutWords } from './withheld.ts';

export interface HandshakeOptions {
  /** Path of the MCP endpoint. */
  readonly path: string;
  /** Host header: the name clients use. */
  readonly host: string;
  /** For the whole handshake, a session's DELETE and the search for a sign of life aside. */
  readonly timeoutMs: number;
  /** Whether to wait on, far beyond `timeoutMs`, where that tells a server that hangs from one out of reach. */
  readonly patient?: boolean | undefined;
  /** Whether the server knows a credential, so that none of its words may be shown. */
  readonly withhold?: boolean | undefined;
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
const FINAL: ReadonlySet<ExchangeErrorKind> = new Set(['Refused', 'Unreachable', 'TLS', 'NotTLS', 'Certificate']);

/** Time for what only refines a verdict, or cleans up. */
const EXTRA_MS = 2000;

/** Asks a pod whether an MCP client could use it. Rejects only with the reason of `signal`. */
export async function handshake(exchange: HttpExchange, options: HandshakeOptions): Promise<HandshakeResult> {
  const result = await new Handshake(exchange, options).run();
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
    if (discovered instanceof ExchangeError) return FINAL.has(discovered.kind) ? this.#unanswered(discovered) : this.#initialize();
    const modern = judgeDiscover(discovered);
    if (modern !== undefined) return (await this.#listTools(discovered, modern)) ?? modern;
    const result = await this.#initialize();
    const others = otherModernVersions(discovered);
    return result.outcome !== 'Passed' && others.length > 0 ? eraMismatch(others) : result;
  }

  async #initialize(): Promise<HandshakeResult> {
    const { path, host } = this.#options;
    const answer = await this.#ask(initializeMessage(), this.#left());
    if (answer instanceof ExchangeError) return this.#unanswered(answer);
    const result = judgeInitialize(answer, { path, host });
    const session = sessionOf(answer, result);
    const flaw = await this.#listTools(answer, result, session);
    // Leaves no session behind; servers that cannot end one may keep it.
    if (session.id !== undefined) await this.#send({ method: 'DELETE', headers: sessionHeaders(session), maxBytes: 1024, timeoutMs: EXTRA_MS });
    if (result.reason !== 'WrongPath') return flaw ?? result;
    // No more than the first bytes of an event stream: a longer wait could be in vain.
    const accept = { accept: 'text/event-stream, text/html' };
    const timeoutMs = Math.min(EXTRA_MS, this.#left());
    const page = await this.#send({ method: 'GET', headers: accept, maxBytes: SSE_OPENING.length, timeoutMs });
    return (page instanceof ExchangeError ? undefined : judgeGet(page, path)) ?? result;
  }

  /** What speaks against a server that is verified so far, and announces tools in `answer`; undefined when nothing. */
  async #listTools({ reply }: Answer, result: HandshakeResult, session?: Session): Promise<HandshakeResult | undefined> {
    if (result.reason !== 'Verified' || !announcesTools(reply)) return undefined;
    if (session !== undefined) {
      const initialized = await this.#post(initializedMessage(session), { maxBytes: 1024, enough: () => true });
      const flaw = initialized instanceof ExchangeError ? await this.#unanswered(initialized) : judgeInitialized(initialized);
      if (flaw !== undefined) return flaw;
    }
    const reader = new ToolListReader();
    const listed = await this.#post(listToolsMessage(session), { maxBytes: MAX_LIST_BYTES, keepBytes: 1024, enough: reader.enough });
    if (listed instanceof ExchangeError) return this.#unanswered(listed);
    const list = reader.list(listed.truncated);
    return judgeTools(listed, this.#withholds ? listWithoutWords(list) : list);
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
    return this.#withholds ? { ...withoutWords(response), reply: replyWithoutWords(reply) } : { ...response, reply };
  }

  #post(message: OutgoingMessage, how: Reading): Promise<ExchangeResponse | ExchangeError> {
    return this.#send({ method: 'POST', ...message, timeoutMs: this.#left(), ...how });
  }

  async #send(request: Request): Promise<ExchangeResponse | ExchangeError> {
    const response = await this.#receive(request);
    return this.#withholds && !(response instanceof ExchangeError) ? withoutWords(response) : response;
  }

  /** Sends a request; only what is read in the answer may be used where words are withheld. */
  async #receive(request: Request): Promise<ExchangeResponse | ExchangeError> {
    const { path, host, signal } = this.#options;
    try {
      return await this.#exchange({ ...request, path, maxPieces: MOST_PIECES, signal, headers: { ...request.headers, host } });
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
