// Whether a request is of the stateless era, and whether what its headers say agrees with it. Pure.
import type { IncomingHttpHeaders } from 'node:http';
import { INVALID_PARAMS, INVALID_REQUEST } from '../json-rpc.ts';
import type { ErrorReply } from './answer-stream.ts';
import { objectIn, paramsOf, type Id, type Message, type RequestMessage } from './messages.ts';
import { HEADER_MISMATCH, META, STATELESS_VERSION, UNSUPPORTED_VERSION } from './protocol.ts';

export type Claim =
  | { readonly kind: 'sessions' }
  | { readonly kind: 'stateless' }
  | { readonly kind: 'refused'; readonly error: ErrorReply };

/** Where the header Mcp-Name is from. */
const NAMED: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

/** Which era the messages of one HTTP request belong to. The body says it; headers must not say otherwise. */
export function claimOf(messages: readonly Message[], headers: IncomingHttpHeaders): Claim {
  const version = one(headers['mcp-protocol-version']);
  const isHeaderStateless = version !== undefined && isStateless(version);
  const [message] = messages;
  if (messages.length !== 1 || message === undefined || message.kind === 'response') {
    const hasClaim = messages.some((each) => META.protocolVersion in metaOf(each));
    return hasClaim ? refused(null, INVALID_REQUEST, 'A stateless request must be sent alone.') : { kind: 'sessions' };
  }
  const meta = metaOf(message);
  const claimed = meta[META.protocolVersion];
  if (message.kind === 'notification') return typeof claimed === 'string' || isHeaderStateless ? { kind: 'stateless' } : { kind: 'sessions' };
  if (!(META.protocolVersion in meta)) {
    if (!isHeaderStateless) return { kind: 'sessions' };
    if (message.method === 'initialize') return mismatch(message.id, `initialize begins a session, and MCP-Protocol-Version names ${version}`);
    return refused(message.id, INVALID_PARAMS, `MCP-Protocol-Version names ${version}, and params._meta lacks ${META.protocolVersion}.`);
  }
  const wrong = wrongEnvelope(message, meta) ?? wrongHeaders(message, headers);
  if (wrong !== undefined) return wrong;
  if (claimed !== STATELESS_VERSION) {
    const data = { supported: [STATELESS_VERSION], requested: claimed };
    return { kind: 'refused', error: { status: 400, id: message.id, code: UNSUPPORTED_VERSION, message: `Unsupported protocol version: ${String(claimed)}.`, data } };
  }
  return { kind: 'stateless' };
}

/** Revisions are dates. */
function isStateless(version: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= STATELESS_VERSION;
}

function metaOf(message: Message): Readonly<Record<string, unknown>> {
  return objectIn(paramsOf(message)['_meta']);
}

function wrongEnvelope({ id }: RequestMessage, meta: Readonly<Record<string, unknown>>): Claim | undefined {
  const { [META.protocolVersion]: version, [META.clientCapabilities]: capabilities } = meta;
  if (typeof version !== 'string') return refused(id, INVALID_PARAMS, `Invalid params: ${META.protocolVersion} must be a string.`);
  const isObject = typeof capabilities === 'object' && capabilities !== null && !Array.isArray(capabilities);
  return isObject ? undefined : refused(id, INVALID_PARAMS, `Invalid params: ${META.clientCapabilities} must be an object.`);
}

function wrongHeaders(message: RequestMessage, headers: IncomingHttpHeaders): Claim | undefined {
  const { id, method } = message;
  const claimed = metaOf(message)[META.protocolVersion];
  const version = one(headers['mcp-protocol-version']);
  if (version !== claimed) return mismatch(id, `MCP-Protocol-Version is ${version ?? 'missing'}, and the body names ${String(claimed)}`);
  const named = one(headers['mcp-method']);
  if (named !== method) return mismatch(id, `Mcp-Method is ${named ?? 'missing'}, and the body names ${method}`);
  const source = NAMED[method];
  const name = source === undefined ? undefined : paramsOf(message)[source];
  if (typeof name !== 'string') return undefined;
  const header = one(headers['mcp-name']);
  return decoded(header) === name ? undefined : mismatch(id, `Mcp-Name is ${header ?? 'missing'}, and the body names ${name}`);
}

/** What a header cannot hold as it is comes as `=?base64?…?=`. */
function decoded(header: string | undefined): string | undefined {
  const [, encoded] = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/i.exec(header ?? '') ?? [];
  return encoded === undefined ? header : Buffer.from(encoded, 'base64').toString('utf8');
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.trim() : undefined;
}

function mismatch(id: Id, what: string): Claim {
  return refused(id, HEADER_MISMATCH, `Header mismatch: ${what}.`);
}

function refused(id: Id | null, code: number, message: string): Claim {
  return { kind: 'refused', error: { status: 400, id, code, message } };
}
