// Prometheus metrics of the HTTP server, by the names that OpenTelemetry's semantic conventions have for MCP, as Prometheus writes them.
// Loaded only when they are enabled. https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallRecord } from '../catalog.ts';
import { INTERNAL_ERROR } from '../json-rpc.ts';

/** One finished HTTP request to the MCP endpoint. */
export interface RequestRecord {
  /** JSON-RPC method, or `other`: a closed set, so that clients cannot grow the metrics. */
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** What is counted, and the text that /metrics answers. */
export interface Metrics {
  readonly contentType: string;
  readonly text: () => Promise<string>;
  readonly onCall: (record: CallRecord) => void;
  readonly onRequest: (record: RequestRecord) => void;
  /** Shows what is held of something that is bounded, as it is when it is asked for. */
  readonly watch: (gauge: { readonly name: string; readonly help: string; readonly read: () => number }) => void;
}

const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
/** What every series has in common: `network.transport` of MCP over HTTP. */
const TRANSPORT = { network_transport: 'tcp' };
/** `error.type` of a tool's own failure, which is no JSON-RPC error. */
const TOOL_ERROR = 'tool_error';
/** Sums of metrics that are there, called like counters, which they are not. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];
/** Their operations are told by `onCall`, with what is called. */
const CALLS: ReadonlySet<string> = new Set<CallRecord['method']>(['tools/call', 'resources/read']);

/** A registry of its own with process metrics, requests and calls. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // A look every 10 ms whether the event loop is late, the default, takes a third of a percent of a core at rest.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const requests = new Counter({ name: 'mcp_server_requests_total', help: 'HTTP requests to the MCP endpoint.', labelNames: ['method', 'status'], registers });
  const requestSeconds = new Histogram({ name: 'mcp_server_request_duration_seconds', help: 'Duration of HTTP requests to the MCP endpoint.', labelNames: ['method'], buckets: BUCKETS, registers });
  const operations = new Histogram({
    name: 'mcp_server_operation_duration_seconds', help: 'Duration of MCP requests and notifications, from their receipt to their result.',
    labelNames: ['mcp_method_name', 'gen_ai_tool_name', 'mcp_resource_uri', 'error_type', 'network_transport'], buckets: BUCKETS, registers,
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onCall({ method, target, uri, outcome, seconds }) {
      const subject = method === 'tools/call' ? { gen_ai_tool_name: target } : { mcp_resource_uri: uri ?? '' };
      const error = outcome === 'ok' ? {} : { error_type: method === 'tools/call' ? TOOL_ERROR : String(INTERNAL_ERROR) };
      operations.observe({ mcp_method_name: method, ...subject, ...error, ...TRANSPORT }, seconds);
    },
    watch({ name, help, read }) {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: (): void => gauge.set(read()) });
    },
    onRequest({ method, status, seconds }) {
      requests.inc({ method, status });
      requestSeconds.observe({ method }, seconds);
      if (CALLS.has(method)) return;
      const error = status < 400 ? {} : { error_type: String(status) };
      operations.observe({ mcp_method_name: method === 'other' ? '_OTHER' : method, ...error, ...TRANSPORT }, seconds);
    },
  };
}
