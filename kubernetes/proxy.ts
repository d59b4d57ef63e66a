// Which HTTP proxy the environment names for a URL, by the variables and the rules of kubectl and other Go programs. Pure.
import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy variable that cannot be followed; the message never has its value, in which a password may stand. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/**
 * The URL of the proxy by HTTPS_PROXY for https, HTTP_PROXY for http, less what NO_PROXY names; of each variable the name in small
 * letters counts, too. Undefined where there is none; never one for localhost and loopback addresses. Throws ProxyError.
 */
export function proxyOf(url: URL, env: Environment): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()] || '';
  if (value === '' || isExempt(url, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined;
  const proxy = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol)) throw new ProxyError(`${name} is not the URL of an http:// or https:// proxy; correct it, or name in NO_PROXY what needs none`);
  mustSupportProxies(name);
  return proxy.href;
}

/** Before these versions, Node takes the setting and overlooks it. Throws ProxyError. */
export function mustSupportProxies(named: string, version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const supports = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  if (!supports) throw new ProxyError(`${named} names a proxy, which needs Node 24.5 or newer, and this is ${version}: use a newer Node`);
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replaceAll(/[[\]]/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return true;
  return list.toLowerCase().split(',').map((entry) => entry.trim()).filter((entry) => entry !== '').some((entry) => {
    if (entry === '*') return true;
    // An IPv6 address has colons of its own.
    const [, name = entry, only] = /^(.*):(\d+)$/.exec(isIP(entry) === 0 ? entry : '') ?? [];
    return (only === undefined || only === port) && isNamed(host, name.replaceAll(/[[\]]/g, ''));
  });
}

/** An address is named by itself or a range (CIDR); a host by itself or a domain above it, of which `.DOMAIN` is all but itself. */
function isNamed(host: string, entry: string): boolean {
  if (isIP(host) !== 0) return host === entry || isWithin(host, entry);
  const domain = entry.replace(/^\*(?=\.)/, '');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isLoopback(host: string): boolean {
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1';
}

function isWithin(host: string, range: string): boolean {
  const [, network = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(range) ?? [];
  const [family, prefix] = [isIP(network), Number(bits)];
  if (family === 0 || family !== isIP(host) || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}
