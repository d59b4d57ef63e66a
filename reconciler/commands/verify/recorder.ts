// What was asked and what came: a handshake's exchanges as they happen, and the sessions that one may leave behind.
import { plain } from '../../../kubernetes/text.ts';
import { ExchangeError, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from '../../verification/exchange.ts';
import { LEGACY_VERSIONS, sessionHeaders } from '../../verification/messages.ts';
import { errorWithoutWords, WITHHELD, withoutWords } from '../../verification/withheld.ts';

/** One request, and its answer or why there was none. Part of the output in JSON. */
export interface Exchange {
  readonly method: ExchangeRequest['method'];
  /** JSON-RPC method of the body; null without one. */
  readonly rpcMethod: string | null;
  readonly path: string;
  /** Null without an answer. */
  readonly status: number | null;
  readonly contentType: string | null;
  readonly milliseconds: number;
  /** Why there was no answer; null where there was one. */
  readonly error: string | null;
}

export interface RecorderOptions {
  /** Whether the server knows a credential, so that none of its words may be kept. */
  readonly withhold: boolean;
  /** Called with each exchange when it has ended. */
  readonly onExchange: (exchange: Exchange) => void;
}

/** Time for the end of a session, in milliseconds. */
const END_MS = 1000;

/** Listens to exchanges. */
export class Recorder {
  readonly exchanges: Exchange[] = [];
  /** What the system said of the last exchange without an answer, such as ENOTFOUND. */
  lastCode: string | undefined;
  readonly #options: RecorderOptions;
  /** DELETEs that end sessions, by session. */
  readonly #sessions = new Map<string, () => Promise<unknown>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The same exchange, listened to. `paths` are words of ours; another path is one that the server named. */
  over(exchange: HttpExchange, paths: readonly string[]): HttpExchange {
    return async (request) => {
      const begun = performance.now();
      const end = ({ status, contentType, error }: Pick<Exchange, 'status' | 'contentType' | 'error'>): void => this.#add({
        method: request.method,
        rpcMethod: rpcMethodOf(request.body),
        path: this.#options.withhold && !paths.includes(request.path) ? WITHHELD : plain(request.path, 200),
        status,
        contentType,
        milliseconds: Math.round(performance.now() - begun),
        error,
      });
      try {
        const response = await exchange(request);
        this.#followSession(exchange, request, response);
        end({ status: response.status, contentType: this.#typeOf(response), error: null });
        return response;
      } catch (error) {
        if (error instanceof ExchangeError) {
          this.lastCode = codeOf(error.cause);
          end({ status: null, contentType: null, error: plain((this.#options.withhold ? errorWithoutWords(error) : error).message, 200) });
        }
        throw error;
      }
    };
  }

  /** Ends the sessions of a handshake that was broken off, in a second at most. */
  async endSessions(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((end) => end()));
  }

  #add(exchange: Exchange): void {
    this.exchanges.push(exchange);
    this.#options.onExchange(exchange);
  }

  #typeOf(response: ExchangeResponse): string | null {
    const type = (this.#options.withhold ? withoutWords(response) : response).headers['content-type'];
    return type === undefined ? null : plain(type, 60);
  }

  #followSession(exchange: HttpExchange, { method, path, headers, maxPieces }: ExchangeRequest, response: ExchangeResponse): void {
    if (method === 'DELETE') this.#sessions.delete(headers['mcp-session-id'] ?? '');
    const id = response.headers['mcp-session-id'];
    if (method !== 'POST' || typeof id !== 'string' || headers['mcp-session-id'] !== undefined) return;
    const { host = '' } = headers;
    const head = { host, ...sessionHeaders({ id, protocolVersion: LEGACY_VERSIONS[0] }) };
    this.#sessions.set(id, () => exchange({ method: 'DELETE', path, headers: head, maxBytes: 1024, maxPieces, timeoutMs: END_MS }));
  }
}

function rpcMethodOf(body: string | undefined): string | null {
  return body === undefined ? null : (JSON.parse(body) as { method: string }).method;
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
}
