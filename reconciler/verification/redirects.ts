// Which redirects clients follow: those that keep the method, within the origin they asked (`followWithinOrigin` of the official
// TypeScript SDK). Pure.
import type { IncomingHttpHeaders } from 'node:http';
import { askedPath } from '../../charts/api/path-rules.ts';

/** Longer chains are given up, as by clients. */
export const MOST_REDIRECTS = 5;

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** A request as far as a redirect goes. */
export interface Redirected {
  readonly method: string;
  readonly path: string;
  /** Host header: the name in the URL that clients ask. */
  readonly host: string;
  readonly isTls: boolean;
}

/** Whether an answer sends its client elsewhere. */
export function isRedirect({ status }: { readonly status: number }): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** The path to ask instead, with its query; undefined when the answer is no redirect, or one that clients do not follow. */
export function redirectedTo(answer: Answered, { method, path, host, isTls }: Redirected): string | undefined {
  const keepsMethod = [307, 308].includes(answer.status) || (method === 'GET' && [301, 302, 303].includes(answer.status));
  const { location } = answer.headers;
  const from = `${isTls ? 'https' : 'http'}://${host}${path}`;
  if (!keepsMethod || location === undefined || !URL.canParse(location, from)) return undefined;
  const [asked, target] = [new URL(from), new URL(location, from)];
  if (target.origin !== asked.origin || target.username !== '' || target.password !== '') return undefined;
  return askedPath(target.pathname) === target.pathname ? `${target.pathname}${target.search}` : undefined;
}
