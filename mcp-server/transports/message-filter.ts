// Reads lines of messages before the SDK does, which leaves the senders of some it cannot read without an answer.
import { Transform, type TransformCallback } from 'node:stream';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';
import type { Catalog } from '../catalog.ts';
import { INVALID_REQUEST, PARSE_ERROR } from '../json-rpc.ts';
import { MAX_DEPTH } from './bodies.ts';
import { malformed, receive, type Refusal } from './params.ts';
import { nestedDeeper } from './request-checks.ts';

const LINE_END = 0x0a;
/** Of a line that is no JSON so much is looked at. */
const FIRST_BYTES = 64;

const NO_JSON = refusal(PARSE_ERROR, 'Parse error: the line is not valid JSON.');
const TOO_DEEP = refusal(INVALID_REQUEST, `A message must not be nested deeper than ${MAX_DEPTH} levels.`);

function refusal(code: number, message: string): Refusal {
  return { jsonrpc: '2.0', id: null, error: { code, message } };
}

/** Hears of an answer, and of the message it is for where that could be read. */
type OnRefusal = (refusal: Refusal, message?: unknown) => void;

/** Hands on lines that hold messages, and calls back with the answer to each other one. Keeps one line at most, while it arrives. */
export class MessageFilter extends Transform {
  readonly #catalog: Catalog;
  readonly #onRefusal: OnRefusal;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(catalog: Catalog, onRefusal: OnRefusal) {
    super();
    this.#catalog = catalog;
    this.#onRefusal = onRefusal;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let start = 0; start < chunk.length;) {
      const found = chunk.indexOf(LINE_END, start);
      const end = found < 0 ? chunk.length : found + 1;
      this.#pieces.push(chunk.subarray(start, end));
      this.#bytes += end - start;
      // The SDK takes no longer one either, and says so.
      if (found >= 0 || this.#bytes > STDIO_DEFAULT_MAX_BUFFER_SIZE) this.#read(this.#line());
      start = end;
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    this.push(this.#line());
    done();
  }

  #line(): Buffer {
    const line = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return line;
  }

  #read(line: Buffer): void {
    let sent: unknown;
    try {
      sent = JSON.parse(line.toString());
    } catch {
      // What does not even begin as JSON, such as the output of a wrapper, is passed over by the SDK.
      if (/^\s*[[{]/.test(line.toString('utf8', 0, FIRST_BYTES))) this.#onRefusal(NO_JSON);
      else this.push(line);
      return;
    }
    if (nestedDeeper(sent, MAX_DEPTH)) return this.#onRefusal(TOO_DEEP);
    const received = receive(sent, this.#catalog);
    if (received.refusal !== undefined) return this.#onRefusal(received.refusal, sent);
    const wrong = malformed(received.message);
    if (wrong !== undefined) return this.#onRefusal(wrong);
    this.push(received.message === sent ? line : `${JSON.stringify(received.message)}\n`);
  }
}
