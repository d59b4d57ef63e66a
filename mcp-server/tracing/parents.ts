// Which span of a client a message belongs to. What is no trace context is passed over: it is no part of the protocol that could be wrong.
import type { SpanContext } from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';
import type { Carriers } from './port.ts';

/** No longer one is looked at: the standard's own bound for what must be handed on. https://www.w3.org/TR/trace-context/#tracestate-limits */
const LONGEST_CONTEXT = 512;

/** The parent of a message's span, and a span beside it. */
export interface Parents {
  readonly parent?: SpanContext;
  readonly link?: SpanContext;
}

/** The context in `_meta` is the parent; that of the HTTP request, which may carry more than one message, is then a link, else the parent. */
export function parentsOf({ meta, headers }: Carriers): Parents {
  const told: Readonly<Record<string, unknown>> = typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>) : {};
  const message = contextOf((name) => told[name]);
  const request = contextOf((name) => headers?.get(name));
  if (message === undefined) return request === undefined ? {} : { parent: request };
  return { parent: message, ...(request === undefined || request.spanId === message.spanId ? {} : { link: request }) };
}

function contextOf(read: (name: string) => unknown): SpanContext | undefined {
  const parsed = parseTraceParent(shortText(read('traceparent')));
  if (parsed === null) return undefined;
  const state = shortText(read('tracestate'));
  return { ...parsed, isRemote: true, ...(state === '' ? {} : { traceState: new TraceState(state) }) };
}

function shortText(value: unknown): string {
  return typeof value === 'string' && value.length <= LONGEST_CONTEXT ? value : '';
}
