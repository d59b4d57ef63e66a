// The MCP handshake with one pod: the modern era's question first, the earlier era's next, and no session left behind.
import { systemClock, type Clock } from '../runtime/clock.ts';
import { ExchangeError, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from './exchange.ts';
import type { HandshakeResult } from './handshake-result.ts';
import { eraMismatch, judgeDiscover, judgeError, judgeGet, judgeInitialize, otherModernVersions, tlsRequired } from './judge.ts';
import { LEGACY_VERSIONS, discoverMessage, endSessionHeaders, initializeMessage, type OutgoingMessage } from './messages.ts';
import { readReply } from './replies.ts';

export interface HandshakeOptions {
  /** Path of the MCP endpoint. */
  readonly path: string;
  /** Host header: the name clients use. */
  readonly host: string;
  /** For the whole handshake, a session's DELETE aside. */
  readonly timeoutMs: number;
  /** Longest accepted answer. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Whether this server answered before by the same way, so that silence is its own. */
  readonly answeredBefore?: boolean | undefined;
  /** Whether to wait on, far beyond `timeoutMs`, where only that tells a server that hangs from one out of reach. */
  readonly patient?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

/** The first bytes of a legacy event stream; a longer wait for more could be in vain. */
const SSE_OPENING_BYTES = 'event: endpoint'.length;

/** Longer than the 30 s after which the API server gives up connecting to a pod and says so. */
const PATIENCE_MS = 35_000;

/** Time for what only refines a verdict, or cleans up. */
const EXTRA_MS = 2000;

/** Asks a pod whether an MCP client could use it. Rejects only with the reason of `signal`. */
export async function handshake(exchange: HttpExchange, options: HandshakeOptions): Promise<HandshakeResult> {
  return new Handshake(exchange, options).run();
}

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
    // A server that swallows what it does not know still gets its chance to answer `initialize`.
    const discovered = await this.#post(discoverMessage(), this.#options.timeoutMs / 2);
    if (discovered instanceof ExchangeError && discovered.kind !== 'Hang' && discovered.kind !== 'NoAnswer') return this.#unanswered(discovered);
    const modern = discovered instanceof ExchangeError ? undefined : judgeDiscover(discovered);
    if (modern !== undefined) return modern;
    const result = await this.#initialize();
    const others = discovered instanceof ExchangeError ? [] : otherModernVersions(discovered);
    return result.outcome !== 'Passed' && others.length > 0 ? eraMismatch(others) : result;
  }

  async #initialize(): Promise<HandshakeResult> {
    const { path, host } = this.#options;
    const response = await this.#post(initializeMessage(), this.#left());
    if (response instanceof ExchangeError) return this.#unanswered(response);
    const result = judgeInitialize(response, { path, host });
    await this.#endSession(response, result);
    if (result.reason !== 'WrongPath') return result;
    const accept = { accept: 'text/event-stream, text/html' };
    const page = await this.#send({ method: 'GET', headers: accept, maxBytes: SSE_OPENING_BYTES, timeoutMs: Math.min(EXTRA_MS, this.#left()) });
    return (page instanceof ExchangeError ? undefined : judgeGet(page, path)) ?? result;
  }

  /** Leaves no session behind; servers that cannot end one may keep it. */
  async #endSession(response: ExchangeResponse, result: HandshakeResult): Promise<void> {
    const id = response.headers['mcp-session-id'];
    if (typeof id !== 'string') return;
    const version = result.outcome === 'Passed' ? result.server?.protocolVersions[0] : undefined;
    const headers = endSessionHeaders(id, version ?? LEGACY_VERSIONS[0]);
    await this.#send({ method: 'DELETE', headers, maxBytes: 1024, timeoutMs: EXTRA_MS });
  }

  async #unanswered(error: ExchangeError): Promise<HandshakeResult> {
    if (error.kind === 'Closed') {
      // Not GET, to which a server may answer with a stream that stays open.
      const overTls = await this.#post(discoverMessage(), Math.min(EXTRA_MS, this.#left()), { tls: true });
      if (!(overTls instanceof ExchangeError)) return tlsRequired('it closes plain connections and answers over TLS');
    }
    const { answeredBefore = false, patient = false } = this.#options;
    if (error.kind !== 'NoAnswer' || answeredBefore || !patient) return judgeError(error, answeredBefore);
    const waited = await this.#send({ method: 'GET', headers: {}, maxBytes: 1, timeoutMs: PATIENCE_MS });
    return judgeError(waited instanceof ExchangeError ? waited : error, true);
  }

  #post(message: OutgoingMessage, timeoutMs: number, { tls = false } = {}): Promise<ExchangeResponse | ExchangeError> {
    const request = { method: 'POST' as const, ...message, timeoutMs, tls, maxBytes: this.#options.maxBytes ?? 1024 * 1024 };
    return this.#send({ ...request, enough: (body) => readReply({ headers: EVENT_STREAM, body }) !== undefined });
  }

  async #send(request: Omit<ExchangeRequest, 'path'>): Promise<ExchangeResponse | ExchangeError> {
    const { path, host, signal } = this.#options;
    try {
      return await this.#exchange({ ...request, path, signal, headers: { ...request.headers, host } });
    } catch (error) {
      if (error instanceof ExchangeError) return error;
      throw error;
    }
  }

  #left(): number {
    return Math.max(1, this.#deadline - this.#clock.now());
  }
}

const EVENT_STREAM = { 'content-type': 'text/event-stream' };
