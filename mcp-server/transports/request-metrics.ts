// Prometheus metrics of the HTTP server. Loaded only when they are enabled.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallRecord } from '../catalog.ts';

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

/** A registry of its own with process metrics, requests and calls. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // A look every 10 ms whether the event loop is late, the default, takes a third of a percent of a core at rest.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  const requests = new Counter({ name: 'mcp_server_requests_total', help: 'HTTP requests to the MCP endpoint.', labelNames: ['method', 'status'], registers });
  const requestSeconds = new Histogram({ name: 'mcp_server_request_duration_seconds', help: 'Duration of HTTP requests to the MCP endpoint.', labelNames: ['method'], buckets: BUCKETS, registers });
  const calls = new Counter({ name: 'mcp_server_calls_total', help: 'Tool calls and resource reads.', labelNames: ['method', 'target', 'outcome'], registers });
  const callSeconds = new Histogram({ name: 'mcp_server_call_duration_seconds', help: 'Duration of tool calls and resource reads.', labelNames: ['method', 'target'], buckets: BUCKETS, registers });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onCall({ method, target, outcome, seconds }) {
      calls.inc({ method, target, outcome });
      callSeconds.observe({ method, target }, seconds);
    },
    watch({ name, help, read }) {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: (): void => gauge.set(read()) });
    },
    onRequest({ method, status, seconds }) {
      requests.inc({ method, status });
      requestSeconds.observe({ method }, seconds);
    },
  };
}
