// The digests of images, as their registries tell them (OCI distribution specification 1.1, "Pulling manifests").
import type { IncomingMessage } from 'node:http';
import { readBody } from '../../../kubernetes/transport.ts';
import { httpGet, mayBeAsked, toldOf } from '../http-get.ts';
import type { Surroundings } from '../surroundings.ts';

/** For each image, the token included. */
const TIMEOUT_MS = 10_000;
const MOST_TOKEN_BYTES = 64 * 1024;
const KINDS = ['oci.image.index.v1', 'oci.image.manifest.v1', 'docker.distribution.manifest.list.v2', 'docker.distribution.manifest.v2'];
const ACCEPT = KINDS.map((kind) => `application/vnd.${kind}+json`).join(', ');

/** A digest is not known; the message says why. */
class NoDigestError extends Error {}

/** An image with its digest, or as it is with the reason why that is not known. */
export interface Digested {
  readonly image: string;
  readonly problem?: string;
}

/** Asks the registry, without credentials. An image that is given with its digest stays as it is, and nobody is asked. */
export async function withDigest(image: string, { env }: Pick<Surroundings, 'env'>): Promise<Digested> {
  if (image.includes('@')) return { image };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return { image: `${image}@${await digestOf(image, { env, signal })}` };
  } catch (error) {
    if (error instanceof NoDigestError) return { image, problem: error.message };
    if (signal.aborted) return { image, problem: `its registry did not answer within ${TIMEOUT_MS / 1000} s` };
    const told = toldOf(error);
    if (told === undefined) throw error;
    return { image, problem: `its registry cannot be asked: ${told}` };
  }
}

/** Where the manifest of an image is. What stands before the first slash is a registry where it looks like a host, as for container runtimes. */
export function manifestUrl(image: string): URL | undefined {
  const [, host = 'docker.io', path = '', tag = 'latest'] = /^(?:((?=[^/]*[.:]|localhost\/)[^/]+)\/)?([^:]+)(?::([\w.-]+))?$/.exec(image) ?? [];
  if (path === '') return undefined;
  const isHub = host === 'docker.io';
  const repository = isHub && !path.includes('/') ? `library/${path}` : path;
  const scheme = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host) ? 'http' : 'https';
  return URL.parse(`${scheme}://${isHub ? 'registry-1.docker.io' : host}/v2/${repository}/manifests/${tag}`) ?? undefined;
}

type Way = Pick<Surroundings, 'env'> & { readonly signal: AbortSignal };

async function digestOf(image: string, way: Way): Promise<string> {
  const url = manifestUrl(image);
  if (url === undefined) throw new NoDigestError('it is no name of an image');
  const first = await head(url, way);
  const challenge = first.headers['www-authenticate'];
  const isAsked = first.statusCode === 401 && challenge !== undefined;
  const { statusCode, headers } = isAsked ? await head(url, way, await anonymousToken(challenge, way)) : first;
  if (statusCode === 401 || statusCode === 403) throw new NoDigestError('its registry asks for credentials, which this command has not; give the image with @sha256:…');
  if (statusCode !== 200) throw new NoDigestError(`its registry answered HTTP ${statusCode}${statusCode === 404 ? ': it has no such image' : ''}`);
  const digest = String(headers['docker-content-digest']);
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new NoDigestError('its registry does not tell the digest');
  return digest;
}

async function head(url: URL, way: Way, token?: string): Promise<IncomingMessage> {
  const headers = { accept: ACCEPT, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await httpGet(url, { ...way, method: 'HEAD', headers });
  response.resume();
  return response;
}

/** Registries hand one to anybody for what is public. */
async function anonymousToken(challenge: string, way: Way): Promise<string | undefined> {
  const parameters = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
  const url = URL.parse(parameters.get('realm') ?? '');
  if (!/^bearer /i.test(challenge) || url === null || !mayBeAsked(url)) return undefined;
  for (const name of ['service', 'scope']) if (parameters.has(name)) url.searchParams.set(name, parameters.get(name) ?? '');
  const response = await httpGet(url, { ...way, headers: { accept: 'application/json' } });
  const { status, body } = await readBody(response, { maxBytes: MOST_TOKEN_BYTES, signal: way.signal });
  try {
    const { token, access_token: other } = JSON.parse(body.toString()) as { readonly token?: unknown; readonly access_token?: unknown };
    const found = token ?? other;
    return status === 200 && typeof found === 'string' && /^[!-~]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
