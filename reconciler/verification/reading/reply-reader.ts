// Finds the reply to a question in what a server answers: in a JSON body, or in an event stream that may stay open. Parses it once.
import type { Enough } from '../../../kubernetes/responses.ts';
import { EventStream, type EventSink } from './event-stream.ts';
import { isEventStream } from './media-type.ts';
import { parseBody, parseReply, type Reply } from './reply.ts';

/** Events with data, other than the reply, after which the reply is no longer looked for. */
export const MOST_EVENTS = 64;
/** What a JSON-RPC message has somewhere: anything else is not worth parsing. */
const MARK = '"jsonrpc"';

/** Reads one answer. Give `enough` to the exchange, then ask for the reply. */
export class ReplyReader {
  #events: ReplyEvents | undefined;

  /** Enough is an event with the reply. Any other body has to end, since MCP clients read it as a whole. */
  readonly enough: Enough = ({ headers }) => {
    if (!isEventStream(headers)) return () => false;
    const events = new ReplyEvents();
    const stream = new EventStream(events);
    this.#events = events;
    return (chunk) => !events.isOver && stream.push(chunk) && events.reply !== undefined;
  };

  /** The reply; `body` is what was read of the answer. */
  reply(body: string): Reply | undefined {
    return this.#events === undefined ? parseBody(body) : (this.#events.reply ?? this.#events.stray);
  }
}

class ReplyEvents implements EventSink {
  reply: Reply | undefined;
  /** An error that answers no request: clients wait on, but where nothing else comes it says what is wrong. */
  stray: Reply | undefined;
  #pieces: Buffer[] = [];
  #others = 0;

  /** Whether nothing is looked for any more. */
  get isOver(): boolean {
    return this.reply !== undefined || this.#others === MOST_EVENTS;
  }

  data(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  end(type: string): boolean {
    const data = Buffer.concat(this.#pieces);
    this.#pieces = [];
    if (isMessage(type) && data.includes(MARK)) this.#take(parseReply(data.toString()));
    if (this.reply === undefined) this.#others += 1;
    return this.isOver;
  }

  #take(reply: Reply | undefined): void {
    if (reply !== undefined && 'error' in reply && reply.error.isStray === true) this.stray ??= reply;
    else this.reply = reply;
  }
}

/** Clients take no notice of events of other types. */
export function isMessage(type: string): boolean {
  return type === '' || type === 'message';
}
