// Installs a Python package from its index as a lock says, for one architecture after the other, from wheels alone: nothing of it runs.
import { readdir, readFile, writeFile, mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { architectureHere, namesOf as architectureNames, type Architecture } from '../architecture.ts';
import { folderEntries, type Entry } from '../layer.ts';
import { APP } from '../paths.ts';
import { uvEntries } from '../runtimes/tools.ts';
import { uvEnvironment } from './index-settings.ts';
import { pypiComponents, type Distribution } from './components.ts';
import type { Installed, InstallOptions } from './npm.ts';
import { PackageError } from './package-error.ts';
import { normalized, written, type PackageSpec } from './package-spec.ts';
import { chosenEntryPoint, entryPoints, launcher, metadataOf, PACKAGES, portableRecord, type EntryPoint } from './pypi-program.ts';
import { uvFailure } from './registry-words.ts';
import type { Outcome } from './run.ts';
import { mustFit, runIn, writeEntries, type Workshop } from './workshop.ts';

const LOCK_FILE = 'requirements.txt';
/** Python and C library of the image. */
const PYTHON_VERSION = '3.11';
const WHEELS = ['--only-binary', ':all:', '--no-python-downloads', '--no-progress', '--color', 'never'];
/** Programs of the image, which no package replaces. */
const IN_IMAGE = ['python', 'python3', 'uv', 'uvx', 'sh', 'env', 'dirname', 'realpath'];
const NOT_PACKED = /\/__pycache__(?:\/|$)|\/uv_cache\.json$/;

/** uv of the runtime's image. It knows for which Python and system is installed, whatever the machine has. */
export class Pypi {
  readonly #workshop: Workshop;
  readonly #spec: PackageSpec;
  readonly #others: readonly string[];
  #settings: NodeJS.ProcessEnv = {};

  /** `others` are further requirements, for a package that does not say which versions of others it knows. */
  constructor(workshop: Workshop, spec: PackageSpec, others: readonly string[] = []) {
    this.#workshop = workshop;
    this.#spec = spec;
    this.#others = others;
  }

  /** Brings uv into the workshop. Throws BaseUnavailableError. */
  async prepare(): Promise<void> {
    const here = architectureHere();
    if (here === undefined) throw new PackageError('images of Python packages are made on x64 or arm64');
    await writeEntries(this.#path('uv'), await uvEntries(join(this.#workshop.cache, 'runtimes'), here));
    const { stdout } = await runIn(this.#workshop, { cwd: this.#workshop.folder, command: ['python3', '-m', 'pip', 'config', 'list'] });
    this.#settings = uvEnvironment(this.#workshop.env, stdout);
  }

  /** The newest version of a package; undefined where the index does not say. */
  async newest(name: string): Promise<string | undefined> {
    const outcome = await this.#compile('ask', name);
    const found = new RegExp(`^${normalized(name)}==(\\S+)`, 'm').exec(outcome.ok ? await readFile(this.#path('ask', LOCK_FILE), 'utf8') : '');
    return found?.[1];
  }

  /** The lock: what the package needs on any Linux, each with the SHA-256 of its files. Throws PackageError. */
  async lock(): Promise<string> {
    const outcome = await this.#compile('lock', [written(this.#spec), ...this.#others].join('\n'));
    if (!outcome.ok) throw uvFailure({ of: written(this.#spec), outcome });
    return readFile(this.#path('lock', LOCK_FILE), 'utf8');
  }

  /** What the lock names, as it lies in an image for one architecture. Throws PackageError. */
  async install(lock: string, architecture: Architecture, { bin, isLibrary }: InstallOptions): Promise<Installed> {
    const of = written(this.#spec);
    const { name, version } = this.#spec;
    const isIts = lock.split('\n').some((line) => {
      const [, locked = '', at] = /^([\w.-]+)==(\S+)/.exec(line) ?? [];
      return normalized(locked) === normalized(name) && at === version;
    });
    if (!isIts) throw new PackageError(`the lockfile is not one of ${of}: make one by leaving out --lock`);
    const requirements = this.#path(`${architecture}.txt`);
    await writeFile(requirements, lock);
    const target = this.#path(architecture);
    const platform = ['--python-platform', `${architectureNames(architecture).machine}-manylinux_2_36`, '--python-version', PYTHON_VERSION];
    const outcome = await this.#uv(['pip', 'install', '--target', target, ...platform, '--require-hashes', '--no-deps', '--link-mode', 'copy', ...WHEELS, '--requirement', requirements]);
    if (!outcome.ok) throw uvFailure({ of, outcome }, ` for ${architecture}`);
    await mustFit(target, of);
    const distributions = await distributionsIn(target);
    const own = distributions.find((each) => normalized(each.name) === normalized(name));
    const chosen = isLibrary ? undefined : chosenEntryPoint(of, entryPoints(own?.points ?? ''), { own: name, wanted: bin });
    const points = distributions.flatMap((each) => entryPoints(each.points));
    const launchers = launchersOf([...points, ...(chosen === undefined ? [] : [chosen])]);
    const text = { path: posix.join(APP, LOCK_FILE), type: 'file', content: Buffer.from(lock) } as const;
    const entries = [...(await packagesIn(target)), ...launchers, text];
    return { entries, program: chosen?.name ?? '', components: pypiComponents(distributions) };
  }

  async #compile(folder: string, requirement: string): Promise<Outcome> {
    await mkdir(this.#path(folder), { recursive: true });
    await writeFile(this.#path(folder, 'wanted.txt'), `${requirement}\n`);
    const plain = ['--universal', '--generate-hashes', '--no-header', '--no-annotate', '--quiet', '--python-version', PYTHON_VERSION];
    return this.#uv(['pip', 'compile', ...plain, ...WHEELS, this.#path(folder, 'wanted.txt'), '--output-file', this.#path(folder, LOCK_FILE)]);
  }

  #uv(args: readonly string[]): Promise<Outcome> {
    return runIn(this.#workshop, { cwd: this.#workshop.folder, command: [this.#path('uv/usr/local/bin/uv'), ...args], more: this.#settings });
  }

  #path(...parts: readonly string[]): string {
    return join(this.#workshop.folder, ...parts);
  }
}

/** The packages as the image's Python finds them. What installers wrote for this machine alone is left out: programs, and the notes of them. */
async function packagesIn(target: string): Promise<Entry[]> {
  const left = [`${PACKAGES}/bin`, `${PACKAGES}/.lock`];
  const isLeft = (path: string): boolean => NOT_PACKED.test(path) || left.some((own) => path === own || path.startsWith(`${own}/`));
  const entries = await folderEntries(target, PACKAGES, (path) => !isLeft(path));
  return entries.map((entry) => {
    if (entry.type !== 'file' || !entry.path.endsWith('.dist-info/RECORD')) return entry;
    return { ...entry, content: Buffer.from(portableRecord(Buffer.from(entry.content).toString())) };
  });
}

/** Files that start programs, of those of one name the last. */
function launchersOf(points: readonly EntryPoint[]): Entry[] {
  const usable = points.filter(({ name }) => /^[\w.-]+$/.test(name) && !IN_IMAGE.includes(name));
  return [...new Map(usable.map((each) => [each.name, each])).values()].map((each) => ({
    path: posix.join('/usr/local/bin', each.name), type: 'file', mode: 0o755, content: Buffer.from(launcher(each)),
  }));
}

function textAt(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

async function distributionsIn(target: string): Promise<Distribution[]> {
  const folders = (await readdir(target)).filter((name) => name.endsWith('.dist-info')).toSorted();
  return Promise.all(folders.map(async (folder) => {
    const [metadata = '', points = ''] = await Promise.all(['METADATA', 'entry_points.txt'].map((file) => textAt(join(target, folder, file))));
    return { ...metadataOf(metadata), points };
  }));
}
