// Traces by OpenTelemetry's SDK, sent as OTLP. The only file that loads it, and itself loaded only when traces are asked for. No global of
// OpenTelemetry's is set but its own diagnostics: the spans are this server's, and a library that looks for a tracer finds none.
import { AsyncLocalStorage } from 'node:async_hooks';
import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { ExportResultCode, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, resourceAttributesEnvDetector, resourceFromAttributes, serviceNameEnvDetector } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { RequestObservation } from '../../kubernetes/client.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Admission } from '../catalog.ts';
import { SettingsError } from '../settings.ts';
import { parentsOf } from './parents.ts';
import type { Attributes, Carriers, MessageSpan, SpanStart, TraceIds, Tracing } from './port.ts';
import { requestSpan } from './request-span.ts';
import { samplerOf } from './sampler.ts';
import type { TracingSettings } from './settings.ts';
import { Troubles, whyNotSent } from './troubles.ts';

/** So long the end of the process waits for spans to be taken. */
const FLUSH_MS = 2_000;
/** No client makes a span larger. */
const SPAN_LIMITS = { attributeValueLengthLimit: 256, attributeCountLimit: 32, eventCountLimit: 8, linkCountLimit: 1 };
const NAME = 'kubernetes-mcp-server';
/** Of a call, in seconds; the convention has nothing for it. */
const WAITED = 'kubernetes_mcp_server.turn.wait';

/** Begins to trace. Sends nothing before there are spans. Throws SettingsError for attributes of the resource that cannot be read. */
export function startTracing({ collector, sampling, queue, resourceAttributes }: TracingSettings, log: Logger): Tracing {
  const troubles = new Troubles({ log });
  listen(troubles);
  const exporter = new TellingExporter(troubles);
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: queue.delayMs,
    exportTimeoutMillis: queue.exportTimeoutMs,
    maxQueueSize: queue.most,
    maxExportBatchSize: queue.batch,
  });
  const provider = new TracerProvider({
    resource: resourceOf(resourceAttributes), sampler: samplerOf(sampling), spanLimits: SPAN_LIMITS, spanProcessors: [processor],
  });
  log.info({ collector }, 'sending traces');
  return new SdkTracing(provider.getTracer(NAME, packageJson.version), async () => {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => late.resolve(), FLUSH_MS);
    await Promise.race([provider.shutdown().catch(() => undefined), late.promise]);
    clearTimeout(timer);
    exporter.giveUp();
  });
}

function resourceOf(attributes: string | undefined): ReturnType<typeof defaultResource> {
  const own = resourceFromAttributes({ 'service.name': NAME, 'service.version': packageJson.version });
  const said = detectResources({ detectors: [resourceAttributesEnvDetector] });
  // The library leaves all of them out where one cannot be read, and tells nobody.
  if (attributes !== undefined && Object.keys(said.attributes).length === 0) {
    throw new SettingsError('OTEL_RESOURCE_ATTRIBUTES: expected key=value pairs, separated by commas, with other commas and "=" as %2C and %3D.');
  }
  return defaultResource().merge(own).merge(said).merge(detectResources({ detectors: [serviceNameEnvDetector] }));
}

const silent = (): void => undefined;

/** What the library says of itself goes nowhere, but for what is lost: it quotes URLs, headers and collectors. */
function listen(troubles: Troubles): void {
  setGlobalErrorHandler(silent);
  const warn = (message: string, said?: unknown): void => {
    const dropped = /^Dropped (\d+) spans because/.exec(message)?.[1];
    if (dropped !== undefined) troubles.lost(Number(dropped), 'more came than were sent');
    const refused = /"rejectedSpans":"?(\d+)/.exec(String(said))?.[1] ?? 0;
    if (message.startsWith('Received Partial Success')) troubles.lost(Number(refused), 'the collector took only some of them');
  };
  const logger = { error: silent, warn, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** Sends spans, and tells of those that are lost. */
class TellingExporter implements SpanExporter {
  readonly #exporter = new OTLPTraceExporter();
  readonly #troubles: Troubles;
  #onTheirWay = 0;

  constructor(troubles: Troubles) {
    this.#troubles = troubles;
  }

  export(...[spans, done]: Parameters<SpanExporter['export']>): void {
    this.#onTheirWay += spans.length;
    this.#exporter.export(spans, (result) => {
      this.#onTheirWay -= spans.length;
      if (result.code !== ExportResultCode.SUCCESS) this.#troubles.lost(spans.length, whyNotSent(result.error));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  /** Nobody waits any more for what is not taken by now. */
  giveUp(): void {
    if (this.#onTheirWay > 0) this.#troubles.lost(this.#onTheirWay, 'the process ended before the collector took them');
  }
}

class SdkTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly #flush: () => Promise<void>;
  /** Which message is being answered. */
  readonly #answering = new AsyncLocalStorage<Context>();

  constructor(tracer: Tracer, flush: () => Promise<void>) {
    this.#tracer = tracer;
    this.#flush = flush;
  }

  begin({ name, attributes }: SpanStart, carriers: Carriers): MessageSpan {
    const { parent, link } = parentsOf(carriers);
    const above = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const links = link === undefined ? [] : [{ context: link }];
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: { ...attributes }, links }, above);
    return {
      isRecorded: span.isRecording(),
      within: (work) => this.#answering.run(trace.setSpan(above, span), work),
      end: (end) => {
        if (!span.isRecording()) return;
        finish(span, end.attributes);
      },
    };
  }

  readonly ids = (): TraceIds | undefined => {
    const answering = this.#answering.getStore();
    const ids = answering === undefined ? undefined : trace.getSpanContext(answering);
    return ids === undefined ? undefined : { trace_id: ids.traceId, span_id: ids.spanId };
  };

  readonly onRequest = (observation: RequestObservation): void => {
    const answering = this.#answering.getStore();
    if (answering === undefined) return;
    const { name, attributes } = requestSpan(observation);
    const endTime = performance.now();
    const startTime = endTime - observation.seconds * 1000;
    finish(this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime }, answering), attributes, endTime);
  };

  timed(admit: Admission): Admission {
    return async (action, signal) => {
      const started = performance.now();
      try {
        return await admit(action, signal);
      } finally {
        const answering = this.#answering.getStore();
        const span = answering === undefined ? undefined : trace.getSpan(answering);
        span?.setAttribute(WAITED, (performance.now() - started) / 1000);
      }
    };
  }

  stop(): Promise<void> {
    return this.#flush();
  }
}

function finish(span: Span, attributes: Attributes, endTime?: number): void {
  span.setAttributes({ ...attributes });
  if (attributes['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}
