// Tells whether an answer is a list of tools, of any length, as it comes and without keeping it.
import type { Enough } from '../../../kubernetes/responses.ts';
import { EventStream, type EventSink } from './event-stream.ts';
import { JsonScanner, type JsonVisitor } from './json-scanner.ts';
import { flawOfContainer, flawOfScalar, LIST_CHECKS, missingOf, UNCHECKED, type Check, type Era } from './list-rules.ts';
import { isEventStream } from './media-type.ts';
import { isMessage, MOST_EVENTS } from './reply-reader.ts';
import { isOurs } from './reply.ts';

/** What came of the question for the tools: a list, a refusal in the server's words, or something else. */
export type ToolList =
  | { readonly kind: 'Listed' }
  | { readonly kind: 'Refused'; readonly code: number; readonly message: string }
  | { readonly kind: 'Other'; readonly why: string };

/** Reads one answer. Give `enough` to the exchange, then ask for the list. */
export class ToolListReader {
  readonly #check: Check;
  #message: ListMessage;
  #stream: EventStream | undefined;
  #others = 0;
  #isEnded = false;

  /** Of a server that was asked as in an era. */
  constructor(era: Era) {
    this.#check = LIST_CHECKS[era];
    this.#message = new ListMessage(this.#check);
  }

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
        this.#message = new ListMessage(this.#check);
        this.#others += 1;
      }
      return this.#isEnded || this.#others === MOST_EVENTS;
    },
  };
}

/** A JSON-RPC message that may be the list. */
class ListMessage implements JsonVisitor {
  readonly #scanner = new JsonScanner(this);
  readonly #check: Check;
  /** What is looked for in what is open, from the result on, and which of the members that must be there were; empty outside. */
  readonly #open: Check[] = [];
  readonly #seen: number[] = [];
  #isInList = false;
  readonly #members = new Set<string>();
  #version: unknown;
  #id: unknown;
  #error: { code?: unknown; message?: unknown } | undefined;
  /** Whether the list has begun, how many tools it has so far, and what first broke a rule. */
  #hasList = false;
  #tools = 0;
  #flaw: string | undefined;

  constructor(check: Check) {
    this.#check = check;
  }

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
    if (this.#members.has('result') && this.#members.has('error')) return { kind: 'Other', why: 'it has both a result and an error' };
    if (!this.#hasList || !(truncated || this.isReply)) return { kind: 'Other', why: 'it has no list of tools' };
    return this.#flaw === undefined ? { kind: 'Listed' } : { kind: 'Other', why: this.#flaw };
  }

  begin(kind: 'object' | 'array', place: readonly string[]): void {
    if (place.length === 0) this.#isInList = kind === 'array';
    const path = this.#within(place);
    if (path.length === 1) {
      this.#know(path);
      if (path[0] === 'error' && kind === 'object') this.#error = {};
      if (path[0] === 'result') this.#enter(kind, this.#check, path);
    } else if (this.#open.length === path.length - 1) {
      if (path.length === 2 && path[1] === 'tools') this.#hasList = kind === 'array';
      if (path.length === 3 && path[1] === 'tools') this.#tools += 1;
      const check = this.#checkOf(path);
      if (check !== undefined) this.#enter(kind, check, path);
    }
  }

  end(place: readonly string[]): void {
    const path = this.#within(place);
    if (this.#open.length === 0 || this.#open.length !== path.length) return;
    const [check, seen] = [this.#open.pop(), this.#seen.pop()];
    const missing = check && this.#flaw === undefined ? missingOf(check, seen ?? 0) : undefined;
    if (missing !== undefined) this.#breaks([...path, missing], 'is missing');
  }

  scalar(value: unknown, place: readonly string[]): void {
    const path = this.#within(place);
    if (path.length === 1) {
      this.#know(path);
      if (path[0] === 'jsonrpc') this.#version = value;
      if (path[0] === 'id') this.#id = value;
    } else if (this.#open.length === path.length - 1) {
      if (path.length === 2 && path[1] === 'tools') this.#hasList = false;
      if (path.length === 3 && path[1] === 'tools') this.#tools += 1;
      const check = this.#checkOf(path);
      const flaw = check && flawOfScalar(value, check);
      if (flaw !== undefined) this.#breaks(path, flaw);
    } else if (path.length === 2 && path[0] === 'error' && this.#error !== undefined) {
      if (path[1] === 'code') this.#error.code = value;
      if (path[1] === 'message') this.#error.message = value;
    }
  }

  /** A place within the message, which may be alone in a list. */
  #within(place: readonly string[]): readonly string[] {
    return this.#isInList ? place.slice(1) : place;
  }

  /** Clients take no message with a member that JSON-RPC does not have. */
  #know([name = '']: readonly string[]): void {
    this.#members.add(name);
    if (!MEMBERS.includes(name)) this.#flaw ??= 'beside its result it has members that JSON-RPC does not know';
  }

  /** What is looked for in a value whose parent is the innermost that is open; it is there now. */
  #checkOf(path: readonly string[]): Check | undefined {
    const last = this.#open.length - 1;
    const parent = this.#open[last];
    const check = parent?.kind === 'array' ? parent.element : parent?.members.get(path[last + 1] ?? '');
    // oxlint-disable-next-line no-bitwise -- see missingOf
    if (check !== undefined && check.bit > 0) this.#seen[last] = (this.#seen[last] ?? 0) | check.bit;
    return check;
  }

  #enter(kind: 'object' | 'array', check: Check, path: readonly string[]): void {
    const flaw = flawOfContainer(kind, check);
    if (flaw !== undefined) this.#breaks(path, flaw);
    // What is of another kind has none of the members that a rule is about.
    this.#open.push(flaw === undefined ? check : UNCHECKED[kind]);
    this.#seen.push(0);
  }

  /** Names of members that rules are about are ours, and elements have none. */
  #breaks(path: readonly string[], flaw: string): void {
    if (this.#flaw !== undefined) return;
    const [, , isTool, ...within] = path;
    const name = within.filter((each) => each !== '*').join('.');
    if (isTool === undefined) this.#flaw = `its ${path.slice(1).join('.') || 'result'} ${flaw}`;
    else this.#flaw = `of tool number ${this.#tools} ${name === '' ? 'the whole' : `the ${name}`} ${flaw}`;
  }
}

const MEMBERS = ['jsonrpc', 'id', 'result', 'error'];

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
