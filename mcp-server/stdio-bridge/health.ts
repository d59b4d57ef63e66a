// The port for the kubelet and for Prometheus, which is in no Service: is the bridge alive, is it ready, and what has it counted.
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { boundConnections } from '../transports/connections.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** It has few callers. */
const MOST_CONNECTIONS = 32;
const TIMEOUTS = { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 2500 };

/** Makes the server; it does not listen yet. */
export function createHealthServer(readiness: Readiness, metrics: Metrics): Server {
  const server = createServer(TIMEOUTS);
  boundConnections(server, answering(readiness, metrics), { connections: MOST_CONNECTIONS });
  return server;
}

function answering(readiness: Readiness, metrics: Metrics): RequestListener {
  return ({ url }, response) => {
    const path = url?.split('?')[0];
    const { state } = readiness;
    if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
    if (path === '/readyz') return sendJson(response, state.ready ? 200 : 503, state);
    if (path !== '/metrics') return sendJson(response, 404, { error: 'There are /healthz, /readyz and /metrics here.' });
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(metrics.text());
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
}
