// What a JSON text says in JSON-RPC 2.0. The text is kept: what passes through is never written anew.

/** The id of a request. */
export type Id = string | number;

interface Said {
  /** One line of JSON, as it was sent. */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface RequestMessage extends Said {
  readonly kind: 'request';
  readonly id: Id;
  readonly method: string;
}

export interface NotificationMessage extends Said {
  readonly kind: 'notification';
  readonly method: string;
}

export interface ResponseMessage extends Said {
  readonly kind: 'response';
  /** Null where the sender could not read what it answers. */
  readonly id: Id | null;
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage;

/** The object in a value; empty where there is none. */
export function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The `params` of a message. */
export function paramsOf(message: Said): Readonly<Record<string, unknown>> {
  return objectIn(message.value['params']);
}

/** The progress token of a request. */
export function progressTokenOf(message: Said): Id | undefined {
  const token = objectIn(paramsOf(message)['_meta'])['progressToken'];
  return isId(token) ? token : undefined;
}

/** Whether a value can be an id. */
export function isId(value: unknown): value is Id {
  return typeof value === 'string' || typeof value === 'number';
}

/** What a parsed value says; undefined when it is no message. */
export function messageOf(value: unknown, text: string): Message | undefined {
  const object = objectIn(value);
  const { jsonrpc, id, method } = object;
  if (jsonrpc !== '2.0') return undefined;
  const said = { text: inOneLine(text), value: object };
  if (typeof method === 'string') {
    if (isId(id)) return { kind: 'request', id, method, ...said };
    return id === undefined ? { kind: 'notification', method, ...said } : undefined;
  }
  const isAnswer = 'result' in object || 'error' in object;
  return isAnswer && (isId(id) || id === null || (id === undefined && 'error' in object)) ? { kind: 'response', id: id ?? null, ...said } : undefined;
}

/** What a line of text says; undefined when it is no message. */
export function readMessage(text: string): Message | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return messageOf(JSON.parse(text), text);
  } catch {
    return undefined;
  }
}

/** Line ends stand between values only, where a space does the same. */
function inOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ').trim() : text;
}
