// Takes JSON-RPC batches out of lines of messages: the SDK would log them and leave their sender without an answer.
import { Transform, type TransformCallback } from 'node:stream';

const LINE_END = 0x0a;
const BATCH = 0x5b;
const BLANKS = new Set([0x20, 0x09, 0x0d]);

/** Hands on what it is given but lines that begin with a bracket; calls back once for each of those. Keeps nothing. */
export class BatchFilter extends Transform {
  readonly #onBatch: () => void;
  #line: 'empty' | 'message' | 'batch' = 'empty';

  constructor(onBatch: () => void) {
    super();
    this.#onBatch = onBatch;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let start = 0; start < chunk.length;) {
      const found = chunk.indexOf(LINE_END, start);
      const end = found < 0 ? chunk.length : found + 1;
      this.#take(chunk.subarray(start, end));
      if (found >= 0) this.#line = 'empty';
      start = end;
    }
    done();
  }

  /** A part of one line. */
  #take(part: Buffer): void {
    if (this.#line === 'empty') {
      const first = part.find((byte) => !BLANKS.has(byte));
      if (first === BATCH) this.#onBatch();
      if (first !== undefined) this.#line = first === BATCH ? 'batch' : 'message';
    }
    if (this.#line !== 'batch') this.push(part);
  }
}
