// One HTTP request of a client in the storm, on a connection of its own, and what became of it; it never takes longer than it may.
import { request } from 'node:http';

/** What became of it: an answer with its messages, or a connection that was refused or broke. */
export type Outcome =
  | Answer
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'unanswered' };

export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly session: string | undefined;
  readonly messages: readonly Message[];
}

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: { readonly content?: readonly { readonly text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

export interface ExchangeOptions {
  readonly url: URL;
  readonly method: string;
  readonly session?: string | undefined;
  readonly body?: object;
  /** Without an end within these milliseconds it counts as unanswered. */
  readonly withinMs: number;
  /** Leaves in the middle. */
  readonly signal?: AbortSignal;
  /** Hears each message as it comes. */
  readonly onMessage?: (message: Message) => void;
  /** Hears that the answer has begun. */
  readonly onBegin?: (status: number) => void;
}

/** Resolves always. */
export function exchange(options: ExchangeOptions): Promise<Outcome> {
  const { url, method, session, body, withinMs, signal, onMessage = () => undefined, onBegin = () => undefined } = options;
  return new Promise((resolve) => {
    const headers = {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(session !== undefined && { 'mcp-session-id': session }),
    };
    const sent = request(url, { method, headers, agent: false, ...(signal !== undefined && { signal }) });
    const limit = setTimeout(() => end({ kind: 'unanswered' }), withinMs);
    const end = (outcome: Outcome): void => {
      clearTimeout(limit);
      resolve(outcome);
      sent.destroy();
    };
    sent.on('error', ({ message }) => end({ kind: 'broken', why: message }));
    sent.once('response', (answer) => {
      const { statusCode: status = 0, headers: { 'retry-after': retryAfter, 'mcp-session-id': id, 'content-type': type = '' } } = answer;
      onBegin(status);
      const messages: Message[] = [];
      const hear = (text: string): void => {
        const message = JSON.parse(text) as Message;
        messages.push(message);
        onMessage(message);
      };
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (!type.startsWith('text/event-stream')) return;
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) for (const [, data = ''] of event.matchAll(/^data: (.*)$/gm)) hear(data);
      });
      answer.on('error', ({ message }) => end({ kind: 'broken', why: message }));
      answer.once('end', () => {
        if (type.startsWith('application/json') && text !== '') hear(text);
        end({ kind: 'answer', status, retryAfter, session: typeof id === 'string' ? id : undefined, messages });
      });
    });
    sent.end(body === undefined ? undefined : JSON.stringify({ jsonrpc: '2.0', ...body }));
  });
}
