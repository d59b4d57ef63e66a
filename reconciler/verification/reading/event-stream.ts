// Reads a stream of server-sent events as it comes: looks at each byte once and keeps none
// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).

const [LF, CR, SPACE] = [0x0a, 0x0d, 0x20];
const LINE_FEED = Buffer.from([LF]);
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Names of fields and types of events are told apart by so many bytes. */
const NAME_BYTES = 16;

/** What takes the events of a stream. */
export interface EventSink {
  /** A piece of the data of the present event, not empty; between two lines of data stands a line feed. */
  data(piece: Buffer): void;
  /** The present event, which has data, ends. `type` is empty where the server named none. Returns whether no more events are wanted. */
  end(type: string): boolean;
}

/** Splits the bytes of a stream into events. Line ends are LF, CR or CRLF: after a CR it waits for what follows, as clients do. */
export class EventStream {
  readonly #sink: EventSink;
  /** Of the present line, as long as its field is not known. */
  #head = '';
  #field: 'data' | 'event' | 'other' | undefined;
  /** The next byte may be the one blank that belongs to no value. */
  #mayBeBlank = false;
  #isFirstLine = true;
  #isAfterCR = false;
  #lines = 0;
  #hasData = false;
  #type = '';

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  /** Reads on. Returns true when no more events are wanted; it must not be called again then. */
  push(chunk: Buffer): boolean {
    let start = 0;
    if (this.#isAfterCR && chunk.length > 0) {
      this.#isAfterCR = false;
      if (this.#endLine()) return true;
      if (chunk[0] === LF) start = 1;
    }
    for (;;) {
      const end = lineEnd(chunk, start);
      if (end > start) this.#take(chunk.subarray(start, end));
      if (end === chunk.length) return false;
      this.#isAfterCR = chunk[end] === CR && end + 1 === chunk.length;
      if (this.#isAfterCR) return false;
      if (this.#endLine()) return true;
      start = end + (chunk[end] === CR && chunk[end + 1] === LF ? 2 : 1);
    }
  }

  /** A piece of a line, not empty. */
  #take(piece: Buffer): void {
    let value = this.#field === undefined ? this.#takeName(piece) : piece;
    if (value.length === 0) return;
    if (this.#mayBeBlank && value[0] === SPACE) value = value.subarray(1);
    this.#mayBeBlank = false;
    if (this.#field === 'data') this.#takeData(value);
    else if (this.#field === 'event') this.#type = (this.#type + value.toString('latin1', 0, NAME_BYTES)).slice(0, NAME_BYTES);
  }

  /** What follows the name of the field, or nothing while that goes on. */
  #takeName(piece: Buffer): Buffer {
    const before = this.#head.length;
    this.#head += piece.toString('latin1', 0, NAME_BYTES);
    const colon = this.#head.indexOf(':');
    if (colon === -1) {
      if (this.#name().length >= NAME_BYTES) this.#field = 'other';
      return piece.subarray(piece.length);
    }
    this.#head = this.#head.slice(0, colon);
    this.#beginValue();
    return piece.subarray(colon + 1 - before);
  }

  #name(): string {
    return this.#isFirstLine && this.#head.startsWith(BYTE_ORDER_MARK) ? this.#head.slice(BYTE_ORDER_MARK.length) : this.#head;
  }

  #beginValue(): void {
    const name = this.#name();
    this.#field = name === 'data' || name === 'event' ? name : 'other';
    this.#mayBeBlank = true;
    if (this.#field === 'event') this.#type = '';
    if (this.#field !== 'data') return;
    if (this.#lines > 0) this.#takeData(LINE_FEED);
    this.#lines += 1;
  }

  #takeData(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#hasData = true;
    this.#sink.data(piece);
  }

  #endLine(): boolean {
    const isEmpty = this.#field === undefined && this.#name() === '';
    // A field may come without colon and value.
    if (this.#field === undefined && !isEmpty) this.#beginValue();
    this.#head = '';
    this.#field = undefined;
    this.#isFirstLine = false;
    return isEmpty && this.#endEvent();
  }

  #endEvent(): boolean {
    const [hasData, type] = [this.#hasData, this.#type];
    this.#hasData = false;
    this.#lines = 0;
    this.#type = '';
    return hasData && this.#sink.end(type);
  }
}

function lineEnd(chunk: Buffer, from: number): number {
  let index = from;
  while (index < chunk.length && chunk[index] !== LF && chunk[index] !== CR) index += 1;
  return index;
}
