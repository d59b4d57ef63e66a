// Reads requests before the SDKs do: what models send as arguments is taken as it is meant, and params of the wrong shape are
// refused in one sentence, where the SDKs would answer with the dump of a schema, or with nothing.
import { specTypeSchemas, type SpecTypeName } from '@modelcontextprotocol/server';
import type { Catalog } from '../catalog.ts';
import { INVALID_PARAMS, INVALID_REQUEST } from '../json-rpc.ts';
import { asMeant } from './arguments.ts';

/** The protocol's own schemas, of the requests that are answered here. Of others the SDKs know best whether there are any. */
const REQUESTS: Readonly<Record<string, SpecTypeName>> = {
  initialize: 'InitializeRequest',
  ping: 'PingRequest',
  'tools/list': 'ListToolsRequest',
  'tools/call': 'CallToolRequest',
  'resources/list': 'ListResourcesRequest',
  'resources/templates/list': 'ListResourceTemplatesRequest',
  'resources/read': 'ReadResourceRequest',
  'prompts/list': 'ListPromptsRequest',
  'prompts/get': 'GetPromptRequest',
};

/** Longer names of fields, which the client chose, are cut. */
const MOST_PATH = 200;

/** A JSON-RPC error answer. */
export interface Refusal {
  readonly jsonrpc: '2.0';
  /** Null where no one request is refused. */
  readonly id: string | number | null;
  readonly error: { readonly code: number; readonly message: string };
}

/** A message for the SDKs, or the answer in their place. */
export type Received = { readonly message: unknown; readonly refusal?: undefined } | { readonly refusal: Refusal };

/** The answer to a batch, whatever is in it. */
const BATCH_REFUSAL: Refusal = {
  jsonrpc: '2.0',
  id: null,
  error: { code: INVALID_REQUEST, message: 'JSON-RPC batches are not taken: revision 2025-06-18 dropped them from the protocol. Send each message on its own.' },
};

interface Request {
  readonly id: string | number;
  readonly method: string;
  readonly params?: unknown;
}

/** Reads what a client sent. Everything that is no request is handed on as it is, but batches, which are refused. */
export function receive(sent: unknown, catalog: Pick<Catalog, 'tools' | 'prompts'>): Received {
  if (Array.isArray(sent)) return { refusal: BATCH_REFUSAL };
  if (!isRequest(sent)) return { message: sent };
  const message = withArgumentsAsMeant(sent, catalog);
  const wrong = wrongIn(message);
  if (wrong === undefined) return { message };
  return { refusal: { jsonrpc: '2.0', id: message.id, error: { code: INVALID_PARAMS, message: `Invalid params of ${cut(message.method)}: ${wrong}.` } } };
}

/** The answer to what is no message of JSON-RPC; undefined for those, and for notifications and responses, which nobody answers. */
export function malformed(message: unknown): Refusal | undefined {
  const isUnasked = isObject(message) && (('method' in message && !('id' in message)) || 'result' in message || 'error' in message);
  if (isUnasked || specTypeSchemas.JSONRPCMessage['~standard'].validate(message).issues === undefined) return undefined;
  const id = isObject(message) && (typeof message['id'] === 'string' || typeof message['id'] === 'number') ? message['id'] : null;
  return { jsonrpc: '2.0', id, error: { code: INVALID_REQUEST, message: 'Invalid request: it is not a JSON-RPC 2.0 message of MCP.' } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRequest(message: unknown): message is Request {
  if (!isObject(message)) return false;
  const { jsonrpc, id, method } = message;
  return jsonrpc === '2.0' && (typeof id === 'string' || Number.isInteger(id)) && typeof method === 'string';
}

function withArgumentsAsMeant(message: Request, { tools, prompts }: Pick<Catalog, 'tools' | 'prompts'>): Request {
  const { method, params } = message;
  if (!isObject(params) || !isObject(params['arguments'])) return message;
  const named = ({ name }: { name: string }): boolean => name === params['name'];
  const schema = method === 'tools/call' ? tools.find(named)?.inputSchema : method === 'prompts/get' ? prompts.find(named)?.argsSchema : undefined;
  return schema === undefined ? message : { ...message, params: { ...params, arguments: asMeant(schema, params['arguments']) } };
}

/** What is wrong with a request's params, in words that follow one another; undefined when nothing is. */
function wrongIn({ method, params }: Request): string | undefined {
  const type = Object.hasOwn(REQUESTS, method) ? REQUESTS[method] : undefined;
  const { issues } = specTypeSchemas[type ?? 'Request']['~standard'].validate(params === undefined ? { method } : { method, params });
  const [issue] = issues ?? [];
  if (issue !== undefined) {
    const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? String(part.key) : String(part)));
    return `${cut(path.join('.'))} ${demand(issue.message)}`;
  }
  const uri = method === 'resources/read' && isObject(params) ? String(params['uri']) : undefined;
  return uri === undefined || URL.canParse(uri) ? undefined : 'params.uri must be a URI';
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
};

/** The demand behind an issue of a schema; what is not one of a type is told in general. */
function demand(issue: string): string {
  const expected = /^Invalid input: expected (?<kind>[a-z]+)/.exec(issue)?.groups?.['kind'] ?? '';
  const kind = Object.hasOwn(KINDS, expected) ? KINDS[expected] : undefined;
  return kind === undefined ? 'is not what the protocol allows there' : `must be ${kind}`;
}

function cut(text: string): string {
  return text.length > MOST_PATH ? `${text.slice(0, MOST_PATH)}…` : text;
}
