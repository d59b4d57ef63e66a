// The MCP handshake with one pod: the modern era's question first, the earlier era's next, and no session left behind.
import { systemClock, type Clock } from '../runtime/clock.ts';
import { ExchangeError, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from './exchange.ts';
import type { HandshakeResult } from './handshake-result.ts';
import {
  eraMismatch, judgeDiscover, judgeError, judgeGet, judgeInitialize, judgeSign, otherModernVersions, silence, tlsRequired,
} from './judge.ts';
import { LEGACY_VERSIONS, discoverMessage, endSessionHeaders, initializeMessage, type OutgoingMessage } from './messages.ts';
import { untilReply } from './until-reply.ts';

export interface HandshakeOptions {
  /** Path of the MCP endpoint. */
  readonly path: string;
  /** Host header: the name clients use. */
  readonly host: string;
  /** For the whole handshake, a session's DELETE and the search for a sign of life aside. */
  readonly timeoutMs: number;
  /** Longest accepted answer. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Whether to wait on, far beyond `timeoutMs`, where that tells a server that hangs from one out of reach. */
  readonly patient?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

/** The first bytes of a legacy event stream; a longer wait for more could be in vain. */
const SSE_OPENING_BYTES = 'event: endpoint'.length;

/**
 * Longer than the 30 s after which the API server gives up connecting to a pod and says so. Where it has to ask an HTTP
 * CONNECT proxy it waits for ever, so a silence that lasts is no proof where others are silent, too.
 */
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
    const timeoutMs = Math.min(EXTRA_MS, this.#left());
    const page = await this.#send({ method: 'GET', headers: accept, maxBytes: SSE_OPENING_BYTES, timeoutMs });
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
    if (error.kind !== 'NoAnswer') return judgeError(error);
    const { patient = false } = this.#options;
    const sign = await this.#send({ method: 'GET', headers: {}, maxBytes: 0, timeoutMs: patient ? PATIENCE_MS : EXTRA_MS });
    if (!(sign instanceof ExchangeError)) return judgeSign(sign);
    return sign.kind === 'NoAnswer' ? silence({ hangs: patient }) : judgeError(sign);
  }

  #post(message: OutgoingMessage, timeoutMs: number, { tls = false } = {}): Promise<ExchangeResponse | ExchangeError> {
    const { maxBytes = 1024 * 1024 } = this.#options;
    return this.#send({ method: 'POST', ...message, timeoutMs, tls, maxBytes, enough: untilReply });
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
