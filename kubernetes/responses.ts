// Turns an HTTP answer of the API server into a value or into a typed error with a readable message.
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';
import type { ApiErrorCause, ApiErrorKind } from './errors.ts';
import { plain } from './text.ts';

/** A complete answer; `truncated` when the body was cut at the caller's `maxBytes`. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly truncated: boolean;
}

/**
 * Tells when enough of an answer is there, though more may come: asked for the head first, then with each piece of the
 * body once, in order, until it says so. `true` for the head: the body does not matter.
 */
export type Enough = (head: Pick<RawResponse, 'status' | 'headers'>) => true | ((chunk: Buffer) => boolean);

/** A Status as it comes: whoever stands between may have written it, so no member is sure to be what it should be. */
interface StatusBody {
  readonly code?: number;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly details?: { readonly causes?: unknown; readonly retryAfterSeconds?: number };
}

const MESSAGE_LIMIT = 500;
/** Nobody waits longer than this because a server, or whatever answers in its place, says so. */
const MAX_RETRY_AFTER_SECONDS = 300;
const CAUSE_LIMIT = 200;
/** A status names so many causes at most; more are not read. */
const MAX_CAUSES = 100;
/** So much of an error page is read. */
const PAGE_LIMIT = 16_384;
/** The API server reports these mistakes of the caller as 500. */
const REJECTED = /^(?:failed to create typed patch object|failed to convert new object|etcdserver: request is too large)/;

/** What admission puts before the words of a webhook or policy. */
const DENIAL = /denied (?:the )?request/;

const KINDS: Readonly<Record<number, ApiErrorKind>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'Timeout',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  504: 'Timeout',
};

/** The JSON body of a successful answer. Throws ApiError for any other status and for a body that is not JSON. */
export function parseAnswer(subject: string, response: RawResponse): unknown {
  if (response.status < 200 || response.status > 299) throw responseError(subject, response);
  try {
    return JSON.parse(response.body.toString('utf8'));
  } catch (error) {
    const message = `${subject}: ${response.status} with a body that is not JSON: ${plainText(response.body.toString('utf8'))}`;
    throw new ApiError('Server', message, { status: response.status, cause: error });
  }
}

/** The error that an unsuccessful answer means. `subject` names the request, such as `PATCH deployments demo/x`. */
export function responseError(subject: string, response: RawResponse): ApiError {
  const text = response.body.toString('utf8');
  const status = readStatus(text) ?? { message: plainText(text) };
  const retryAfter = retryAfterOf(response.headers);
  return statusError(subject, {
    ...status,
    code: response.status,
    details: { ...status.details, ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }) },
  });
}

/** Milliseconds between two tries where the API server names no time, as client-go takes them, and at least. */
const PAUSES_MS = { unnamed: 1000, least: 100 };

/**
 * For how long an API server that has too much to do asks a request to wait, in milliseconds; undefined for any other answer. Its flow
 * control answers 429 in plain text, before anything is begun; a Status with 429 is about an object or from a webhook.
 */
export function overloadPauseMs({ status, headers, body }: RawResponse): number | undefined {
  if (status !== 429 || readStatus(body.toString('utf8')) !== undefined) return undefined;
  const seconds = bounded(retryAfterOf(headers));
  return seconds === undefined ? PAUSES_MS.unnamed : Math.max(seconds * 1000, PAUSES_MS.least);
}

/** The error that a Status object means; also used for ERROR events of a watch. */
export function statusError(subject: string, status: StatusBody): ApiError {
  const code = status.code ?? 500;
  const kind = kindOf(code, status);
  const { causes: listed } = status.details ?? {};
  const causes = Array.isArray(listed) ? listed.slice(0, MAX_CAUSES).map((cause) => toCause(cause as Partial<ApiErrorCause> | null)) : [];
  const text = plain(describe(status, causes), MESSAGE_LIMIT);
  return new ApiError(kind, `${subject}: ${code} ${kind}${text === '' ? '' : `: ${text}`}`, {
    status: code,
    reason: wordOf(status.reason),
    causes,
    retryAfterSeconds: bounded(status.details?.retryAfterSeconds),
  });
}

/** Seconds of a Retry-After header (RFC 9110 §10.2.3). A date counts from that of the answer: nobody else's clock is known to agree. */
function retryAfterOf({ 'retry-after': text = '', date = '' }: IncomingHttpHeaders): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  return text.endsWith(' GMT') ? bounded((Date.parse(text) - Date.parse(date)) / 1000) : undefined;
}

/** Seconds to wait, at most five minutes; undefined for what is no time to come. */
function bounded(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds >= 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) : undefined;
}

function kindOf(code: number, status: StatusBody): ApiErrorKind {
  if (code === 409 && status.reason === 'AlreadyExists') return 'AlreadyExists';
  if (code === 500 && REJECTED.test(textOf(status.message))) return 'Rejected';
  return KINDS[code] ?? (code >= 400 && code < 500 ? 'BadRequest' : 'Server');
}

function toCause(cause: Partial<ApiErrorCause> | null): ApiErrorCause {
  const [field, reason] = [wordOf(cause?.field), wordOf(cause?.reason)];
  return { message: bothEnds(textOf(cause?.message)), ...(field !== undefined && { field }), ...(reason !== undefined && { reason }) };
}

function describe(status: StatusBody, causes: readonly ApiErrorCause[]): string {
  const named = causes.filter((cause) => cause.field !== undefined && cause.field !== '');
  // Who refused stands in the message alone.
  if (named.length === 0 || DENIAL.test(textOf(status.message))) return textOf(status.message);
  return named.map((cause) => `${cause.field}: ${readable(cause.message)}`).join('; ');
}

/** An immutable field is quoted with its whole value, which can be a screen full of pod template. */
function readable(message: string): string {
  return message.endsWith(': field is immutable') ? 'field is immutable' : plain(message, CAUSE_LIMIT);
}

/** What is wrong with a value stands behind it, however long it is. */
function bothEnds(message: string): string {
  const line = plain(message, 2000);
  return line.endsWith('…') ? `${line} ${plain(message, CAUSE_LIMIT, { keep: 'end' })}` : line;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? plain(value, CAUSE_LIMIT) : undefined;
}

function readStatus(text: string): StatusBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const status = value as StatusBody;
    return typeof status.message === 'string' || typeof status.reason === 'string' ? status : undefined;
  } catch {
    return undefined;
  }
}

/** What a proxy's error page says, without its markup. */
function plainText(text: string): string {
  // Each alternative takes what it has looked at, so that a page of nothing but beginnings costs no more than another.
  const visible = text.slice(0, PAGE_LIMIT).replaceAll(/<(style|script)\b.*?(?:<\/\1>|$)/gis, ' ').replaceAll(/<[a-z/!?][^<>]*(?:>|$)/gi, ' ');
  return plain(visible, CAUSE_LIMIT);
}
