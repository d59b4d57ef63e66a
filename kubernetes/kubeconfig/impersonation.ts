// The headers by which a request is made in the name of somebody else. Pure.
import type { User } from './entries.ts';

/** Characters of a header name (RFC 9110 §5.6.2); the percent sign is one, but begins an escape here. */
const PLAIN = /[a-z0-9!#$&'*+.^_`|~-]/;

/**
 * `Impersonate-User`, `-Uid`, `-Group` and `-Extra-KEY` of a user, as https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 * says; nothing without `as`. The API server reads keys of extra in small letters, whatever was sent.
 */
export function impersonationHeaders(user: User): Record<string, string | string[]> {
  if (user.as === undefined) return {};
  const { 'as-uid': uid, 'as-groups': groups = [], 'as-user-extra': extra = {} } = user;
  const headers: Record<string, string | string[]> = { 'impersonate-user': headerValue(user.as) };
  if (uid !== undefined) headers['impersonate-uid'] = headerValue(uid);
  if (groups.length > 0) headers['impersonate-group'] = groups.map(headerValue);
  for (const [key, values] of Object.entries(extra)) {
    const name = `impersonate-extra-${escapedKey(key)}`;
    headers[name] = [headers[name] ?? [], values.map(headerValue)].flat();
  }
  return headers;
}

/** Header values are bytes to Node, one per character; the API server reads UTF-8. */
function headerValue(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

function escapedKey(key: string): string {
  const bytes = [...Buffer.from(key.toLowerCase(), 'utf8')];
  return bytes.map((byte) => (PLAIN.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : escaped(byte))).join('');
}

function escaped(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}
