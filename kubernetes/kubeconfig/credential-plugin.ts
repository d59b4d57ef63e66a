// The credentials that a plugin of a kubeconfig prints: asked for once for all who need them, kept until they end or are refused.
import { basename } from 'node:path';
import type { ClientCertificate } from '../connection.ts';
import type { KubeconfigOptions } from '../kubeconfig.ts';
import { endOf, pathOf, problemOfPair } from './certificates.ts';
import { entryError, isSendable } from './entries.ts';
import type { Cluster, Exec } from './entries.ts';
import { isAbsent, isObject, parseYaml } from './files.ts';
import type { Entry } from './files.ts';
import { PluginFailure, runPlugin } from './plugin-process.ts';

/** What a plugin gave. */
export interface PluginCredential {
  readonly token: string | undefined;
  readonly certificate: ClientCertificate | undefined;
  /** Milliseconds since 1970; after that it is asked again. Infinity when the plugin did not say. */
  readonly expires: number;
}

/** Which plugin to run, for whom, and how. */
export interface PluginOptions {
  readonly user: Entry;
  readonly exec: Exec;
  readonly cluster: Cluster;
  readonly certificateAuthority: Buffer | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly onComplaint: KubeconfigOptions['onComplaint'];
}

/** A plugin whose credentials are always refused is run no more often than this because of that. */
const REFUSALS_MS = 10_000;

/** One plugin with its last credential. */
export class CredentialPlugin {
  readonly #options: PluginOptions;
  #known: PluginCredential | undefined;
  #running: Promise<PluginCredential> | undefined;
  #lastRefusal = Number.NEGATIVE_INFINITY;

  constructor(options: PluginOptions) {
    this.#options = options;
  }

  /** What is valid now. Rejects with KubeconfigError, which says how the plugin failed. */
  async credential(): Promise<PluginCredential> {
    if (this.#known !== undefined && Date.now() < this.#known.expires) return this.#known;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Told that the server refused a credential. True when another can be had: it was replaced since, or is asked for anew by the next. */
  refused(isRefused: (credential: PluginCredential) => boolean): boolean {
    if (this.#known === undefined || !isRefused(this.#known)) return true;
    if (performance.now() - this.#lastRefusal < REFUSALS_MS) return false;
    this.#lastRefusal = performance.now();
    this.#known = undefined;
    return true;
  }

  async #run(): Promise<PluginCredential> {
    const { user, exec, env, timeoutMs } = this.#options;
    const { command, args = [], installHint } = exec;
    const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
    // Without a path the program is looked for on PATH, else relative to the kubeconfig.
    const program = command.includes('/') ? pathOf(user, command) : command;
    try {
      const told = { KUBERNETES_EXEC_INFO: execInfo(this.#options) };
      const printed = await runPlugin({ command: program, args, timeoutMs, env: { ...env, ...own, ...told } });
      this.#known = readCredential(printed, exec.apiVersion);
      return this.#known;
    } catch (error) {
      const { message: how, complaint } = error instanceof PluginFailure ? error : new PluginFailure('cannot be started with these arguments and variables');
      const plugin = nameOf(command);
      if (complaint !== '') this.#options.onComplaint?.({ plugin, complaint });
      const hint = how.startsWith('cannot be started') && installHint !== undefined ? `; installHint (${user.place(['exec', 'installHint'])}) may say how to get it` : '';
      const failed = `its credential plugin${plugin === '' ? '' : ` ${plugin}`} ${how}`;
      throw entryError(user, `exec: ${failed}${hint}`, { path: ['exec'], told: failed });
    }
  }
}

/** The program alone; empty where somebody put more into the key than a program. */
function nameOf(command: string): string {
  const name = basename(command);
  return /^[\w.-]{1,64}$/.test(name) ? name : '';
}

/** The Authorization header of a credential. */
export function bearer({ token }: Pick<PluginCredential, 'token'>): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** What a plugin is told: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/. */
function execInfo({ exec, cluster, certificateAuthority }: PluginOptions): string {
  const { 'certificate-authority': _file, extensions, ...rest } = cluster;
  const config = extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
  const told = { ...rest, 'certificate-authority-data': certificateAuthority?.toString('base64'), config };
  const spec = { interactive: false, ...(exec.provideClusterInfo === true ? { cluster: told } : {}) };
  return JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, spec });
}

/** Reads an ExecCredential by the rules of client-go (plugin/pkg/client/auth/exec). Throws PluginFailure, which quotes nothing of it. */
function readCredential(text: string, apiVersion: string): PluginCredential {
  const { value } = parseYaml(text);
  if (!isObject(value) || value['kind'] !== 'ExecCredential') throw new PluginFailure('printed no ExecCredential');
  if (value['apiVersion'] !== apiVersion) throw new PluginFailure(`printed an ExecCredential of another apiVersion than ${apiVersion}`);
  if (!isObject(value['status'])) throw new PluginFailure('printed an ExecCredential without status');
  const { status } = value;
  const [token, cert, key, end] = ['token', 'clientCertificateData', 'clientKeyData', 'expirationTimestamp'].map((name) => textOf(status, name));
  if (token === undefined && cert === undefined && key === undefined) throw new PluginFailure('printed neither a token nor a certificate');
  if ((cert === undefined) !== (key === undefined)) throw new PluginFailure('printed only one of clientCertificateData and clientKeyData');
  if (token !== undefined && !isSendable(token)) throw new PluginFailure('printed a token with control characters');
  const certificate = cert === undefined || key === undefined ? undefined : { cert, key };
  const problem = certificate && problemOfPair(certificate);
  if (problem !== undefined) throw new PluginFailure(`printed a certificate that cannot be used: ${problem}`);
  const said = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end);
  if (Number.isNaN(said)) throw new PluginFailure('printed an expirationTimestamp that is no time');
  return { token, certificate, expires: Math.min(said, certificate === undefined ? said : endOf(certificate.cert)) };
}

function textOf(status: Record<string, unknown>, name: string): string | undefined {
  const value = status[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw new PluginFailure(`printed a status whose ${name} is no string`);
  return value;
}
