// What a server says to its client that belongs to no request: it waits, bounded, until there is a stream that takes it.
import type { AnswerStream } from './answer-stream.ts';
import type { Message } from './messages.ts';
import type { Metrics } from './metrics.ts';

/** Messages that wait, and their characters. */
const MOST_WAITING = 100;
const MOST_CHARACTERS = 256 * 1024;

export class Outbox {
  readonly #metrics: Metrics;
  #stream: AnswerStream | undefined;
  #waiting: string[] = [];
  #characters = 0;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  get hasStream(): boolean {
    return this.#stream?.isOpen === true;
  }

  attach(stream: AnswerStream): void {
    this.#stream = stream;
    this.flush(stream);
  }

  detach(stream: AnswerStream): void {
    if (this.#stream === stream) this.#stream = undefined;
  }

  /** Sends it, or keeps it for later; the oldest give way. */
  put({ text }: Message): void {
    if (this.#stream?.send(text) === true) return;
    this.#waiting.push(text);
    this.#characters += text.length;
    while (this.#waiting.length > MOST_WAITING || this.#characters > MOST_CHARACTERS) {
      this.#characters -= this.#waiting.shift()?.length ?? 0;
      this.#metrics.count('mcp_bridge_messages_dropped_total');
    }
  }

  /** Sends what waits. */
  flush(stream: AnswerStream): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    for (const text of waiting) if (!stream.send(text)) this.#metrics.count('mcp_bridge_messages_dropped_total');
  }

  end(): void {
    this.#stream?.end();
    this.#stream = undefined;
  }
}
