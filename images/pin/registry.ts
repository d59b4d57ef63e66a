// Asks a registry which digest a tag has now: the distribution protocol (HTTP API v2), with an anonymous token where the registry wants one.
import { digestOf } from '../layer.ts';
import type { Reference } from './dockerfile.ts';

/** A registry cannot be asked, or answers what cannot be used; the message says which image, and what happened. */
export class RegistryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RegistryError';
  }
}

/** Manifests and lists of them have some kilobytes; registries refuse more than this themselves. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Of an answer with a token. */
export const MAX_TOKEN_BYTES = 64 * 1024;
/** For all that one image takes. */
export const ANSWER_WITHIN_MS = 30_000;

/** An image for several architectures first: its digest is what holds on each of them. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** Docker's registry answers under another name than the one images carry. */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };
/** Registries on this machine speak plain HTTP, as container tools take it. */
const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/;

/** The digest of what the tag names now, computed from the answer. Throws RegistryError. */
export async function digestOfTag(image: Reference, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const asking = new Asking(image, signal === undefined ? limit : AbortSignal.any([signal, limit]));
  try {
    return await asking.digest();
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    const { cause, message } = error as Error;
    throw new RegistryError(`${image.tagged}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
  }
}

class Asking {
  readonly #image: Reference;
  readonly #signal: AbortSignal;

  constructor(image: Reference, signal: AbortSignal) {
    this.#image = image;
    this.#signal = signal;
  }

  async digest(): Promise<string> {
    const { registry, repository, tag } = this.#image;
    const url = `${LOCAL.test(registry) ? 'http' : 'https'}://${HOSTS[registry] ?? registry}/v2/${repository}/manifests/${tag}`;
    const accept = ACCEPT.join(', ');
    let response = await this.#get(url, { accept });
    if (response.status === 401) {
      const authorization = `Bearer ${await this.#token(response.headers.get('www-authenticate') ?? '')}`;
      await response.body?.cancel();
      response = await this.#get(url, { accept, authorization });
    }
    if (!response.ok) throw await this.#refused(response, 'the registry');
    const type = response.headers.get('content-type')?.split(';')[0] ?? 'nothing';
    if (!ACCEPT.includes(type)) throw this.#error(`the registry answered with ${type}, which is no manifest`);
    const digest = digestOf(await this.#body(response, MAX_MANIFEST_BYTES));
    const told = response.headers.get('docker-content-digest');
    if (told !== null && told !== digest) throw this.#error(`the registry says ${told}, but what it sent has ${digest}`);
    return digest;
  }

  /** Registries redirect to where layers lie, never for a manifest: whoever does could lead to plain HTTP. */
  #get(url: string | URL, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(url, { headers, redirect: 'error', signal: this.#signal });
  }

  /** A token for reading, given to anybody. No credential of ours is sent for it. */
  async #token(challenge: string): Promise<string> {
    const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
    const realm = fields.get('realm') ?? '';
    if (!/^Bearer /i.test(challenge) || !URL.canParse(realm)) throw this.#error('the registry asks for credentials in a way that is not the token protocol');
    const url = new URL(realm);
    const isLocal = LOCAL.test(this.#image.registry) && LOCAL.test(url.host);
    if (url.protocol !== 'https:' && !isLocal) throw this.#error(`the registry asks for a token from ${url.origin}, which is not https`);
    for (const name of ['service', 'scope']) if (fields.has(name)) url.searchParams.set(name, fields.get(name) ?? '');
    const response = await this.#get(url);
    if (!response.ok) throw await this.#refused(response, url.host);
    const body = Buffer.from(await this.#body(response, MAX_TOKEN_BYTES)).toString();
    const { token, access_token: other } = parsed(body);
    const found = token ?? other;
    if (typeof found !== 'string' || !/^[\x21-\x7e]+$/.test(found)) throw this.#error(`${url.host} answered without a token`);
    return found;
  }

  async #body(response: Response, limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > limit) throw this.#error(`the answer has more than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async #refused(response: Response, who: string): Promise<RegistryError> {
    await response.body?.cancel();
    return this.#error(`${who} answered ${response.status}`);
  }

  #error(what: string): RegistryError {
    return new RegistryError(`${this.#image.tagged}: ${what}`);
  }
}

function parsed(text: string): { token?: unknown; access_token?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}
