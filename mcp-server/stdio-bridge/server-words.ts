// What a server writes to standard error: into the log line by line, as much as a log can take, and the last of it kept.
import { LineReader } from './line-reader.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Longest line; of a longer one the beginning is told. */
const MAX_LINE = 8192;
/** Of each process so much at once, */
const BURST_BYTES = 256 * 1024;
/** and so much a second. */
const BYTES_PER_SECOND = 64 * 1024;
/** A runtime tells of an error before many lines of where it happened. */
const LAST_LINES = 20;
const LAST_LENGTH = 300;

export class ServerWords {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #session: () => string;
  readonly #lines: LineReader;
  #last: readonly string[] = [];
  #allowed = BURST_BYTES;
  #counted = performance.now();
  #leftOut = 0;

  constructor(log: Log, metrics: Metrics, session: () => string) {
    this.#log = log;
    this.#metrics = metrics;
    this.#session = session;
    this.#lines = new LineReader(MAX_LINE, { onLine: (text) => this.#tell(text), onLong: ({ head }) => this.#tell(`${head}…`) });
  }

  /** The last lines, each cut to a length that fits into a sentence. */
  get last(): readonly string[] {
    return this.#last;
  }

  push(chunk: Buffer): void {
    const now = performance.now();
    this.#allowed = Math.min(BURST_BYTES, this.#allowed + ((now - this.#counted) / 1000) * BYTES_PER_SECOND);
    this.#counted = now;
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#tellLeftOut();
  }

  #tell(line: string): void {
    const text = line.trimEnd();
    if (text === '') return;
    this.#last = [...this.#last.slice(1 - LAST_LINES), text.slice(0, LAST_LENGTH)];
    if (this.#allowed < text.length) {
      this.#leftOut += 1;
      this.#metrics.count('mcp_bridge_stderr_lines_left_out_total');
      return;
    }
    this.#tellLeftOut();
    this.#allowed -= text.length;
    this.#log.info(text, { session: this.#session(), from: 'stderr' });
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    this.#log.warn('the server wrote more to standard error than the log takes', { session: this.#session(), linesLeftOut: this.#leftOut });
    this.#leftOut = 0;
  }
}
