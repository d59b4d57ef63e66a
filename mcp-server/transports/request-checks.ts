// Which requests the HTTP server accepts: Host and Origin headers (together the defence against DNS rebinding and foreign
// web pages), and how deep a body may be nested and how much it may hold.
import { isIP } from 'node:net';
import { HOST_NAME } from '../host-name.ts';

/**
 * `<name>.<namespace>.svc`, with or without the default cluster domain. Nobody can register such a name: "svc" and "local" are
 * no public domains. In any other domain somebody can, as evil.com its x.y.svc.evil.com; and name.dev may be a Service
 * of a namespace as well as anybody's domain.
 */
const SERVICE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.svc(\.cluster\.local)?$/;

/** The name in a Host header, lower-case, without port, brackets and trailing dot; undefined when it is malformed. */
export function hostNameOf(header: string): string | undefined {
  const match = /^(?:\[(?<ipv6>[0-9a-f:.]+)\]|(?<name>[^:[\]]+))(?::\d{1,5})?$/i.exec(header);
  const { ipv6, name } = match?.groups ?? {};
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? ipv6.toLowerCase() : undefined;
  const plain = name?.toLowerCase().replace(/\.$/, '');
  return plain !== undefined && HOST_NAME.test(plain) ? plain : undefined;
}

/**
 * Whether a request for this Host is meant for this server: an IP address, a single label (localhost, a Service's
 * name), a Service's name in the cluster (`<name>.<namespace>.svc`, `<name>.<namespace>.svc.cluster.local`), or one of `allowed`.
 */
export function hostAllowed(header: string | undefined, allowed: readonly string[]): boolean {
  const name = hostNameOf(header ?? '');
  if (name === undefined) return false;
  return isIP(name) !== 0 || !name.includes('.') || SERVICE.test(name) || allowed.includes(name);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * Whether a web page of this origin may call the server: absent (not a browser), one of `allowed`, or a page that this
 * server's own loopback address served (a rebound name is never a loopback name, so it cannot pass as one).
 */
export function originAllowed(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return host !== undefined && origin === `http://${host}` && LOOPBACK.has(hostNameOf(host) ?? '');
}

/** Whether objects and arrays lie deeper in each other than `limit`; itself not recursive. */
export function nestedDeeper(value: unknown, limit: number): boolean {
  let level = [value];
  for (let depth = 0; depth <= limit; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** Whether a value holds more values than `limit`, itself included; looks at no more than that many. */
export function holdsMore(value: unknown, limit: number): boolean {
  const found = [value];
  for (let index = 0; index < found.length && found.length <= limit; index += 1) {
    const each = found[index];
    if (typeof each === 'object' && each !== null) found.push(...Object.values(each).slice(0, limit + 1));
  }
  return found.length > limit;
}
