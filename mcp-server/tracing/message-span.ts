// What the span of an MCP message says: name and attributes, by OpenTelemetry's conventions for MCP. Whatever a client sends, names are of
// closed sets, and no argument and no result is told. https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
import type { Catalog } from '../catalog.ts';
import type { Attributes, SpanEnd, SpanStart } from './port.ts';

/** Methods that clients send, of all revisions of the protocol; others are `_OTHER`. */
const METHODS: ReadonlySet<string> = new Set([
  'initialize', 'ping', 'server/discover', 'tools/list', 'tools/call', 'resources/list', 'resources/templates/list', 'resources/read',
  'resources/subscribe', 'resources/unsubscribe', 'prompts/list', 'prompts/get', 'completion/complete', 'logging/setLevel', 'subscriptions/listen',
  'notifications/initialized', 'notifications/cancelled', 'notifications/progress', 'notifications/roots/list_changed',
]);
/** Where a message of the 2026-07-28 protocol tells its version. */
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
/** Ids of requests are the client's own, and may be of any length. */
const LONGEST_ID = 128;

/** What a client waits for no more. The convention has no word for it. */
export const CANCELLED: SpanEnd = { attributes: { 'error.type': 'cancelled' } };
/** What ended without an answer, by a defect. */
export const BROKEN: SpanEnd = { attributes: { 'error.type': '_OTHER' } };
/** Of notifications, which have no answer. */
export const DONE: SpanEnd = { attributes: {} };

/** What the names of tools, prompts and resources are taken from. */
export type Offered = Pick<Catalog, 'tools' | 'prompts' | 'resources'>;

/** How a message came. */
export interface Arrival {
  /** Version of HTTP; absent over stdio. */
  readonly http?: string;
  /** What the connection has agreed on, or a header says. */
  readonly protocolVersion?: string | undefined;
  /** All versions that there are. */
  readonly versions: readonly string[];
}

/** A message that asks or tells something, rather than answering. */
export interface Asking {
  readonly method: string;
  readonly id?: string | number;
  readonly params: Readonly<Record<string, unknown>>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what is no request and no notification. */
export function asking(message: unknown): Asking | undefined {
  if (!isObject(message) || typeof message['method'] !== 'string') return undefined;
  const { method, id, params } = message;
  return { method, ...(typeof id === 'string' || typeof id === 'number' ? { id } : {}), params: isObject(params) ? params : {} };
}

/** The span of a message as it begins. */
export function startOf({ method: sent, id, params }: Asking, offered: Offered, arrival: Arrival): SpanStart {
  const method = METHODS.has(sent) ? sent : '_OTHER';
  const subject = subjectOf(method, params, offered);
  const target = subject['gen_ai.tool.name'] ?? subject['gen_ai.prompt.name'];
  const version = versionOf(params, arrival);
  return {
    name: target === undefined ? method : `${method} ${target}`,
    attributes: {
      'mcp.method.name': method,
      ...(id === undefined ? {} : { 'jsonrpc.request.id': String(id).slice(0, LONGEST_ID) }),
      ...(version === undefined ? {} : { 'mcp.protocol.version': version }),
      ...subject,
      ...(arrival.http === undefined
        ? { 'network.transport': 'pipe' }
        : { 'network.transport': 'tcp', 'network.protocol.name': 'http', 'network.protocol.version': arrival.http }),
    },
  };
}

function subjectOf(method: string, { name, uri }: Asking['params'], { tools, prompts, resources }: Offered): Attributes {
  if (method === 'tools/call') {
    const tool = tools.find((each) => each.name === name);
    return { 'gen_ai.operation.name': 'execute_tool', ...(tool === undefined ? {} : { 'gen_ai.tool.name': tool.name }) };
  }
  if (method === 'prompts/get') {
    const prompt = prompts.find((each) => each.name === name);
    return prompt === undefined ? {} : { 'gen_ai.prompt.name': prompt.name };
  }
  if (method !== 'resources/read' || typeof uri !== 'string') return {};
  // The template, as in the metrics: what stands in its place is an argument.
  const resource = resources.find((each) => fits(uri, each.uri));
  return resource === undefined ? {} : { 'mcp.resource.uri': resource.uri };
}

function fits(uri: string, template: string): boolean {
  const parts = uri.split('/');
  const wanted = template.split('/');
  const isFilled = (part: string, index: number): boolean => (part.startsWith('{') ? parts[index] !== '' : parts[index] === part);
  return parts.length === wanted.length && wanted.every(isFilled);
}

/** The version that a message names itself, else that of its connection; only one that there is. */
function versionOf({ _meta: meta }: Asking['params'], { protocolVersion, versions }: Arrival): string | undefined {
  const own = isObject(meta) ? meta[VERSION_KEY] : undefined;
  return [own, protocolVersion].find((each): each is string => typeof each === 'string' && versions.includes(each));
}

/** What `initialize` agreed on. */
export function agreedVersion(answer: unknown): string | undefined {
  const result = isObject(answer) && isObject(answer['result']) ? answer['result'] : {};
  return typeof result['protocolVersion'] === 'string' ? result['protocolVersion'] : undefined;
}

/**
 * How a message was answered: by the JSON-RPC answer, or where there is none by the status of HTTP. Messages of errors are left out, for
 * they quote arguments and what the API server says: the log has them, under the same `trace_id`.
 */
export function endOf(answer: unknown, status = 200): SpanEnd {
  const { error, result } = isObject(answer) ? answer : {};
  if (isObject(error) && typeof error['code'] === 'number') {
    const code = String(error['code']);
    return { attributes: { 'error.type': code, 'rpc.response.status_code': code } };
  }
  if (isObject(result)) return result['isError'] === true ? { attributes: { 'error.type': 'tool_error' } } : DONE;
  return status < 400 ? DONE : { attributes: { 'error.type': String(status) } };
}
