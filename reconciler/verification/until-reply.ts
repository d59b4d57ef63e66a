// Tells when the reply of an MCP server is there, in an event stream that may stay open. Looks at each byte once.
import type { Enough } from '../../kubernetes/responses.ts';
import { isEventStream, readReply } from './replies.ts';

const [LF, CR] = [0x0a, 0x0d];

/** No event with a message is shorter: what a stream of tiny events costs would count. */
const SHORTEST_EVENT = 'data:{"jsonrpc":"2.0"}'.length;

/** Messages read in vain after which the reply is no longer looked for. */
const MOST_MESSAGES = 64;

/** Enough is an event with the reply. Any other body has to end, since MCP clients read it as a whole. */
export const untilReply: Enough = ({ headers }) => {
  if (!isEventStream(headers)) return () => false;
  const events = new EventSplitter();
  let messages = 0;
  return (chunk) => {
    if (messages === MOST_MESSAGES) return false;
    for (const event of events.push(chunk)) {
      if (!event.includes('"jsonrpc"')) continue;
      if (readReply({ headers, body: event.toString() }) !== undefined) return true;
      messages += 1;
      if (messages === MOST_MESSAGES) return false;
    }
    return false;
  };
};

/**
 * Splits the bytes of an event stream at blank lines. Line ends are LF, CR or CRLF, which are part of no other character
 * in UTF-8; after a CR, clients wait for what follows.
 */
class EventSplitter {
  #begun: Buffer[] = [];
  /** Bytes in them. */
  #size = 0;
  #last: number | undefined;
  #isLineEmpty = true;

  /** The events that `chunk` completes and that may hold a message, in order. */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      const endsBefore = this.#last === CR && byte !== LF;
      if (endsBefore || byte === LF) {
        const end = endsBefore ? index : index + 1;
        if (this.#isLineEmpty) {
          if (this.#size + end - start >= SHORTEST_EVENT) yield Buffer.concat([...this.#begun, chunk.subarray(start, end)]);
          this.#begun.length = this.#size = 0;
          start = end;
        }
        this.#isLineEmpty = true;
      }
      if (byte !== LF && byte !== CR) this.#isLineEmpty = false;
      this.#last = byte;
    }
    this.#begun.push(chunk.subarray(start));
    this.#size += chunk.length - start;
  }
}
