// What counts as a JSON-RPC response, by checks that look at a bounded part of it. Pure.
import { REQUEST_ID } from '../messages.ts';

/** A JSON-RPC response to a request of a handshake. */
export type Reply = { readonly result: JsonObject } | { readonly error: ReplyError };

export type JsonObject = Readonly<Record<string, unknown>>;

export interface ReplyError {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}

/** What a server says about itself. */
export interface Introduction {
  readonly versions: readonly string[];
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

/** So many revisions are looked at; more than a dozen exist nowhere. */
const MOST_VERSIONS = 64;

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** The response that `text` is; undefined when it is none, or the response to another request. */
export function parseReply(text: string): Reply | undefined {
  try {
    return asReply(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asReply(message: unknown): Reply | undefined {
  if (!isObject(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { id, result, error } = message;
  if (isObject(result)) return isOurs(id) ? { result } : undefined;
  if (!isObject(error) || typeof error['code'] !== 'number' || !(isOurs(id) || (id ?? null) === null)) return undefined;
  const { code, message: text, data } = error;
  return { error: { code, message: typeof text === 'string' ? text : '', data } };
}

/** Clients look the request up by the number in the id, which may have become a string on the way. */
export function isOurs(id: unknown): boolean {
  return (typeof id === 'number' || typeof id === 'string') && Number(id) === REQUEST_ID;
}

/** The result of `server/discover`, undefined when it is none. */
export function readDiscover({ supportedVersions, serverInfo, _meta: meta }: JsonObject): Introduction | undefined {
  const versions = stringsOf(supportedVersions);
  if (versions.length === 0) return undefined;
  return { versions, ...named(serverInfo ?? (isObject(meta) ? meta[SERVER_INFO] : undefined)) };
}

/** The result of `initialize`, undefined when it is none. */
export function readInitialize({ protocolVersion, serverInfo }: JsonObject): Introduction | undefined {
  if (typeof protocolVersion !== 'string') return undefined;
  return { versions: [protocolVersion], ...named(serverInfo) };
}

/** Whether a server announces tools in either. */
export function announcesTools(reply: Reply | undefined): boolean {
  if (reply === undefined || !('result' in reply)) return false;
  const { capabilities } = reply.result;
  return isObject(capabilities) && isObject(capabilities['tools']);
}

/** Revisions that a refusal of the one asked for offers instead. */
export function supportedIn({ data }: ReplyError): string[] {
  return isObject(data) ? stringsOf(data['supported']) : [];
}

/** The strings of a list; nothing when something else is in it. */
function stringsOf(list: unknown): string[] {
  const looked = Array.isArray(list) ? (list as unknown[]).slice(0, MOST_VERSIONS) : [];
  return looked.every((each) => typeof each === 'string') ? looked : [];
}

function named(info: unknown): Pick<Introduction, 'name' | 'version'> {
  if (!isObject(info)) return {};
  const { name, version } = info;
  return { ...(typeof name === 'string' && { name }), ...(typeof version === 'string' && { version }) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
