// The HTTP server: both protocol eras on /mcp, and the endpoints around it. Every answer is JSON, whatever went wrong.
import { createServer, type Server } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog.ts';
import { drainHttpServer } from './http-drain.ts';
import { INTERNAL_ERROR, INVALID_REQUEST } from '../json-rpc.ts';
import { Answers } from './answers.ts';
import { bodyReader, bodyShares, parseBody } from './bodies.ts';
import { onBehalfOf } from './call-turns.ts';
import { boundConnections, type ConnectionLimits } from './connections.ts';
import { createEndpoint, type McpEndpoint } from './endpoint.ts';
import { PROTOCOL_VERSIONS } from './protocol-versions.ts';
import { busy, sendError } from './refusals.ts';
import type { Metrics } from './request-metrics.ts';
import type { Readiness } from '../cluster/api-server-readiness.ts';
import { hostAllowed, originAllowed } from './request-checks.ts';
import { clientOf, Shares } from './shares.ts';
import { traced } from './traced-endpoint.ts';
import type { Tracing } from '../tracing/port.ts';
import type { Settings } from '../settings.ts';

/** Bounds slow clients; idle connections outlive the usual 60 s of proxies, so that those close first and lose no request. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 };
/** Requests to the MCP endpoint that are read or answered at a time. */
const MOST_REQUESTS = 128;
/** Connections the system keeps until they are accepted; of one it has no room for the client hears only a second later. */
const BACKLOG = 4096;
const CORS_REQUEST_HEADERS = 'Content-Type, Authorization, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID, Traceparent, Tracestate';

/** Labels of the request metrics; every other method counts as `other`. */
const COUNTED_METHODS = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
]);

/** What the server works with. */
export interface HttpOptions {
  readonly catalog: Catalog;
  readonly settings: Pick<Settings, 'host' | 'port' | 'allowedHosts' | 'allowedOrigins' | 'rateLimit'>;
  readonly readiness: () => Promise<Readiness>;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracing?: Tracing | undefined;
  /** Other bounds than those of docs/security.md. */
  readonly limits?: ConnectionLimits & { readonly answersBytes?: number; readonly bodiesBytes?: number };
}

/** A listening server. */
export interface HttpServer {
  /** The port it listens on. */
  readonly port: number;
  /** Answers what is being asked, then closes; what is left after `deadlineMs` is cut off, and then it resolves to false. */
  stop(deadlineMs: number): Promise<boolean>;
}

/** Starts the server. Rejects with the system's error when the address cannot be used. */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const { settings, log } = options;
  const endpoint = createEndpoint(options.catalog, (error) => log.debug({ err: error }, 'MCP request refused'));
  const server = createServer(TIMEOUTS);
  const { answersBytes, answerMs, bodiesBytes } = options.limits ?? {};
  const holding = { bodies: bodyShares(bodiesBytes), answers: new Answers({ bytes: answersBytes, takenWithinMs: answerMs }) };
  const connections = boundConnections(server, createApp(options, endpoint, holding), options.limits);
  showHeld(options.metrics, { ...holding, connections });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: settings.port, host: settings.host, backlog: BACKLOG }, resolve);
  });
  return {
    port: portOf(server),
    stop: (deadlineMs) => drainHttpServer(server, deadlineMs),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Whoever asks while an answer is made gets that one. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= make().finally(() => (running = undefined)));
}

/** What requests hold together. */
interface Holding {
  readonly bodies: Shares;
  readonly answers: Answers;
}

function showHeld(metrics: Metrics | undefined, { bodies, answers, connections }: Holding & { readonly connections: () => number }): void {
  metrics?.watch({ name: 'mcp_server_connections', help: 'Open connections.', read: connections });
  metrics?.watch({ name: 'mcp_server_bodies_bytes', help: 'Bytes of bodies of requests that are not answered yet.', read: () => bodies.total });
  metrics?.watch({ name: 'mcp_server_answers_bytes', help: 'Bytes of answers that are not taken yet.', read: () => answers.bytes });
}

function createApp(options: HttpOptions, endpoint: McpEndpoint, { bodies, answers }: Holding): Express {
  const { catalog, readiness, metrics, settings } = options;
  const { serverInfo, capabilities } = catalog;
  const app = express();
  // Nothing stands in front of this server that could be trusted, so X-Forwarded-For says nothing.
  app.set('trust proxy', false).set('etag', false).disable('x-powered-by');
  app.use(checkHost(settings.allowedHosts), checkOrigin(settings.allowedOrigins));
  app.get('/health', (_req, res) => {
    res.json({ status: 'healthy', transport: 'streamable-http', serverInfo, uptimeSeconds: Math.round(process.uptime()) });
  });
  app.get('/ready', async (_req, res) => {
    const result = await readiness();
    res.status(result.ready ? 200 : 503).json({ status: result.ready ? 'ready' : 'not ready', ...result });
  });
  if (metrics !== undefined) {
    const text = shared(metrics.text);
    app.get('/metrics', async (_req, res) => {
      res.type(metrics.contentType).send(await text());
    });
  }
  if (settings.rateLimit > 0) app.use(limitRate(settings.rateLimit));
  app.get('/capabilities', (_req, res) => {
    res.json({ protocolVersions: PROTOCOL_VERSIONS, capabilities, serverInfo, instructions: catalog.instructions });
  });
  app.get('/', (_req, res) => {
    res.json({ serverInfo, endpoint: '/mcp', transport: 'streamable-http' });
  });
  app.post('/mcp', requireJsonAccepted, boundRequests(), bodyReader(bodies), oneByOne(), parseBody, serve(options, endpoint, answers));
  app.all('/mcp', (_req, res) => {
    sendError(res, { status: 405, message: 'Method not allowed: this server is stateless; send JSON-RPC requests by POST.', headers: { Allow: 'POST' } });
  });
  app.use(notFound, failed(options.log));
  return app;
}

