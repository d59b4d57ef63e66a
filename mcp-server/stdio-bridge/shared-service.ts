// The era of sessions over HTTP, in Shared mode: one process for all, which keeps no state, so no client gets a session.
import { METHOD_NOT_FOUND } from '../json-rpc.ts';
import { sendError } from '../transports/refusals.ts';
import type { AnswerStream } from './answer-stream.ts';
import { paramsOf, type RequestMessage } from './messages.ts';
import { SESSION_VERSIONS } from './protocol.ts';
import type { Exchange, PostExchange, SessionService } from './session-service.ts';
import { absent, type Standing, type StandingChild } from './standing-child.ts';
import { sharedCapabilities, untouched } from './translation.ts';

/** What changes a server for all who use it, or has it tell one of them something unasked. */
const NOT_SHARED = new Set(['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']);

const NO_SESSION = 'Method not allowed: the server is shared, and keeps no sessions; send JSON-RPC requests by POST.';

export class SharedService implements SessionService {
  readonly #standing: StandingChild;

  constructor(standing: StandingChild) {
    this.#standing = standing;
  }

  post({ requests, response, stream }: PostExchange): void {
    if (requests.length === 0) {
      response.writeHead(202).end();
      return;
    }
    const answer = stream();
    for (const request of requests) void this.#ask(request, answer);
  }

  get({ response }: Exchange): void {
    sendError(response, { status: 405, message: NO_SESSION, headers: { Allow: 'POST' } });
  }

  delete({ response }: Exchange): void {
    sendError(response, { status: 405, message: NO_SESSION, headers: { Allow: 'POST' } });
  }

  async #ask(request: RequestMessage, stream: AnswerStream): Promise<void> {
    const { id, method } = request;
    if (NOT_SHARED.has(method)) return stream.fail({ status: 200, code: METHOD_NOT_FOUND, id, message: `${method} is not to be had of a server that is shared.` });
    if (method === 'ping') return void stream.reply(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
    const standing = await this.#standing.get();
    if ('why' in standing) return stream.fail({ ...absent(standing), id });
    if (method === 'initialize') return void stream.reply(JSON.stringify({ jsonrpc: '2.0', id, result: introduced(request, standing.result) }));
    standing.shared.ask(request, stream, untouched);
  }
}

/** What the server said to `initialize`, less what it cannot do for many; in the client's revision, if that is no later than the server's. */
export function introduced(request: RequestMessage, result: Standing['result']): object {
  const { protocolVersion: requested } = paramsOf(request);
  const { protocolVersion: spoken } = result;
  const isEarlier = typeof requested === 'string' && (SESSION_VERSIONS as readonly string[]).includes(requested) && requested < String(spoken);
  return { ...result, protocolVersion: isEarlier ? requested : spoken, capabilities: sharedCapabilities(result['capabilities']) };
}
