// The messages of a stdio connection with a span around each: from its receipt to its answer, or to where nobody waits for one any more.
import { agreedVersion, asking, CANCELLED, DONE, endOf, startOf, type Asking, type Offered } from '../tracing/message-span.ts';
import type { MessageSpan, Tracing } from '../tracing/port.ts';
import { PROTOCOL_VERSIONS } from './protocol-versions.ts';

type Id = string | number;

/** Spans of what one client asks. */
export class TracedMessages {
  readonly #tracing: Tracing;
  readonly #catalog: Offered;
  readonly #running = new Map<Id, MessageSpan>();
  #protocolVersion: string | undefined;

  constructor(tracing: Tracing, catalog: Offered) {
    this.#tracing = tracing;
    this.#catalog = catalog;
  }

  /** Hands a message on as part of its span. */
  receive(message: unknown, deliver: () => void): void {
    const asked = asking(message);
    if (asked === undefined) return deliver();
    const span = this.#begin(asked);
    if (asked.method === 'notifications/cancelled') this.#end(asked.params['requestId'], CANCELLED);
    if (asked.id !== undefined) {
      this.#end(asked.id, CANCELLED);
      this.#running.set(asked.id, span);
    }
    span.within(deliver);
    if (asked.id === undefined) span.end(DONE);
  }

  /** Ends the span of what this is the answer to. */
  answered(answer: { readonly id?: unknown }): void {
    this.#protocolVersion = agreedVersion(answer) ?? this.#protocolVersion;
    this.#end(answer.id, endOf(answer));
  }

  /** A message was answered before it reached anyone. */
  refused(message: unknown, answer: unknown): void {
    const asked = asking(message);
    if (asked !== undefined) this.#begin(asked).end(endOf(answer));
  }

  /** What is not answered by now never is. */
  close(): void {
    for (const id of this.#running.keys()) this.#end(id, CANCELLED);
  }

  #begin(asked: Asking): MessageSpan {
    const start = startOf(asked, this.#catalog, { protocolVersion: this.#protocolVersion, versions: PROTOCOL_VERSIONS });
    return this.#tracing.begin(start, { meta: asked.params['_meta'] });
  }

  #end(id: unknown, end: Parameters<MessageSpan['end']>[0]): void {
    this.#running.get(id as Id)?.end(end);
    this.#running.delete(id as Id);
  }
}
