// The stdio connection as a whole: it ends only after what the client asked has been answered.
import { setTimeout as delay } from 'node:timers/promises';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Catalog } from '../catalog.ts';
import { MessageFilter } from './message-filter.ts';
import { buildServer } from './sdk-v2.ts';
import { TracedMessages } from './traced-messages.ts';
import type { Tracing } from '../tracing/port.ts';

/** A connection that is being served. */
export interface StdioServer {
  /** Resolves when the client has closed its end, or the connection broke. */
  readonly gone: Promise<void>;
  /** Answers what is being asked, then closes; what is left after `deadlineMs` is cut off, and then it resolves to false. */
  stop(deadlineMs: number): Promise<boolean>;
}

/** `onError` hears of messages that could not be read and of defects. */
export interface StdioOptions {
  readonly catalog: Catalog;
  readonly onError: (error: Error) => void;
  readonly tracing?: Tracing | undefined;
}

/** Serves a catalog on standard input and output. */
export function startStdioServer({ catalog, onError, tracing }: StdioOptions): StdioServer {
  const traced = tracing === undefined ? undefined : new TracedMessages(tracing, catalog);
  const messages = new MessageFilter(catalog, (refusal, message) => {
    traced?.refused(message, refusal);
    void transport.send(refusal as JSONRPCMessage).catch(onError);
  });
  const transport = new LastingTransport(messages, traced);
  process.stdin.on('error', (error) => messages.destroy(error)).pipe(messages);
  const handle = serveStdio(() => buildServer(catalog), { transport, onerror: onError });
  transport.watch();
  return {
    gone: transport.gone,
    async stop(deadlineMs) {
      const deadline = delay(deadlineMs, false);
      process.stdin.unpipe(messages).pause();
      const answered = await Promise.race([transport.answered(), deadline]);
      transport.release();
      await handle.close();
      traced?.close();
      const flushed = new Promise<true>((resolve) => void process.stdout.write('', () => resolve(true)));
      return (await Promise.race([flushed, deadline])) && answered;
    },
  };
}

/** The SDK's transport drops running requests when standard input ends; this one stays open until it is released. */
class LastingTransport extends StdioServerTransport {
  readonly #gone = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<true>();
  readonly #running = new Set<RequestId>();
  readonly #traced: TracedMessages | undefined;
  #last = false;

  constructor(messages: MessageFilter, traced: TracedMessages | undefined) {
    super(messages);
    this.#traced = traced;
  }

  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Resolves when no request is running. */
  answered(): Promise<true> {
    this.#last = true;
    this.#settle();
    return this.#answered.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  /** Sees every message before the SDK's server, which must be connected already. */
  watch(): void {
    const deliver = this.onmessage;
    // The SDK's transports are no event targets.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    this.onmessage = (message) => {
      this.#note(message);
      if (this.#traced === undefined) deliver?.(message);
      else this.#traced.receive(message, () => deliver?.(message));
    };
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    try {
      await super.send(message);
    } finally {
      if (!('method' in message)) {
        this.#traced?.answered(message);
        this.#settle(message.id);
      }
    }
  }

  override async close(): Promise<void> {
    this.#gone.resolve();
    await this.#released.promise;
    await super.close();
  }

  #note(message: JSONRPCMessage): void {
    if (!('method' in message)) return;
    // The protocol leaves a cancelled request without an answer; a subscription is answered by the end itself.
    if (message.method === 'notifications/cancelled') this.#settle(message.params?.['requestId'] as RequestId | undefined);
    else if ('id' in message && message.method !== 'subscriptions/listen') this.#running.add(message.id);
  }

  #settle(id?: RequestId): void {
    if (id !== undefined) this.#running.delete(id);
    if (this.#last && this.#running.size === 0) this.#answered.resolve(true);
  }
}
