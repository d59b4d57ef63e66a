// Splits what a process writes into lines, of which none may be longer than a bound, and nothing longer is ever held.

const LINE_END = 0x0a;
/** Of a line that is too long so much of either end is kept, to find what it belonged to. */
const KEPT = 256;

/** A line that was too long to be kept: its length, its beginning and its end. */
export interface LongLine {
  readonly bytes: number;
  readonly head: string;
  readonly tail: string;
}

/** Hears of lines. */
export interface LineListener {
  readonly onLine: (text: string) => void;
  readonly onLong: (line: LongLine) => void;
}

/** Feed it with what arrives. */
export class LineReader {
  readonly #most: number;
  readonly #listener: LineListener;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #head = '';
  #tail = Buffer.alloc(0);

  constructor(most: number, listener: LineListener) {
    this.#most = most;
    this.#listener = listener;
  }

  /** Bytes of the line that has begun, whether they are held or not. */
  get pending(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    for (let start = 0; start < chunk.length;) {
      const found = chunk.indexOf(LINE_END, start);
      const end = found < 0 ? chunk.length : found;
      this.#take(chunk.subarray(start, end));
      if (found >= 0) this.end();
      start = end + 1;
    }
  }

  /** Ends the line that has begun, if any. */
  end(): void {
    const { length } = this.#pieces;
    if (this.#bytes > this.#most) this.#listener.onLong({ bytes: this.#bytes, head: this.#head, tail: this.#tail.toString('utf8') });
    else if (length > 0) this.#listener.onLine(length === 1 ? String(this.#pieces[0]) : Buffer.concat(this.#pieces).toString('utf8'));
    this.#pieces = [];
    this.#bytes = 0;
  }

  #take(piece: Buffer): void {
    if (piece.length === 0) return;
    const before = this.#bytes;
    this.#bytes += piece.length;
    if (this.#bytes <= this.#most) {
      this.#pieces.push(piece);
      return;
    }
    if (before <= this.#most) {
      this.#tail = Buffer.concat(this.#pieces);
      this.#head = Buffer.concat([this.#tail, piece]).toString('utf8', 0, KEPT);
      this.#pieces = [];
    }
    const end = piece.length >= KEPT ? piece : Buffer.concat([this.#tail, piece]);
    this.#tail = Buffer.from(end.subarray(-KEPT));
  }
}
