// Where no process is kept while nobody asks, the operator's question wakes none: it is answered by what the last one said that was
// asked the same.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AnswerStream } from './answer-stream.ts';
import type { Child } from './child.ts';
import { inTime } from './in-time.ts';
import { introduce, type Introduction, type NoIntroduction } from './introduction.ts';
import { replaced, spanAt } from './json-span.ts';
import { objectIn, readMessage, type Id, type RequestMessage, type ResponseMessage } from './messages.ts';
import type { Pool } from './pool.ts';
import { envelope } from './protocol.ts';
import type { Settings } from './settings.ts';
import { introduced } from './shared-service.ts';
import { isOfOperator, whyNotReady } from './start-answers.ts';
import type { StartFailure } from './start-failure.ts';
import { discovered, translated, untouched } from './translation.ts';

/** For the list of tools of a process that has just started. */
const LIST_MS = 20_000;
/** As much of a list as the operator reads. What is longer is not kept, and the operator asks a process. */
const MOST_LIST_CHARACTERS = 1024 * 1024;
const LIST_ID = 'bridge-tools';

/** What a process said. */
interface Said {
  readonly result: Readonly<Record<string, unknown>>;
  /** The reply to `tools/list`; undefined where it announced none. */
  readonly tools: string | undefined;
}

/** What is known, by the era it is asked in. */
interface Known {
  readonly stateless?: Said | undefined;
  /** Of a server that knows stateless requests also, why it begins no session. */
  readonly sessions?: Said | StartFailure | undefined;
}

export interface RecollectionOptions {
  readonly settings: Pick<Settings, 'sessions' | 'startupTimeoutMs'>;
  readonly pool: Pick<Pool, 'start'>;
}

/** One HTTP request; `stream` makes the stream that answers it. */
interface Asked {
  readonly requests: readonly RequestMessage[];
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  readonly stream: () => AnswerStream;
}

export class Recollection {
  readonly #options: RecollectionOptions;
  /** Begins the ids of the handshakes that are answered here. They open nothing but what the operator may know. */
  readonly #prefix = randomBytes(8).toString('hex');
  #known: Known = {};

  constructor(options: RecollectionOptions) {
    this.#options = options;
  }

  /** Asks a process that has introduced itself for all that the operator would, and ends it. */
  async take(child: Child, { era, result }: Exclude<Introduction, NoIntroduction>): Promise<void> {
    const said = await saidBy(child, result, era);
    void child.stop();
    this.#known = era === 'stateless' ? { stateless: said, sessions: await this.#asEarlier() } : { sessions: said };
  }

  /** Whether an id is that of a handshake which is answered here. */
  owns(sessionId: string | readonly string[] | undefined): boolean {
    return typeof sessionId === 'string' && sessionId.startsWith(this.#prefix);
  }

  /** Answers what the operator asks, if it is remembered; whether it is. */
  answer({ requests, headers, response, stream }: Asked): boolean {
    const isOwned = this.owns(headers['mcp-session-id']);
    const [request] = requests;
    if (request === undefined) {
      if (isOwned) response.writeHead(202).end();
      return isOwned;
    }
    if (requests.length > 1 || !(isOwned || isOfOperator(request))) return false;
    const { sessions } = this.#known;
    if (request.method === 'initialize' && sessions !== undefined && 'kind' in sessions) {
      stream().fail(whyNotReady(request.id, sessions));
      return true;
    }
    const text = isOwned ? this.#inSession(request) : this.#outside(request);
    if (text === undefined) return false;
    const answer = stream();
    if (request.method === 'initialize' && !this.#isShared) answer.sessionId = `${this.#prefix}${randomBytes(8).toString('hex')}`;
    answer.reply(text);
    return true;
  }

  get #isShared(): boolean {
    return this.#options.settings.sessions === 'Shared';
  }

  get #earlier(): Said | undefined {
    const { sessions } = this.#known;
    return sessions !== undefined && 'result' in sessions ? sessions : undefined;
  }

  #inSession(request: RequestMessage): string | undefined {
    return request.method === 'tools/list' ? listed(this.#earlier, request, untouched) : this.#outside(request);
  }

  #outside(request: RequestMessage): string | undefined {
    const { method, id } = request;
    const { stateless } = this.#known;
    const earlier = this.#earlier;
    const shared = this.#isShared ? earlier : undefined;
    if (method === 'initialize') return earlier && replyWith(id, shared === undefined ? earlier.result : introduced(request, shared.result));
    if (method === 'server/discover') return stateless ? replyWith(id, stateless.result) : shared && discovered(request, shared.result);
    if (method === 'tools/list') return stateless ? listed(stateless, request, untouched) : listed(shared, request, translated);
    return undefined;
  }

  /** What a server of stateless requests says to clients that begin a session; one process answers in one era. */
  async #asEarlier(): Promise<Said | StartFailure | undefined> {
    const { pool, settings } = this.#options;
    const child = pool.start();
    const introduction = await introduce(child, { timeoutMs: settings.startupTimeoutMs, discover: false });
    const said = introduction.era === 'none' ? introduction.failure : await saidBy(child, introduction.result, 'sessions');
    void child.stop();
    return said;
  }
}

/** With its tools, if it has some; undefined where they cannot be kept. */
async function saidBy(child: Child, result: Said['result'], era: 'stateless' | 'sessions'): Promise<Said | undefined> {
  if (!('tools' in objectIn(result['capabilities']))) return { result, tools: undefined };
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.assign('probe', {
    onMessage: (message) => {
      if (message.kind === 'response' && message.id === LIST_ID) resolve(message.text);
    },
    onLong: () => resolve(undefined),
    onEnd: () => resolve(undefined),
  });
  const params = era === 'stateless' ? { _meta: envelope.meta } : {};
  child.send(JSON.stringify({ jsonrpc: '2.0', id: LIST_ID, method: 'tools/list', params }));
  const tools = await inTime(LIST_MS, promise);
  return tools === undefined || tools.length > MOST_LIST_CHARACTERS ? undefined : { result, tools };
}

function replyWith(id: Id, result: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

/** The list as it was said, in the asker's words and with its id. */
function listed(said: Said | undefined, request: RequestMessage, adapter: typeof translated): string | undefined {
  const text = said?.tools;
  const span = text === undefined ? 'absent' : spanAt(text, ['id']);
  if (text === undefined || typeof span === 'string') return undefined;
  const reply = readMessage(replaced(text, span, JSON.stringify(request.id)));
  return reply?.kind === 'response' ? adapter.reply(reply satisfies ResponseMessage, request).text : undefined;
}
