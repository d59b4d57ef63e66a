// What the page asks for, read from its request: as far as it is what it should be. Pure.
import { isTakenHeader } from '../../../../charts/api/verification-rules.ts';
import { isHeaderValue } from '../../../verification/secured-exchange.ts';
import { isObject, type JsonObject } from '../../../verification/reading/shape.ts';
import { UserError } from '../../user-error.ts';
import { isName } from '../row.ts';
import type { Asking, Calling } from '../told.ts';

const HEADER_NAME = /^[-A-Za-z0-9_]{1,128}$/;
const LONGEST_HEADER_VALUE = 8192;
/** Of a tool. */
export const LONGEST_NAME = 256;

/** Throws UserError. */
export function askingOf(body: string): Asking {
  const { namespace, name, header } = parsed(body);
  if (!isName(namespace) || !isName(name)) throw new UserError('There is no such MCPServer.');
  return { namespace, name, header: headerOf(header) };
}

/** Throws UserError. */
export function callingOf(body: string): Calling {
  const { tool, arguments: given } = parsed(body);
  if (typeof tool !== 'string' || tool === '' || tool.length > LONGEST_NAME) throw new UserError('There is no such tool.');
  if (!isObject(given)) throw new UserError('The arguments are no JSON object.');
  return { ...askingOf(body), tool, arguments: given };
}

function parsed(body: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) throw new UserError('This is no JSON object.');
  return value;
}

/** No sentence repeats the value. */
function headerOf(header: unknown): Asking['header'] {
  if (header === null || header === undefined) return null;
  const { name, value } = isObject(header) ? header : {};
  if (typeof name !== 'string' || !HEADER_NAME.test(name)) throw new UserError('The name of the header may have letters, digits, - and _ alone.');
  if (isTakenHeader(name)) throw new UserError('This header cannot be set, for it would be taken for something else than a credential, such as Host or Mcp-Session-Id.');
  if (typeof value !== 'string' || value.length > LONGEST_HEADER_VALUE || !isHeaderValue(value)) {
    throw new UserError('The value of the header must be one line of printable ASCII, such as "Bearer TOKEN".');
  }
  return { name: name.toLowerCase(), value };
}
