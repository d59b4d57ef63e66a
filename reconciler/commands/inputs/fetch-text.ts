// Fetches a text by a URL that a user named: over https, or plainly from this machine alone, and within bounds of bytes, time and redirects.
import type { IncomingMessage } from 'node:http';
import { readBody } from '../../../kubernetes/transport.ts';
import { httpGet, mayBeAsked, toldOf } from '../http-get.ts';
import type { Surroundings } from '../surroundings.ts';
import { UserError } from '../user-error.ts';

/** Bounds of one fetch. */
export interface FetchBounds {
  /** For all of it, redirects included. Default 10 s. */
  readonly timeoutMs?: number;
}

const MOST_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;
const MOST_REDIRECTS = 3;
const HEADERS = { accept: 'application/yaml, text/plain, */*;q=0.5', 'accept-encoding': 'identity' };

/** Whether `-f` names something to fetch. */
export function isUrl(name: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(name);
}

/** How messages call a URL: what stands before its host and behind its path may be a secret. */
export function nameOf(address: string): string {
  const url = URL.parse(address);
  return url === null ? 'what is given as URL' : `${url.protocol}//${url.host}${url.pathname}`;
}

/** The text at a URL. No credentials are sent, and redirects followed on its own host alone. Throws UserError. */
export async function fetchText(address: string, { env }: Pick<Surroundings, 'env'>, bounds: FetchBounds = {}): Promise<string> {
  const { timeoutMs = TIMEOUT_MS } = bounds;
  const refuse = (why: string, cause?: unknown): UserError => new UserError(`cannot fetch ${nameOf(address)}: ${why}`, { cause });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await follow(allowed(URL.parse(address)), { env, signal });
  } catch (error) {
    if (error instanceof Refusal) throw refuse(error.message);
    if (signal.aborted) throw refuse(`it did not come within ${timeoutMs / 1000} s; download it, and give the file`, error);
    const told = toldOf(error);
    throw told === undefined ? error : refuse(told, error);
  }
}

/** What is wrong with a URL or an answer, in words. */
class Refusal extends Error {}

async function follow(from: URL, way: Pick<Surroundings, 'env'> & { readonly signal: AbortSignal }): Promise<string> {
  let url = from;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await httpGet(url, { ...way, headers: HEADERS });
    const { statusCode = 0, headers: { location } } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return textOf(response, way.signal);
    response.destroy();
    url = allowed(URL.parse(location, url.href), url);
  }
  throw new Refusal(`it is redirected more than ${MOST_REDIRECTS} times; give the URL where it leads in the end`);
}

function allowed(url: URL | null, from?: URL): URL {
  if (url === null) throw new Refusal(from === undefined ? 'it is none' : 'it is redirected to what is no URL');
  if (url.username !== '' || url.password !== '') throw new Refusal('credentials in a URL are not sent; download it, and give the file');
  const isWeaker = from?.protocol === 'https:' && url.protocol !== 'https:';
  if (!mayBeAsked(url) || isWeaker) {
    throw new Refusal(from === undefined ? 'only https is fetched, and http from this machine alone' : `it is redirected to ${url.protocol}//${url.host}, which is not fetched`);
  }
  if (from !== undefined && url.hostname !== from.hostname) throw new Refusal(`it is redirected to another host, ${url.hostname}; give the URL there, if you trust it`);
  return url;
}

async function textOf(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const refusal = refusalOf(response);
  if (refusal !== undefined) {
    response.destroy();
    throw refusal;
  }
  const { body, truncated } = await readBody(response, { maxBytes: MOST_BYTES, signal });
  if (truncated) throw new Refusal(`it is longer than ${MOST_BYTES / (1024 * 1024)} MiB`);
  return body.toString();
}

function refusalOf({ statusCode, headers }: IncomingMessage): Refusal | undefined {
  const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = headers;
  if (statusCode !== 200) return new Refusal(`it was answered with HTTP ${statusCode}; check the URL`);
  if (encoding !== 'identity') return new Refusal('it was sent compressed, which nobody asked for; download it, and give the file');
  return type.startsWith('text/html') ? new Refusal('it is a web page; give the URL of the file itself, which may be called "raw"') : undefined;
}
