// What counts as a JSON-RPC response, as the official clients see it: a message with a member too many is none. Pure.
import { REQUEST_ID } from '../messages.ts';
import { stringsOf } from './introduction.ts';
import { isObject, type JsonObject } from './shape.ts';

/** A JSON-RPC response to a request of a handshake. */
export type Reply = { readonly result: JsonObject } | { readonly error: ReplyError };

export interface ReplyError {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
  /** It names no request, so clients do not take it for the answer to theirs. */
  readonly isStray?: true;
  /** Clients take the message for none of JSON-RPC, such as for want of a text. */
  readonly isNoMessage?: true;
}

/** The response that an event is; undefined when it is none, or the response to another request. */
export function parseReply(text: string): Reply | undefined {
  return asReply(parsed(text));
}

/** The response that a body is, or that is one of several in it; of those clients take none when one of them is no message. */
export function parseBody(text: string): Reply | undefined {
  const body = parsed(text.replace(/^\u{feff}/u, ''));
  if (!Array.isArray(body)) return asReply(body);
  return body.every(isMessage) ? body.map(asReply).find((reply) => reply !== undefined) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asReply(message: unknown): Reply | undefined {
  if (!isObject(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { id, result, error } = message;
  if (isObject(result)) return isOurs(id) && isMessage(message) ? { result } : undefined;
  if (!isObject(error) || typeof error['code'] !== 'number') return undefined;
  const isStray = (id ?? null) === null;
  if (!isStray && !isOurs(id)) return undefined;
  const { code, message: text, data } = error;
  const said = typeof text === 'string' ? text : '';
  return { error: { code, message: said, data, ...(isStray && { isStray }), ...(!isMessage(message) && { isNoMessage: true }) } };
}

/** Clients look the request up by the number in the id, which may have become a string on the way. */
export function isOurs(id: unknown): boolean {
  return isId(id) && Number(id) === REQUEST_ID;
}

function isId(id: unknown): boolean {
  return Number.isInteger(id) || typeof id === 'string';
}

/** Whether clients take a value for a message of JSON-RPC: a request, a notification or a response, without any other member. */
function isMessage(value: unknown): boolean {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return false;
  const { jsonrpc: _, id, method, params, result, error, ...others } = value;
  if (Object.keys(others).length > 0) return false;
  const has = (name: string): boolean => Object.hasOwn(value, name);
  const isIdRight = !has('id') || isId(id);
  if (has('method')) return typeof method === 'string' && isIdRight && (params === undefined || isObject(params)) && !has('result') && !has('error');
  if (has('params')) return false;
  if (has('result')) return isId(id) && isObject(result) && !has('error') && isMetaRight(result);
  return isIdRight && isObject(error) && Number.isInteger(error['code']) && typeof error['message'] === 'string';
}

const RELATED_TASK = 'io.modelcontextprotocol/related-task';

function isMetaRight({ _meta: meta }: JsonObject): boolean {
  if (meta === undefined) return true;
  const { progressToken, [RELATED_TASK]: task } = isObject(meta) ? meta : {};
  const isTokenRight = progressToken === undefined || isId(progressToken);
  return isObject(meta) && isTokenRight && (task === undefined || (isObject(task) && typeof task['taskId'] === 'string'));
}

/** Whether a server announces tools in its answer to either question. */
export function announcesTools(reply: Reply | undefined): boolean {
  if (reply === undefined || !('result' in reply)) return false;
  const { capabilities } = reply.result;
  return isObject(capabilities) && isObject(capabilities['tools']);
}

/** Revisions that a refusal of the one asked for offers instead. */
export function supportedIn({ data }: ReplyError): string[] {
  return isObject(data) ? stringsOf(data['supported']) : [];
}
