// The MCP endpoint of both protocol eras as one stateless fetch function: no session, so any replica answers any request.
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { classifyInboundRequest, createMcpHandler } from '@modelcontextprotocol/server';
import type { Catalog } from '../catalog.ts';
import { receive } from './params.ts';
import { buildServer2025 } from './sdk-v1.ts';
import { buildServer } from './sdk-v2.ts';

/** The endpoint; `fetch` takes the body already parsed. */
export interface McpEndpoint {
  fetch(request: Request, options?: { parsedBody?: unknown }): Promise<Response>;
}

/** Serves a catalog. `onError` hears of requests that were refused and of defects; it changes no answer. */
export function createEndpoint(catalog: Catalog, onError: (error: Error) => void): McpEndpoint {
  const modern = createMcpHandler(() => buildServer(catalog), { legacy: 'reject', onerror: onError });
  return {
    async fetch(request, { parsedBody: sent } = {}) {
      const received = receive(sent, catalog);
      if (received.refusal !== undefined) return Response.json(received.refusal, { status: Array.isArray(sent) ? 400 : 200 });
      const parsedBody = received.message;
      const { headers } = request;
      const route = classifyInboundRequest({
        httpMethod: request.method,
        ...header(headers, 'protocolVersionHeader', 'mcp-protocol-version'),
        ...header(headers, 'mcpMethodHeader', 'mcp-method'),
        ...header(headers, 'mcpNameHeader', 'mcp-name'),
        body: parsedBody,
      });
      return route.kind === 'legacy' ? serve2025(catalog, request, parsedBody) : modern.fetch(request, { parsedBody });
    },
  };
}

function header<Key extends string>(headers: Headers, key: Key, name: string): { [key in Key]?: string } {
  const value = headers.get(name);
  return value === null ? {} : ({ [key]: value } as { [key in Key]: string });
}

/** One request of the older era: a server and a transport of its own, both closed when it ends or the client leaves. */
async function serve2025(catalog: Catalog, request: Request, parsedBody: unknown): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = buildServer2025(catalog);
  await server.connect(transport);
  const left = new Promise<Response>((resolve) => {
    request.signal.addEventListener('abort', () => resolve(new Response(null, { status: 499 })), { once: true });
  });
  try {
    return await Promise.race([transport.handleRequest(acceptingJson(request), { parsedBody }), left]);
  } finally {
    await server.close();
  }
}

/** The SDK refuses clients that do not list both media types; curl lists none, and JSON is what it gets. */
function acceptingJson(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/json, text/event-stream');
  return new Request(request.url, { method: request.method, headers });
}
