// Tells whether an answer is a list of tools, of any length, as it comes and without keeping it.
import type { Enough } from '../../../kubernetes/responses.ts';
import { EventStream, type EventSink } from './event-stream.ts';
import { JsonScanner, type JsonVisitor } from './json-scanner.ts';
import { isEventStream, isMessage, MOST_EVENTS } from './reply-reader.ts';
import { isOurs } from './reply.ts';

/** What came of the question for the tools: a list, a refusal in the server's words, or something else. */
export type ToolList =
  | { readonly kind: 'Listed' }
  | { readonly kind: 'Refused'; readonly code: number; readonly message: string }
  | { readonly kind: 'Other'; readonly why: string };

/** Reads one answer. Give `enough` to the exchange, then ask for the list. */
export class ToolListReader {
  #message = new ListMessage();
  #stream: EventStream | undefined;
  #others = 0;
  #isEnded = false;

  /** Enough is an event with the reply. Any other body has to end. */
  readonly enough: Enough = ({ headers }) => {
    if (isEventStream(headers)) this.#stream = new EventStream(this.#events);
    return (chunk) => {
      if (this.#stream === undefined) this.#message.push(chunk);
      else if (!this.#isEnded && this.#others < MOST_EVENTS) this.#stream.push(chunk);
      return this.#isEnded;
    };
  };

  /** What it was. Of an answer that was `truncated` a list that has begun counts as whole. */
  list(truncated: boolean): ToolList {
    if (this.#stream !== undefined && !this.#isEnded && !truncated) return { kind: 'Other', why: 'no event of the stream is the reply' };
    return this.#message.list(truncated);
  }

  readonly #events: EventSink = {
    data: (piece) => this.#message.push(piece),
    end: (type) => {
      this.#isEnded = isMessage(type) && this.#message.isReply;
      if (!this.#isEnded) {
        this.#message = new ListMessage();
        this.#others += 1;
      }
      return this.#isEnded || this.#others === MOST_EVENTS;
    },
  };
}

/** A JSON-RPC message that may be the list. */
class ListMessage implements JsonVisitor {
  readonly #scanner = new JsonScanner(this);
  #version: unknown;
  #id: unknown;
  #error: { code?: unknown; message?: unknown } | undefined;
  /** Whether the list has begun, and whether all that was in it are tools. */
  #hasList = false;
  #isFlawless = true;
  /** What the present tool has. */
  #hasName = false;
  #hasSchema = false;

  push(piece: Buffer): void {
    this.#scanner.push(piece);
  }

  /** Whether the message, which ends here, is the reply to the question. */
  get isReply(): boolean {
    return this.#scanner.end() && this.#version === '2.0' && isOurs(this.#id) && (this.#hasList || this.#error !== undefined);
  }

  list(truncated: boolean): ToolList {
    const { code, message } = this.#error ?? {};
    if (truncated && !(this.#hasList && !this.#scanner.isBroken)) return { kind: 'Other', why: 'it is too long, and begins no list of tools' };
    if (!truncated && !this.#scanner.end()) return { kind: 'Other', why: 'it is not JSON' };
    if (typeof code === 'number') return { kind: 'Refused', code, message: typeof message === 'string' ? resolved(message) : '' };
    if (!this.#hasList || !(truncated || this.isReply)) return { kind: 'Other', why: 'it has no list of tools' };
    return this.#isFlawless ? { kind: 'Listed' } : { kind: 'Other', why: 'something in it is no tool with a name and an inputSchema' };
  }

  begin(kind: 'object' | 'array', path: readonly string[]): void {
    if (path.length > SCHEMA.length) return;
    if (isAt(path, ['error']) && kind === 'object') this.#error = {};
    if (isAt(path, TOOLS)) this.#hasList = kind === 'array';
    if (isAt(path, TOOL)) {
      this.#hasName = this.#hasSchema = false;
      if (kind === 'array') this.#isFlawless = false;
    }
    if (isAt(path, SCHEMA)) this.#hasSchema = kind === 'object';
  }

  end(path: readonly string[]): void {
    if (isAt(path, TOOL) && !(this.#hasName && this.#hasSchema)) this.#isFlawless = false;
  }

  scalar(value: unknown, path: readonly string[]): void {
    if (path.length > NAME.length) return;
    if (isAt(path, ['jsonrpc'])) this.#version = value;
    if (isAt(path, ['id'])) this.#id = value;
    if (isAt(path, ['error', 'code']) && this.#error !== undefined) this.#error.code = value;
    if (isAt(path, ['error', 'message']) && this.#error !== undefined) this.#error.message = value;
    if (isAt(path, TOOLS)) this.#hasList = false;
    if (isAt(path, TOOL)) this.#isFlawless = false;
    if (isAt(path, NAME)) this.#hasName = typeof value === 'string';
  }
}

const TOOLS = ['result', 'tools'];
const TOOL = [...TOOLS, '*'];
const NAME = [...TOOL, 'name'];
const SCHEMA = [...TOOL, 'inputSchema'];

function isAt(path: readonly string[], place: readonly string[]): boolean {
  return path.length === place.length && place.every((name, index) => name === path[index]);
}

/** What the bytes between the quotes of a string mean. */
function resolved(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString();
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    // Cut within an escape sequence.
    return text;
  }
}
