// A certificate authority for tests: mints certificates of servers and clients, each with a key of its own. Needs openssl.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientCertificate } from '../../kubernetes/connection.ts';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

export class Authority {
  readonly ca: string;
  readonly #directory: string;

  private constructor(directory: string, ca: string) {
    this.#directory = directory;
    this.ca = ca;
  }

  static async make(): Promise<Authority> {
    const directory = await mkdtemp(join(tmpdir(), 'mcp-authority-'));
    await run('openssl', ['req', '-x509', ...KEY, '-keyout', join(directory, 'ca.key'), '-out', join(directory, 'ca.crt'), '-subj', '/CN=test CA', '-days', '2']);
    return new Authority(directory, await readFile(join(directory, 'ca.crt'), 'utf8'));
  }

  /** A certificate for 127.0.0.1 and whoever the name says; `ended` makes one whose time is over. */
  async issue(name: string, options: { ended?: boolean } = {}): Promise<ClientCertificate> {
    const [key, cert] = [join(this.#directory, `${name}.key`), join(this.#directory, `${name}.crt`)];
    const by = ['-CA', join(this.#directory, 'ca.crt'), '-CAkey', join(this.#directory, 'ca.key')];
    const request = join(this.#directory, `${name}.csr`);
    await run('openssl', ['req', '-new', ...KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:api.example']);
    const days = options.ended === true ? '-1' : '1';
    await run('openssl', ['x509', '-req', '-in', request, ...by, '-out', cert, '-days', days, '-copy_extensions', 'copyall']);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  }

  /** What a server needs that lets in nobody without a certificate of this authority. */
  async demanding(): Promise<ServerOptions> {
    return { ...(await this.issue('server')), ca: this.ca, requestCert: true, rejectUnauthorized: true };
  }

  remove(): Promise<void> {
    return rm(this.#directory, { recursive: true, force: true });
  }
}

/** The text of a file as kubeconfigs hold it. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
