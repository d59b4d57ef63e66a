// Obtains the Debian packages of the base: those of the lock file, from the cache or from the machine's own apt.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { architectureHere, type Architecture } from './architecture.ts';
import { digestOf } from './layer.ts';

/** A package in exactly one version. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Of the .deb file, in hexadecimal. */
  readonly sha256: string;
}

/** A package at hand. */
export interface FetchedPackage extends DebianPackage {
  /** The .deb file. */
  readonly file: string;
}

/** A package cannot be had; the message says why, and what to do. */
export class BaseUnavailableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BaseUnavailableError';
  }
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** Bounds a dead mirror. */
const TIMEOUT_MS = 120_000;
const exec = promisify(execFile);

/** Where packages are kept, and what is told of it. */
export interface DebianOptions {
  /** Folder that is kept between runs. */
  readonly folder: string;
  readonly log: (line: string) => void;
  /** @default amd64 */
  readonly architecture?: Architecture;
}

/** Fetches packages of one architecture into a folder. */
export class DebianPackages {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #architecture: Architecture;
  /** apt-get update is run at most once. */
  #updated = false;

  constructor({ folder, log, architecture = 'amd64' }: DebianOptions) {
    this.#folder = folder;
    this.#log = log;
    this.#architecture = architecture;
  }

  /** The package of the lock, from the folder or else from apt. Throws BaseUnavailableError when apt has it no more, or with other contents. */
  async locked(wanted: DebianPackage): Promise<FetchedPackage> {
    const file = join(this.#folder, `${wanted.name}_${wanted.sha256}.deb`);
    if ((await sha256(file)) === wanted.sha256) return { ...wanted, file };
    const fetched = await this.#download(`${wanted.name}=${wanted.version}`);
    if (fetched.sha256 === wanted.sha256) return fetched;
    throw new BaseUnavailableError(`${wanted.name} ${wanted.version} has other contents than the lock file says (SHA-256 ${fetched.sha256}): it is not used`);
  }

  /** The package in the version that the machine's distribution offers. Throws BaseUnavailableError when it offers none. */
  async offered(name: string): Promise<FetchedPackage> {
    return this.#download(name);
  }

  /** Tries once more after an update: package lists may be missing, or older than the packages. */
  async #download(spec: string): Promise<FetchedPackage> {
    await mkdir(this.#folder, { recursive: true });
    const temporary = await mkdtemp(join(this.#folder, 'download-'));
    try {
      await this.#apt(['download', spec], temporary).catch(async (error: unknown) => {
        if (this.#updated || error instanceof BaseUnavailableError) throw unavailable(this.#named(spec), error);
        this.#updated = true;
        this.#log(`apt does not offer ${this.#named(spec)}: updating its lists`);
        // Without the rights for it the second try says what is missing.
        await this.#apt(['update', '--quiet'], temporary).catch(() => undefined);
        await this.#apt(['download', spec], temporary).catch((again: unknown) => {
          throw unavailable(this.#named(spec), again);
        });
      });
      return await this.#keep(temporary);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  async #apt(args: readonly string[], cwd: string): Promise<void> {
    // The package itself is what is checked; apt's own user may not write to the cache.
    await run('apt-get', ['-o', 'APT::Sandbox::User=root', ...(await this.#foreign()), ...args], cwd);
  }

  /** Of another architecture than the machine's apt has lists of its own, which change nothing of the machine; its sources are the same. */
  async #foreign(): Promise<string[]> {
    if (this.#architecture === architectureHere()) return [];
    const state = join(this.#folder, `apt-${this.#architecture}`);
    for (const folder of ['lists/partial', 'cache/archives/partial']) await mkdir(join(state, folder), { recursive: true });
    const options = [`APT::Architecture=${this.#architecture}`, `APT::Architectures=${this.#architecture}`, `Dir::State::lists=${state}/lists`, `Dir::Cache=${state}/cache`];
    return options.flatMap((option) => ['-o', option]);
  }

  #named(spec: string): string {
    return this.#architecture === architectureHere() ? spec : `${spec} for ${this.#architecture}`;
  }

  async #keep(temporary: string): Promise<FetchedPackage> {
    const [found] = await readdir(temporary);
    if (found === undefined) throw new BaseUnavailableError('apt-get download wrote no file');
    const source = join(temporary, found);
    const [name = '', version = ''] = (await run('dpkg-deb', ['--show', '--showformat=${Package}\\n${Version}', source])).toString().split('\n');
    const hash = (await sha256(source)) ?? '';
    const file = join(this.#folder, `${name}_${hash}.deb`);
    await rename(source, file);
    return { name, version, sha256: hash, file };
  }
}

/** The tar archive of what a package installs. */
export async function contentsOf({ file }: FetchedPackage): Promise<Buffer> {
  return run('dpkg-deb', ['--fsys-tarfile', file]);
}

/** The tar archive of what a package says about itself. */
export async function controlOf({ file }: FetchedPackage): Promise<Buffer> {
  return run('dpkg-deb', ['--ctrl-tarfile', file]);
}

async function run(program: string, args: readonly string[], cwd?: string): Promise<Buffer> {
  try {
    const { stdout } = await exec(program, args, { cwd, encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES, timeout: TIMEOUT_MS });
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BaseUnavailableError(`${program} is missing: the base is made of Debian packages, so images are built on Debian or a distribution made from it, or with the Dockerfile`);
  }
}

function unavailable(spec: string, error: unknown): BaseUnavailableError {
  if (error instanceof BaseUnavailableError) return error;
  const lines = String((error as { stderr?: Buffer }).stderr ?? error).trim().split('\n');
  const said = (lines.findLast((line) => line.startsWith('E:')) ?? lines.at(-1) ?? '').replace(/^E: /, '');
  return new BaseUnavailableError(
    `apt does not offer ${spec}: ${said}. Run apt-get update as root if its lists are old; else take what the distribution has: ` +
      'once with --any-base-versions, for good with --update-base',
  );
}

async function sha256(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && digestOf(bytes).replace('sha256:', '');
}
