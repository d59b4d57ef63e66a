// A collector of traces for tests: takes OTLP over HTTP, and says what came by OpenTelemetry's own types, which a Go program reads.
import { spawnSync } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { obtainGoProgram } from '../../support/go-program.ts';

const SOURCE = { name: 'otlp-reader', source: join(import.meta.dirname, 'go'), packagePath: '.', files: ['main.go'] };
const LIMIT_MS = 60_000;

/** A span as it was sent. */
export interface ReadSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** `STATUS_CODE_ERROR`, or nothing. */
  readonly status: string | undefined;
  readonly message: string | undefined;
  readonly nanoseconds: bigint;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** One request as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly received: readonly Received[];
  /** Every span until now. */
  spans(): ReadSpan[];
  /** Waits until there are so many. */
  until(count: number): Promise<ReadSpan[]>;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const takeAll: Answer = (_request, response) => void response.end();

/** Starts one that answers so; default: it takes everything. With `tls` it is reached by https alone. */
export async function startCollector(answer: Answer = takeAll, tls?: ServerOptions): Promise<Collector> {
  const program = await obtainGoProgram(SOURCE, (line) => void process.stderr.write(`${line}\n`));
  const received: Received[] = [];
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
      const bytes = Buffer.concat(pieces);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      received.push({ path: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const spans = (): ReadSpan[] => received.flatMap(({ body }) => read(program, body));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    spans,
    async until(count) {
      await eventually(() => spans().length >= count);
      return spans();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits for something that will be. */
export async function eventually(condition: () => boolean): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(condition()).toBe(true);
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface JsonSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly attributes?: readonly KeyValue[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: string; readonly message?: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface JsonTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly JsonSpan[] }[];
  }[];
}

const known = new WeakMap<Buffer, ReadSpan[]>();

function read(program: string, body: Buffer): ReadSpan[] {
  const before = known.get(body);
  if (before !== undefined) return before;
  const { status, stdout, stderr } = spawnSync(program, { input: body, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: LIMIT_MS });
  if (status !== 0) throw new Error(`no OTLP: ${stderr}`);
  const { resourceSpans = [] } = JSON.parse(stdout) as JsonTraces;
  const spans = resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => asRead(span, valuesOf(resource?.attributes)))));
  known.set(body, spans);
  return spans;
}

function asRead(span: JsonSpan, resource: ReadSpan['resource']): ReadSpan {
  return {
    name: span.name,
    kind: span.kind,
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId ?? ''),
    traceState: span.traceState ?? '',
    attributes: valuesOf(span.attributes),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId: hex(traceId), spanId: hex(spanId) })),
    status: span.status?.code,
    message: span.status?.message,
    nanoseconds: BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano),
    resource,
  };
}

/** Whole numbers are texts in JSON of protobuf. */
function valuesOf(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value: { stringValue, intValue, ...others } }) =>
    [key, stringValue ?? (intValue === undefined ? Object.values(others)[0] : Number(intValue))]));
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
