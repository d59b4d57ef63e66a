// Real MCP clients that judge a server as programs which use it would: they connect, and list the tools it announces.
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** `works`, or `fails: ` and why. */
export type Finding = 'works' | `fails: ${string}`;

const INFO = { name: 'test', version: '1' };

/** What both SDKs' clients have in common. */
interface AnyClient {
  getServerCapabilities: () => { readonly tools?: unknown } | undefined;
  listTools: (params?: undefined, options?: { timeout: number }) => Promise<unknown>;
  close: () => Promise<void>;
}

/** Judges with TypeScript's SDK v1, for no longer than so many milliseconds. */
export function judgeV1(url: URL, patienceMs: number): Promise<Finding> {
  const client = new Client(INFO);
  const transport = new StreamableHTTPClientTransport(url);
  return judge(client, patienceMs, () => client.connect(transport, { timeout: patienceMs }));
}

/** Judges with TypeScript's SDK v2, which chooses the era itself, for no longer than so many milliseconds. */
export function judgeV2(url: URL, patienceMs: number): Promise<Finding> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
  const transport = new ModernTransport(url);
  return judge(client, patienceMs, () => client.connect(transport, { timeout: patienceMs }));
}

/** Calls a tool with TypeScript's SDK v1; resolves to what it answered, as JSON. */
export async function callV1(url: URL, tool: string, args: Readonly<Record<string, unknown>>): Promise<string> {
  const client = new Client(INFO);
  await client.connect(new StreamableHTTPClientTransport(url));
  try {
    return JSON.stringify(await client.callTool({ name: tool, arguments: args }));
  } finally {
    await client.close();
  }
}

/** Calls a tool with TypeScript's SDK v2; resolves to what it answered, as JSON. */
export async function callV2(url: URL, tool: string, args: Readonly<Record<string, unknown>>): Promise<string> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport(url));
  try {
    return JSON.stringify(await client.callTool({ name: tool, arguments: args }));
  } finally {
    await client.close();
  }
}

async function judge(client: AnyClient, patienceMs: number, connect: () => Promise<void>): Promise<Finding> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('it takes too long')), patienceMs);
  try {
    await Promise.race([late.promise, use(client, patienceMs, connect)]);
    return 'works';
  } catch (error) {
    return `fails: ${wordsOf(error)}`;
  } finally {
    clearTimeout(timer);
    await client.close();
  }
}

async function use(client: AnyClient, timeout: number, connect: () => Promise<void>): Promise<void> {
  await connect();
  if (client.getServerCapabilities()?.tools !== undefined) await client.listTools(undefined, { timeout });
}

function wordsOf(error: unknown): string {
  const { name, message, cause, code, status = code } = error as Error & { code?: unknown; status?: unknown };
  const said = `${name}${typeof status === 'number' ? ` ${status}` : ''}: ${message.replaceAll(/\s+/g, ' ').slice(0, 160)}`;
  return cause === undefined ? said : `${said} (${wordsOf(cause)})`;
}
