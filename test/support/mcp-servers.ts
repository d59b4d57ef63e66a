// Real MCP servers of both SDKs, and things that are not MCP servers, each on a free port, of 127.0.0.1 unless told otherwise.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { isIP, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as ModernServer, createMcpHandler } from '@modelcontextprotocol/server';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

export interface RunningServer {
  readonly port: number;
  /** Method and headers of the requests so far. */
  readonly requests: { method: string; headers: http.IncomingHttpHeaders }[];
  readonly close: () => Promise<void>;
}

/** An HTTP server answering with `handler`. */
export function serveHttp(handler: http.RequestListener, host?: string): Promise<RunningServer> {
  return listen((requests) => http.createServer((request, response) => {
    requests.push({ method: request.method ?? '', headers: request.headers });
    handler(request, response);
  }), host);
}

/** An HTTP server giving every request the same answer. */
export function serveAnswer(
  answer: { status: number; headers?: Record<string, string>; body?: string },
  host?: string,
): Promise<RunningServer> {
  return serveHttp((_request, response) => response.writeHead(answer.status, answer.headers).end(answer.body), host);
}

/** A TCP server that gives each connection to `handler`. */
export function serveTcp(handler: (socket: net.Socket) => void, host?: string): Promise<RunningServer> {
  return listen(() => net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    handler(socket);
  }), host);
}

/** An HTTPS server with a certificate of its own making. */
export function serveTls(host?: string, certificate: https.ServerOptions = certificateFor('test')): Promise<RunningServer> {
  return listen(() => https.createServer(certificate, (_request, response) => response.end('hello')), host);
}

/** A key and a certificate for a DNS name or an address, in PEM, signed with that key. */
export function certificateFor(name: string): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1', ...subject], { stdio: 'ignore' });
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}

/** SDK v1 without sessions behind TLS, behind a header with a value of its own, or both; whoever lacks the header is shown what was sent instead. */
export function serveGuarded({
  tls,
  header,
}: {
  readonly tls?: ReturnType<typeof certificateFor>;
  readonly header?: readonly [name: string, value: string];
}): Promise<RunningServer> {
  return listen((requests) => {
    const handler: http.RequestListener = (request, response) => {
      requests.push({ method: request.method ?? '', headers: request.headers });
      const [name = '', value] = header ?? [];
      if (request.headers[name] !== value) return void response.writeHead(401, { 'www-authenticate': `Bearer realm="${String(request.headers[name])}"` }).end();
      return void answerStateless(request, response);
    };
    return tls === undefined ? http.createServer(handler) : https.createServer(tls, handler);
  });
}

/** SDK v1 without sessions: a server and transport per request. */
export function serveStateless(host?: string, offer: Offer = {}): Promise<RunningServer> {
  return serveMcp((request, response) => answerStateless(request, response, offer), host);
}

async function answerStateless(request: http.IncomingMessage, response: http.ServerResponse, offer: Offer = {}): Promise<void> {
  const transport = new StreamableHTTPServerTransport();
  response.on('close', () => void transport.close());
  await legacyServer(offer).connect(transport);
  await transport.handleRequest(request, response);
}

/** SDK v1 with sessions; `sessions` are those not ended. */
export async function serveStateful(host?: string, offer: Offer = {}): Promise<RunningServer & { sessions: Set<string> }> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const sessions = new Set<string>();
  const running = await serveMcp(async (request, response) => {
    const known = transports.get(String(request.headers['mcp-session-id']));
    if (known !== undefined) return known.handleRequest(request, response);
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => { sessions.add(id); transports.set(id, transport); },
      onsessionclosed: (id) => { sessions.delete(id); },
    });
    await legacyServer(offer).connect(transport);
    return transport.handleRequest(request, response);
  }, host);
  return { ...running, sessions };
}

/** SDK v1 as first programs often use it: one transport, and so one session, for all that ask. */
export async function serveOneSession(host?: string, offer: Offer = {}): Promise<RunningServer> {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await legacyServer(offer).connect(transport);
  return serveMcp((request, response) => transport.handleRequest(request, response), host);
}

/** SDK v2: the modern era only. */
export function serveModern(host?: string, offer: Offer = {}): Promise<RunningServer> {
  const handler = toNodeHandler(createMcpHandler(() => {
    const server = new ModernServer({ name: 'modern', version: '2.0.0' });
    if (offer.tools === true) server.registerTool('say', { description: 'Says a word.', inputSchema: INPUT }, () => ({ content: [] }));
    return server;
  }, { legacy: 'reject' }));
  return serveMcp(async (request, response) => { await handler(request as Parameters<typeof handler>[0], response); }, host);
}

/** SDK v1's deprecated HTTP+SSE transport at /mcp. */
export function serveSse(host?: string): Promise<RunningServer> {
  return serveMcp(async (request, response) => {
    if (request.method !== 'GET') return void response.writeHead(404).end('Cannot POST /mcp');
    return legacyServer().connect(new SSEServerTransport('/messages', response));
  }, host);
}

/** What a real server offers besides its name. */
interface Offer {
  readonly tools?: boolean;
}

const INPUT = z.object({ word: z.string() });

function legacyServer({ tools = false }: Offer = {}): McpServer {
  const server = new McpServer({ name: 'legacy', version: '1.0.0' });
  if (tools) server.registerTool('say', { description: 'Says a word.', inputSchema: INPUT }, () => ({ content: [] }));
  return server;
}

type AsyncListener = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

function serveMcp(handler: AsyncListener, host?: string): Promise<RunningServer> {
  return serveHttp((request, response) => {
    if (request.url !== '/mcp') return void response.writeHead(404).end('Not found');
    return void handler(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }, host);
}

async function listen(create: (requests: RunningServer['requests']) => net.Server, host = '127.0.0.1'): Promise<RunningServer> {
  const requests: RunningServer['requests'] = [];
  const server = create(requests);
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => { server.listen(0, host, resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}
