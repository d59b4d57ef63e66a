// Which tools a server lists, and how many tokens each costs the clients that hand them to a model. Listens to a handshake's own question.
import { plain } from '../../../kubernetes/text.ts';
import { ExchangeError, type ExchangeRequest, type ExchangeResponse, type HttpExchange } from '../../verification/exchange.ts';
import { ReplyReader } from '../../verification/reading/reply-reader.ts';

/** What the tools cost. Part of the output in JSON. */
export interface ToolCosts {
  readonly count: number;
  /** Of all tools together. */
  readonly tokens: number;
  /** False where the list was not read to its end. */
  readonly complete: boolean;
  /** The dearest first; empty where no word of the server is shown. */
  readonly list: readonly { readonly name: string; readonly tokens: number }[];
}

/** A server may page its list; so many pages are read, in the time of the first. */
const MOST_PAGES = 50;
const MOST_BYTES = 4 * 1024 * 1024;
const CHARACTERS_PER_TOKEN = 4;

interface Tool {
  readonly name: string;
  readonly characters: number;
}

/** Overhears the list of tools. */
export class ToolListener {
  #tools: Tool[] | undefined;
  #isComplete = true;

  /** The same exchange; after a list of tools the pages that follow are asked for as well. */
  over(exchange: HttpExchange): HttpExchange {
    return async (request) => {
      if (!isToolList(request)) return exchange(request);
      const begun = performance.now();
      const { response, reader } = await heard(exchange, request);
      if (response.status === 200) await this.#read({ exchange, request, begun }, { response, reader });
      const { keepBytes = request.maxBytes } = request;
      return { ...response, body: Buffer.from(response.body).subarray(0, keepBytes).toString() };
    };
  }

  /** Undefined where none were listed. */
  costs({ withhold }: { readonly withhold: boolean }): ToolCosts | undefined {
    if (this.#tools === undefined) return undefined;
    const list = this.#tools.map((tool) => ({ name: plain(tool.name, 100), tokens: tokensOf(tool) }));
    const tokens = list.reduce((sum, each) => sum + each.tokens, 0);
    return { count: list.length, tokens, complete: this.#isComplete, list: withhold ? [] : list.toSorted((a, b) => b.tokens - a.tokens) };
  }

  async #read({ exchange, request, begun }: Asking, first: Heard): Promise<void> {
    const tools: Tool[] = [];
    let bytes = 0;
    let heardLast = first;
    for (let pages = 1; ; pages += 1) {
      const page = pageOf(heardLast);
      if (page === undefined) break;
      tools.push(...page.tools);
      bytes += heardLast.response.body.length;
      this.#tools = tools;
      this.#isComplete = page.next === undefined && !heardLast.response.truncated;
      const leftMs = request.timeoutMs - (performance.now() - begun);
      if (page.next === undefined || pages === MOST_PAGES || bytes > MOST_BYTES || leftMs < 1) return;
      try {
        heardLast = await heard(exchange, { ...request, body: withCursor(request.body ?? '', page.next), timeoutMs: leftMs });
      } catch (error) {
        if (error instanceof ExchangeError) return;
        throw error;
      }
    }
    if (this.#tools !== undefined) this.#isComplete = false;
  }
}

function tokensOf({ characters }: Tool): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

interface Asking {
  readonly exchange: HttpExchange;
  readonly request: ExchangeRequest;
  readonly begun: number;
}

interface Heard {
  readonly response: ExchangeResponse;
  readonly reader: ReplyReader;
}

/** Asks for a body as a whole, and reads it a second time beside whoever asked. */
async function heard(exchange: HttpExchange, request: ExchangeRequest): Promise<Heard> {
  const reader = new ReplyReader();
  const response = await exchange({
    ...request,
    keepBytes: request.maxBytes,
    enough: (head) => {
      const [theirs, ours] = [request.enough?.(head), reader.enough(head)];
      if (theirs === true || ours === true) return true;
      return (chunk) => {
        const isOurs = ours(chunk);
        return theirs === undefined ? isOurs : theirs(chunk);
      };
    },
  });
  return { response, reader };
}

function isToolList({ body }: ExchangeRequest): boolean {
  return body !== undefined && (JSON.parse(body) as { method?: unknown }).method === 'tools/list';
}

/** The tools of an answer, and where the next page is; undefined for what is no list. */
function pageOf({ response, reader }: Heard): { readonly tools: Tool[]; readonly next: string | undefined } | undefined {
  const reply = reader.reply(response.body);
  if (reply === undefined || !('result' in reply)) return undefined;
  const { tools, nextCursor } = reply.result;
  if (!Array.isArray(tools)) return undefined;
  return { tools: tools.map(costOf), next: typeof nextCursor === 'string' ? nextCursor : undefined };
}

/** What clients hand to a model of a tool: name, description and input schema, as compact JSON. */
function costOf(tool: unknown): Tool {
  const { name, description, inputSchema } = (tool ?? {}) as Record<string, unknown>;
  return { name: typeof name === 'string' ? name : '', characters: JSON.stringify({ name, description, inputSchema }).length };
}

function withCursor(body: string, cursor: string): string {
  const message = JSON.parse(body) as { params?: object };
  return JSON.stringify({ ...message, params: { ...message.params, cursor } });
}
