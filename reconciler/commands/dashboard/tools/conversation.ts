// What is said to an MCP server to list its tools or to call one, in either protocol era, and how it ends. It announces no
// capability, so that no server asks for a sampling, an elicitation or roots; what one asks for all the same is not answered.
import { plain } from '../../../../kubernetes/text.ts';
import { ExchangeError, type ExchangeResponse, type HttpExchange } from '../../../verification/exchange.ts';
import { judgeDiscover, judgeError, judgeInitialize, judgeInitialized, type Answer } from '../../../verification/judge.ts';
import {
  callToolMessage, cancelledMessage, discoverMessage, initializedMessage, initializeMessage, LEGACY_VERSIONS, listToolsMessage,
  sessionHeaders, USER_AGENT, type OutgoingMessage, type Session,
} from '../../../verification/messages.ts';
import { flawOfInitialize, strictFlawOfInitialize } from '../../../verification/reading/introduction.ts';
import { ReplyReader } from '../../../verification/reading/reply-reader.ts';
import type { Reply } from '../../../verification/reading/reply.ts';
import type { JsonObject } from '../../../verification/reading/shape.ts';
import { UserError } from '../../user-error.ts';

export interface ConversationOptions {
  readonly exchange: HttpExchange;
  readonly path: string;
  /** The name that clients use. */
  readonly host: string;
  /** Beside those of MCP; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** For all of it but its end. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** So much of an answer is read, in so many pieces. */
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;
const MOST_PIECES = 64 * 1024;
/** A server of another era may be silent about the first question. */
const DISCOVER_MS = 5000;
/** For what only cleans up. */
const END_MS = 2000;
const LONGEST_SENTENCE = 2000;

/** Says hello, asks, and leaves no session behind. Throws UserError with why not, or the reason of the signal. */
export async function converse<T>(options: ConversationOptions, ask: (conversation: Conversation) => Promise<T>): Promise<T> {
  const conversation = new Conversation(options);
  try {
    await conversation.begin();
    return await ask(conversation);
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    if (error instanceof ExchangeError) throw new UserError(plain(judgeError(error).message, LONGEST_SENTENCE), { cause: error });
    throw error;
  } finally {
    await conversation.end();
  }
}

interface Sending {
  readonly timeoutMs?: number | undefined;
  /** The head of the answer is enough. */
  readonly enough?: boolean;
}

interface Received {
  readonly response: ExchangeResponse;
  readonly reply: Reply | undefined;
}

/** One that has begun. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #untilMs: number;
  #session: Session | undefined;
  #isAsking = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#untilMs = performance.now() + options.timeoutMs;
  }

  async begin(): Promise<void> {
    const { path, host } = this.#options;
    const discovered = await this.#discover();
    if (discovered !== undefined && judgeDiscover(discovered)?.reason === 'Verified') return;
    const answer = await this.#answer(initializeMessage());
    const result = judgeInitialize(answer, { path, host });
    if (result.reason === 'AuthRequired') throw new UserError(`${result.message} Give the header with them above.`);
    if (result.outcome !== 'Passed') throw new UserError(result.message);
    const id = answer.headers['mcp-session-id'];
    this.#session = { protocolVersion: result.server?.protocolVersions[0] ?? LEGACY_VERSIONS[0], id: typeof id === 'string' ? id : undefined };
    const { response } = await this.#send(initializedMessage(this.#session), { enough: true });
    const flaw = judgeInitialized(response);
    if (flaw !== undefined) throw new UserError(flaw.message);
  }

  /** A page of the list. */
  listTools(cursor: string | undefined): Promise<JsonObject> {
    return this.#result('tools/list', listToolsMessage(this.#session, cursor));
  }

  async callTool(name: string, args: object): Promise<JsonObject> {
    this.#isAsking = true;
    const result = await this.#result('tools/call', callToolMessage({ name, arguments: args }, this.#session));
    this.#isAsking = false;
    return result;
  }

  /** Takes back what is still asked, and ends the session; whatever comes of that. */
  async end(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const rest = { timeoutMs: END_MS, maxBytes: 1024, maxPieces: 64, path: this.#options.path };
    const quietly = (request: Parameters<HttpExchange>[0]): Promise<unknown> => this.#options.exchange(request).catch(() => undefined);
    if (this.#isAsking) await quietly({ method: 'POST', ...rest, ...this.#dressed(cancelledMessage(session)), enough: () => true });
    const { headers } = this.#dressed({ headers: sessionHeaders(session) });
    if (session.id !== undefined) await quietly({ method: 'DELETE', ...rest, headers, enough: () => true });
  }

  async #discover(): Promise<Answer | undefined> {
    try {
      return await this.#answer(discoverMessage(), DISCOVER_MS);
    } catch (error) {
      if (error instanceof ExchangeError && ['Hang', 'NoAnswer', 'Closed', 'Malformed'].includes(error.kind)) return undefined;
      throw error;
    }
  }

  async #answer(message: OutgoingMessage, timeoutMs?: number): Promise<Answer> {
    const { response, reply } = await this.#send(message, { timeoutMs });
    const result = reply !== undefined && 'result' in reply ? reply.result : undefined;
    return { ...response, reply, ...(result && { flaw: flawOfInitialize(result), strictFlaw: strictFlawOfInitialize(result) }) };
  }

  async #result(method: string, message: OutgoingMessage): Promise<JsonObject> {
    const { response, reply } = await this.#send(message, {});
    if (reply !== undefined && 'result' in reply) {
      if (reply.result['resultType'] === 'input_required') throw new UserError('The server asks for more before it answers, which this page does not give.');
      return reply.result;
    }
    if (response.truncated) throw new UserError(`The answer of the server is too large: more than ${MOST_ANSWER_BYTES / 1024 / 1024} MiB.`);
    if (reply !== undefined) throw new UserError(plain(`The server refuses it: ${reply.error.message} (code ${reply.error.code})`, LONGEST_SENTENCE));
    const said = plain(response.body.slice(0, LONGEST_SENTENCE), 300);
    throw new UserError(`The server answers ${method} with HTTP ${response.status} and no result of MCP${said === '' ? '' : `: ${said}`}.`);
  }

  async #send(message: OutgoingMessage, { timeoutMs, enough = false }: Sending): Promise<Received> {
    const { exchange, path, signal } = this.#options;
    const left = Math.max(1, this.#untilMs - performance.now());
    const reader = new ReplyReader();
    const limits = { timeoutMs: Math.min(left, timeoutMs ?? left), maxBytes: MOST_ANSWER_BYTES, maxPieces: MOST_PIECES, signal };
    const request = { method: 'POST' as const, path, ...this.#dressed(message), ...limits };
    const response = await exchange({ ...request, enough: enough ? (): true => true : reader.enough });
    return { response, reply: enough ? undefined : reader.reply(response.body) };
  }

  #dressed<M extends Pick<OutgoingMessage, 'headers'>>(message: M): M & { readonly headers: Readonly<Record<string, string>> } {
    const { host, headers } = this.#options;
    return { ...message, headers: { 'user-agent': USER_AGENT, ...headers, ...message.headers, host } };
  }
}
