// Lists the tools of an MCPServer and calls one, for the page, over a port-forward with the rights of the user. Nothing is asked before the page asks,
// and nothing of it is kept.
import { resolveSpec } from '../../../../charts/api/mcpserver.ts';
import { askedPath } from '../../../../charts/api/path-rules.ts';
import { hostHeader } from '../../../../charts/service.ts';
import { servesHttp } from '../../../../charts/server.ts';
import type { KubernetesClient } from '../../../../kubernetes/client.ts';
import { isApiError, type ApiError } from '../../../../kubernetes/errors.ts';
import { plain } from '../../../../kubernetes/text.ts';
import type { MCPServerObject } from '../../../kinds.ts';
import { PodChoice } from '../../connect/pod-choice.ts';
import { UserError } from '../../user-error.ts';
import { keyOf } from '../row.ts';
import type { Asking, Listing, Outcome, ToldTool } from '../told.ts';
import { askingOf, callingOf } from './asking.ts';
import { converse, type ConversationOptions } from './conversation.ts';
import { forwardedExchange } from './forwarded.ts';
import { resultOf, toolOf } from './telling.ts';

export interface ToolsOptions {
  readonly client: KubernetesClient;
  /** The MCPServer as it is now; undefined where none is shown. */
  readonly find: (key: string) => MCPServerObject | undefined;
}

/** At a time, of all pages. */
const MOST_AT_ONCE = 4;
const LIST_MS = 30_000;
const CALL_MS = 60_000;
const MOST_TOOLS = 500;
const MOST_PAGES = 20;
const LONGEST_CURSOR = 4096;
const LONGEST_PROBLEM = 2000;

type Within = Pick<ConversationOptions, 'timeoutMs' | 'signal'>;

/** What a browser is answered. */
interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Does what pages ask for. */
export class Tools {
  readonly #options: ToolsOptions;
  readonly #end = new AbortController();
  readonly #running = new Set<Promise<Answered>>();

  constructor(options: ToolsOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  answer(path: string, body: string, signal: AbortSignal): Promise<Answered> {
    if (this.#running.size >= MOST_AT_ONCE) {
      return Promise.resolve({ status: 503, text: `${MOST_AT_ONCE} tools are listed or called already: wait for one to end, or stop it.\n` });
    }
    const until = AbortSignal.any([signal, this.#end.signal]);
    const running: Promise<Answered> = (path === 'tools/list' ? this.#list(body, until) : this.#call(body, until))
      .catch((error: unknown) => ({ problem: problemOf(error) }))
      .then((told) => ({ status: 200, text: JSON.stringify(told) }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  /** Ends what is asked, and waits for it. */
  async end(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running);
  }

  async #list(body: string, signal: AbortSignal): Promise<Listing> {
    const options = await this.#toPod(askingOf(body), { timeoutMs: LIST_MS, signal });
    return converse(options, async (conversation) => {
      const tools: ToldTool[] = [];
      let isCut = false;
      let cursor: string | undefined;
      for (let pages = 1; ; pages += 1) {
        const { tools: listed, nextCursor } = await conversation.listTools(cursor);
        if (!Array.isArray(listed)) throw new UserError('The server answers tools/list with no list of tools.');
        const told = listed.slice(0, MOST_TOOLS).flatMap((tool) => toolOf(tool) ?? []);
        isCut ||= told.length < listed.length || tools.length + told.length > MOST_TOOLS;
        tools.push(...told.slice(0, MOST_TOOLS - tools.length));
        if (typeof nextCursor !== 'string') return { problem: null, tools, isCut };
        const isEnough = pages === MOST_PAGES || tools.length === MOST_TOOLS || nextCursor.length > LONGEST_CURSOR;
        if (isEnough) return { problem: null, tools, isCut: true };
        cursor = nextCursor;
      }
    });
  }

  async #call(body: string, signal: AbortSignal): Promise<Outcome> {
    const calling = callingOf(body);
    const options = await this.#toPod(calling, { timeoutMs: CALL_MS, signal });
    return converse(options, async (conversation) => {
      const begun = performance.now();
      const result = await conversation.callTool(calling.tool, calling.arguments);
      return { ...resultOf(result), milliseconds: Math.round(performance.now() - begun) };
    });
  }

  async #toPod({ namespace, name, header }: Asking, { timeoutMs, signal }: Within): Promise<ConversationOptions> {
    const { client, find } = this.#options;
    const server = find(keyOf({ namespace, name }));
    if (server === undefined) throw new UserError('There is no such MCPServer.');
    const spec = resolveSpec(name, server.spec, { stored: true });
    if (!servesHttp(spec)) throw new UserError('It speaks stdio and names no command, so nothing outside its pod can reach it: set spec.command.');
    if (spec.tls !== undefined) throw new UserError(`It speaks TLS, which this page does not: run mcp-operator connect ${name} -n ${namespace}, and give an MCP client the URL that it prints.`);
    const path = askedPath(spec.path);
    if (path === undefined) throw new UserError('Its spec.path means different things to programs on the way: write it plainly.');
    const pod = await new PodChoice(client, { namespace, name, signal }).pod();
    if (pod === undefined) throw new UserError('None of its pods is ready: see above what to do.');
    const exchange = forwardedExchange(client, { namespace, pod: pod.name, port: pod.port });
    const headers = header === null ? {} : { [header.name]: header.value };
    return { exchange, path, host: hostHeader({ name, namespace, spec }), headers, timeoutMs, signal };
  }
}

/** What went wrong, in a sentence for the page. */
function problemOf(error: unknown): string {
  const refused = refusalIn(error);
  if (refused?.kind === 'Forbidden') {
    return plain(`You may not do this: tools are reached over a port-forward, for which you need the rights to list pods and to get and create pods/portforward in the namespace. Ask whoever administers the cluster for them. ${refused.message}`, LONGEST_PROBLEM);
  }
  if (refused !== undefined) return plain(`The way to the pod failed: ${refused.message}. See whether the pod still runs, and try again.`, LONGEST_PROBLEM);
  if (error instanceof Error) return plain(error.message, LONGEST_PROBLEM);
  return 'It was ended.';
}

/** The refusal of the API server that an error comes from; undefined where it comes from none. */
function refusalIn(error: unknown): ApiError | undefined {
  if (isApiError(error)) return error;
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : undefined;
}