function checkHost(allowed: readonly string[]): RequestHandler {
  return (req, res, next) => {
    if (hostAllowed(req.headers.host, allowed)) return next();
    sendError(res, {
      status: 403,
      message: `Host "${req.headers.host ?? ''}" is not served here. Call the server by IP address, localhost or Service name (NAME or NAME.NAMESPACE.svc), or add the host name to MCP_ALLOWED_HOSTS.`,
    });
  };
}

function checkOrigin(allowed: readonly string[]): RequestHandler {
  return (req, res, next) => {
    const { origin, host } = req.headers;
    if (!originAllowed(origin, host, allowed)) {
      return sendError(res, { status: 403, message: `Web pages of origin "${origin ?? ''}" may not call this server. Add the origin to MCP_ALLOWED_ORIGINS to allow it.` });
    }
    if (origin === undefined) return next();
    res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After', Vary: 'Origin' });
    if (req.method !== 'OPTIONS') return next();
    res.set({ 'Access-Control-Allow-Methods': 'GET, POST', 'Access-Control-Allow-Headers': CORS_REQUEST_HEADERS, 'Access-Control-Max-Age': '600' });
    res.status(204).end();
  };
}

function limitRate(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // It would warn about every forwarded request, although that header is ignored on purpose.
    validate: false,
    handler: (_req, res) => sendError(res, { status: 429, message: `More than ${perMinute} requests in a minute: try again later.` }),
  });
}

/** So many are read and answered at a time, whoever sent them. */
function boundRequests(): RequestHandler {
  const requests = new Shares(MOST_REQUESTS);
  return (req, res, next) => {
    const client = clientOf(req.socket);
    if (!requests.take(client, 1)) return sendError(res, busy('Too many requests are being answered: try again when some have ended.'));
    res.once('close', () => requests.giveBack(client, 1));
    next();
  };
}

/** One is parsed and begun in each turn of the event loop, since that costs most: so what is asked of other endpoints comes in between. */
function oneByOne(): RequestHandler {
  let last: Promise<void> = Promise.resolve();
  return (_req, res, next) => {
    const turn = last.then(() => (res.closed ? undefined : new Promise<void>((resolve) => void setImmediate(resolve))));
    last = turn;
    void turn.then(() => res.closed || next());
  };
}

const requireJsonAccepted: RequestHandler = (req, res, next) => {
  if (req.accepts('application/json') === false) return sendError(res, { status: 406, message: 'The answer is application/json: the Accept header must allow it.' });
  next();
};

function serve({ catalog, metrics, tracing, log }: HttpOptions, endpoint: McpEndpoint, answers: Answers): RequestHandler {
  const onerror = (error: Error): void => log.error({ err: error }, 'MCP request failed');
  return async (req, res) => {
    const started = performance.now();
    res.once('close', () => {
      metrics?.onRequest({ method: methodOf(req), status: res.statusCode, seconds: (performance.now() - started) / 1000 });
    });
    const bounded: McpEndpoint = { fetch: async (...request) => answers.hold(await endpoint.fetch(...request), req, res) };
    const served = tracing === undefined ? bounded : traced(bounded, { tracing, catalog, http: req.httpVersion });
    // No body is no message at all: it gets the SDK's own 400.
    await onBehalfOf(clientOf(req.socket), () => toNodeHandler(served, { onerror })(req, res, req.body ?? ''));
  };
}

function methodOf(req: Request): string {
  const body: unknown = req.body;
  const method = typeof body === 'object' && body !== null && 'method' in body ? String(body.method) : '';
  return COUNTED_METHODS.has(method) ? method : 'other';
}

const REPLACED = /^\/(initialize|sessions|mcp\/)/;

const notFound: RequestHandler = (req, res) => {
  const message = REPLACED.test(req.path)
    ? `${req.path} does not exist: MCP's own handshake and stateless requests took its place. Send initialize, or any other JSON-RPC request, to POST /mcp; no session and no X-Session-ID is needed.`
    : `${req.path} does not exist: the MCP endpoint is POST /mcp.`;
  sendError(res, { status: 404, message });
};

/** A path that is no URL is the client's; everything else is a defect that only the log may describe. */
function failed(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // oxlint-disable-next-line eslint/max-params
  return (error: { status?: number; type?: string }, req, res, _next) => {
    if (res.headersSent) return res.destroy();
    const status = error.status ?? 500;
    if (status >= 400 && status < 500) return sendError(res, { status, code: INVALID_REQUEST, message: `The request cannot be read (${error.type ?? 'malformed'}).` });
    log.error({ err: error, path: req.path }, 'request failed');
    sendError(res, { status: 500, code: INTERNAL_ERROR, message: 'Internal error: the log of the Kubernetes MCP server has the details.' });
  };
}
