// Refuses requests whose params have the wrong shape in one sentence: the SDKs would answer with the dump of a schema.
import * as z from 'zod';
import { INVALID_PARAMS, INVALID_REQUEST } from '../errors.ts';

const text = z.string('must be a string');
const OBJECT = 'must be an object';

const PARAMS: Readonly<Record<string, z.ZodType>> = {
  'tools/call': z.looseObject({ name: text, arguments: z.record(z.string(), z.unknown(), OBJECT).optional() }, OBJECT),
  'resources/read': z.looseObject({ uri: text }, OBJECT),
  'prompts/get': z.looseObject({ name: text, arguments: z.record(z.string(), text, OBJECT).optional() }, OBJECT),
};

const request = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]),
  method: z.string(),
  params: z.unknown().optional(),
});

/** A JSON-RPC error answer. */
export interface Refusal {
  readonly jsonrpc: '2.0';
  /** Null where no one request is refused. */
  readonly id: string | number | null;
  readonly error: { readonly code: number; readonly message: string };
}

/** The answer to a batch, whatever is in it. */
export const BATCH_REFUSAL: Refusal = {
  jsonrpc: '2.0',
  id: null,
  error: { code: INVALID_REQUEST, message: 'JSON-RPC batches are not taken: revision 2025-06-18 dropped them from the protocol. Send each message on its own.' },
};

/** The answer to a request whose params cannot be right; undefined for every other message. */
export function refusalOf(message: unknown): Refusal | undefined {
  const parsed = request.safeParse(message);
  if (!parsed.success) return undefined;
  const { id, method, params } = parsed.data;
  const issue = Object.hasOwn(PARAMS, method) ? PARAMS[method]?.safeParse(params).error?.issues[0] : undefined;
  if (issue === undefined) return undefined;
  const where = ['params', ...issue.path].join('.');
  return { jsonrpc: '2.0', id, error: { code: INVALID_PARAMS, message: `Invalid params of ${method}: ${where} ${issue.message}.` } };
}
