// One request of the command line to a host outside the cluster, by the proxy and the authorities that the environment names.
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { AgentOptions } from 'node:https';
import { ownAuthorities } from '../../kubernetes/authorities.ts';
import { proxyOf } from '../../kubernetes/proxy.ts';
import type { Surroundings } from './surroundings.ts';

/** What a request carries besides its URL. */
export interface Getting extends Pick<Surroundings, 'env'> {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  /** Default: GET. */
  readonly method?: 'GET' | 'HEAD';
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a URL is asked: over https, or plainly on this machine alone. */
export function mayBeAsked({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/** The unread answer, over a connection of its own. Rejects with what the system says; see `toldOf`. */
export async function httpGet(url: URL, { env, signal, headers, method = 'GET' }: Getting): Promise<IncomingMessage> {
  const [ca, proxy] = [await ownAuthorities(env), proxyOf(url, env)];
  const settings: AgentOptions = {
    ...(ca !== undefined && { ca }),
    ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
  };
  const { request, Agent } = url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    request(url, { method, agent: new Agent(settings), headers: { 'user-agent': 'mcp-operator', ...headers }, signal }, resolve).on('error', reject).end();
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its host cannot be looked up',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was broken off',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};
const UNTRUSTED = /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/;

/** Why there was no answer, in words; undefined for a defect. */
export function toldOf(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  if (UNTRUSTED.test(code)) return 'nobody who is trusted issued its certificate; name that authority in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE';
  return REASONS[code] ?? message;
}
