// Who is let in: a browser of the person who started the dashboard, and nobody else on this machine or on the web. Pure.
import { createHash, timingSafeEqual } from 'node:crypto';

/** What a request is judged by. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What the door was locked with; all of it is random for each start. */
export interface Keys {
  readonly port: number;
  /** In the URL that is printed; good for as long as the dashboard runs. */
  readonly token: string;
  /** In the cookie. */
  readonly session: string;
  /**
   * What the paths of the page begin with. Cookies know no ports: without a path that nobody else knows, a program on another port of this
   * machine would be sent the cookie with any request to it.
   */
  readonly base: string;
  /** What the page says in a header where it asks for something to be done: it stands in the page itself, and no other page can read it. */
  readonly deed: string;
}

/** `enter`: the token is right, and the browser gets its cookie. `pass`: it has the cookie; `path` is what is behind the base. */
export type Verdict =
  | { readonly kind: 'enter' }
  | { readonly kind: 'pass'; readonly path: string; readonly query: URLSearchParams }
  | { readonly kind: 'refuse'; readonly status: number; readonly sentence: string };

/** What may be asked for by POST: nothing else is done for anybody. */
export const DEEDS = ['tools/list', 'tools/call'] as const;
export const DEED_HEADER = 'x-dashboard-deed';
const LONGEST_URL = 4096;
export const COOKIE = 'mcp_operator_dashboard';

const NO_SESSION = 'This page is for whoever started the dashboard: open the URL that mcp-operator dashboard printed when it was started last.';
const FOREIGN = 'This address is for a browser on this machine alone, by the URL that mcp-operator dashboard printed.';

/** Judges a request by its head. */
export function judge({ method, url, headers }: Asked, keys: Keys): Verdict {
  const host = one(headers['host']);
  if (host === undefined || !hostsOf(keys.port).includes(host.toLowerCase())) return refuse(403, FOREIGN);
  if (!isOwnOrigin(headers, host)) return refuse(403, FOREIGN);
  const target = url.length <= LONGEST_URL && url.startsWith('/') ? URL.parse(`http://page${url}`) : null;
  if (target === null || target.host !== 'page') return refuse(400, 'This is no address of the dashboard.');
  if (target.pathname === '/') {
    const token = target.searchParams.get('token');
    if (token === null || method !== 'GET') return refuse(401, NO_SESSION);
    return isSame(token, keys.token) ? { kind: 'enter' } : refuse(403, NO_SESSION);
  }
  // A page of another place, or of an earlier start: which of the two is nobody's business.
  const isKnown = cookiesOf(headers).some((cookie) => isSame(cookie, keys.session));
  if (!isKnown || !target.pathname.startsWith(keys.base)) return refuse(401, NO_SESSION);
  if (!isOwnFetch(headers)) return refuse(403, FOREIGN);
  const path = target.pathname.slice(keys.base.length);
  const isDeed = DEEDS.some((deed) => deed === path);
  if (method !== (isDeed ? 'POST' : 'GET')) return refuse(405, 'Nothing can be done here by this method.');
  return (isDeed ? refusalOfDeed(headers, keys) : undefined) ?? { kind: 'pass', path, query: target.searchParams };
}

/** Why nothing is done; undefined where the page itself asks, which says so three times: by what browsers say of it, by its cookie, by its key. */
function refusalOfDeed(headers: Asked['headers'], { deed }: Keys): Verdict | undefined {
  if (headers['origin'] === undefined) return refuse(403, FOREIGN);
  if (one(headers['content-type']) !== 'application/json') return refuse(415, 'This is asked for in JSON.');
  if (!isSame(one(headers[DEED_HEADER]) ?? '', deed)) return refuse(403, FOREIGN);
  return undefined;
}

/** The cookie, for the browser alone, for requests of this page alone, and until the browser ends. */
export function setCookie({ session, base }: Keys): string {
  return `${COOKIE}=${session}; Path=${base}; HttpOnly; SameSite=Strict`;
}

/** A name that leads to this machine, but is none of these, is somebody else's: DNS can be made to lead anywhere. */
function hostsOf(port: number): string[] {
  return ['127.0.0.1', 'localhost'].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

function isOwnOrigin(headers: Asked['headers'], host: string): boolean {
  const origin = headers['origin'];
  return origin === undefined || one(origin)?.toLowerCase() === `http://${host.toLowerCase()}`;
}

/** Browsers say from where a request comes; one that a person typed comes from nowhere. */
function isOwnFetch(headers: Asked['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

function cookiesOf(headers: Asked['headers']): string[] {
  const pairs = (one(headers['cookie']) ?? '').split(';').map((pair) => pair.trim());
  return pairs.flatMap((pair) => (pair.startsWith(`${COOKIE}=`) ? [pair.slice(COOKIE.length + 1)] : []));
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** In a time that tells nothing of what is right. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(status: number, sentence: string): Verdict {
  return { kind: 'refuse', status, sentence };
}
