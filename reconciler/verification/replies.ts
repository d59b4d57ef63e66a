// Reads what an MCP server answered: JSON-RPC in a JSON body or in an event stream. Pure.
import { z } from 'zod';
import type { ExchangeResponse } from './exchange.ts';
import { REQUEST_ID } from './messages.ts';

const replySchema = z.union([
  z.object({ jsonrpc: z.literal('2.0'), id: z.literal(REQUEST_ID), result: z.record(z.string(), z.unknown()) }),
  z.object({
    jsonrpc: z.literal('2.0'),
    id: z.literal([REQUEST_ID, null]).optional(),
    error: z.object({ code: z.number(), message: z.string().catch(''), data: z.unknown().optional() }),
  }),
]);

/** A JSON-RPC response to the handshake's request. */
export type Reply = z.infer<typeof replySchema>;

const infoSchema = z.object({ name: z.string(), version: z.string() }).partial().optional().catch(undefined);

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

const discoverSchema = z.object({
  supportedVersions: z.array(z.string()).min(1),
  serverInfo: infoSchema,
  _meta: z.object({ [SERVER_INFO]: infoSchema }).optional().catch(undefined),
});

const initializeSchema = z.object({ protocolVersion: z.string(), serverInfo: infoSchema });

/** What a server says about itself. */
export interface Introduction {
  readonly versions: string[];
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

/** The JSON-RPC response in an answer, or in the part of an event stream read so far; undefined when there is none. */
export function readReply({ headers, body }: Pick<ExchangeResponse, 'headers' | 'body'>): Reply | undefined {
  const texts = isEventStream(headers) ? eventData(body) : [body];
  for (const text of texts) {
    const parsed = replySchema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/** The result of `server/discover`, undefined when it is none. */
export function readDiscover(result: unknown): Introduction | undefined {
  const { success, data } = discoverSchema.safeParse(result);
  if (!success) return undefined;
  return { versions: data.supportedVersions, ...(data.serverInfo ?? data._meta?.[SERVER_INFO]) };
}

/** The result of `initialize`, undefined when it is none. */
export function readInitialize(result: unknown): Introduction | undefined {
  const { success, data } = initializeSchema.safeParse(result);
  return success ? { versions: [data.protocolVersion], ...data.serverInfo } : undefined;
}

/** Whether the answer is a stream of server-sent events. */
export function isEventStream(headers: ExchangeResponse['headers']): boolean {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === 'text/event-stream';
}

/** The data of each event of a server-sent event stream, in order; events without data are skipped. */
function eventData(body: string): string[] {
  return body
    .replaceAll(/\r\n?/g, '\n')
    .split('\n\n')
    .map((event) => event.split('\n').filter((line) => line.startsWith('data:')))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
