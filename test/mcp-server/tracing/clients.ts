// Real clients of both SDKs over both transports, each with a server that sends traces to a collector.
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio2025 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { COMPILED } from '../../support/compiled.ts';
import { MAIN, startServer } from '../server-process.ts';

const INFO = { name: 'test', version: '1' };

/** Variables of a server whose spans are sent soon to this collector. */
export function tracedTo(url: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '50' };
}

/** What the tests ask of a client. */
export interface AnyClient {
  request(method: 'tools/call' | 'resources/read' | 'prompts/get' | 'tools/list', params: Record<string, unknown>): Promise<unknown>;
}

/** A kind of client. */
export interface ClientKind {
  readonly name: string;
  readonly version: string;
  readonly isHttp: boolean;
}

export const CLIENTS: readonly ClientKind[] = [
  { name: 'an SDK v1 client over HTTP', version: '2025-11-25', isHttp: true },
  { name: 'an SDK v1 client over stdio', version: '2025-11-25', isHttp: false },
  { name: 'an SDK v2 client over HTTP', version: '2026-07-28', isHttp: true },
  { name: 'an SDK v2 client over stdio', version: '2026-07-28', isHttp: false },
];

/** How the server is started. */
export interface Started {
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Starts a server, lets a client use it, and ends both. */
export async function using(kind: ClientKind, { args, env }: Started, use: (client: AnyClient) => Promise<void>): Promise<void> {
  const server = kind.isHttp ? await startServer({ args, env }) : undefined;
  const environment = { ...COMPILED, PATH: process.env['PATH'] ?? '', ...env };
  const command = { command: process.execPath, args: [MAIN, ...args], env: environment, stderr: 'ignore' as const };
  const url = new URL(server?.url ?? 'http://unused');
  const client = kind.version === '2025-11-25' ? new Client2025(INFO) : new Client(INFO, { versionNegotiation: { mode: 'auto' } });
  try {
    if (client instanceof Client2025) await client.connect(kind.isHttp ? new Http2025(url) : new Stdio2025(command));
    else await client.connect(kind.isHttp ? new StreamableHTTPClientTransport(url) : new StdioClientTransport(command));
    await use({ request: (method, params) => asked(client, method, params) });
  } finally {
    await client.close();
    await server?.stop();
  }
}

function asked(client: Client | Client2025, method: Parameters<AnyClient['request']>[0], params: Record<string, unknown>): Promise<unknown> {
  if (method === 'tools/call') return client.callTool(params as { name: string });
  if (method === 'resources/read') return client.readResource(params as { uri: string });
  return method === 'prompts/get' ? client.getPrompt(params as { name: string }) : client.listTools(params);
}
