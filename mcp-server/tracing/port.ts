// What the server knows of traces: no type of OpenTelemetry, which is loaded where they are asked for alone.
import type { RequestObservation } from '../../kubernetes/client.ts';
import type { Admission } from '../catalog.ts';

/** Attributes of a span. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A span as it begins. */
export interface SpanStart {
  readonly name: string;
  readonly attributes: Attributes;
}

/** How what a span tells of has ended. With `error.type` it failed. */
export interface SpanEnd {
  readonly attributes: Attributes;
}

/** Where the trace may be told that a message belongs to: the protocol's own `_meta`, and the headers it came with. */
export interface Carriers {
  readonly meta: unknown;
  readonly headers?: Pick<Headers, 'get'> | undefined;
}

/** The span of one message. */
export interface MessageSpan {
  /** False where it is not sampled: then nobody needs to find out how it ends. */
  readonly isRecorded: boolean;
  /** Does something whose calls and requests to the API server are part of it. */
  within<T>(work: () => T): T;
  /** Ends it. Only the first time counts. */
  end(end: SpanEnd): void;
}

/** The keys that lead from a line of the log to its trace, as OpenTelemetry names them outside of OTLP. */
export interface TraceIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** Traces that are sent to a collector. Nothing of it waits for the collector but `stop`, and nothing throws. */
export interface Tracing {
  /** Begins the span of a message of a client. */
  begin(start: SpanStart, carriers: Carriers): MessageSpan;
  /** The ids of the message that is being answered; undefined outside of one. */
  readonly ids: () => TraceIds | undefined;
  /** Tells of a request to the API server that is part of a message. */
  readonly onRequest: (observation: RequestObservation) => void;
  /** Tells how long each call waits for its turn. */
  timed(admit: Admission): Admission;
  /** Sends what waits, for 2 s at most. */
  stop(): Promise<void>;
}
