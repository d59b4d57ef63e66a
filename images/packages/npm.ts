// Installs an npm package from its registry as a lockfile says, for one architecture after the other, without running anything of it.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { namesOf as architectureNames, type Architecture } from '../architecture.ts';
import type { Component } from '../bundle/sbom.ts';
import { folderEntries, type Entry } from '../layer.ts';
import pinned from '../node-binaries.json' with { type: 'json' };
import { APP } from '../paths.ts';
import { npmEntries } from '../runtimes/tools.ts';
import { shellWord } from '../shell-word.ts';
import { npmComponents } from './components.ts';
import { mustBeHeld, mustNeedNoScript, mustRunOn, nameAt, type Lock, type Named, type Scripted } from './npm-checks.ts';
import { chosenProgram, programsOf, startOf, type Manifest } from './npm-program.ts';
import { PackageError } from './package-error.ts';
import { written, type PackageSpec } from './package-spec.ts';
import type { Outcome } from './run.ts';
import { npmFailure } from './registry-words.ts';
import { mustFit, runIn, writeEntries, type Workshop } from './workshop.ts';

/** What is wanted of a package. */
export interface InstallOptions {
  readonly bin?: string | undefined;
  /** Packages whose install scripts are not missed. */
  readonly accept: readonly string[];
  /** Its own programs are not looked at. */
  readonly isLibrary: boolean;
}

/** What is in the image of a package, beside what it stands on. */
export interface Installed {
  readonly entries: readonly Entry[];
  /** Name of the program, which the image finds by its path; empty of a library. */
  readonly program: string;
  /** All packages in it. */
  readonly components: readonly Component[];
}

const MODULES = 'node_modules';
const LOCK_FILE = 'package-lock.json';
/** What nobody loads: it maps programs to sources that are not there. And npm's note of what it did. */
const NOT_PACKED = /\.(?:[cm]?js|css|d\.[cm]?ts)\.map$|^\/app\/node_modules\/\.package-lock\.json$/;
/** Nothing of a package runs, nothing comes from elsewhere than the registry, and a dead registry is given up in time. */
const FLAGS = [
  '--ignore-scripts', '--allow-git=none', '--allow-remote=none', '--allow-file=none', '--allow-directory=none', '--omit=dev', '--no-audit', '--no-fund',
  '--no-progress', '--no-update-notifier', '--omit-lockfile-registry-resolved', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000',
];

/** npm of the runtime's image, on this Node: what it makes does not depend on the machine's npm. */
export class Npm {
  readonly #workshop: Workshop;
  readonly #spec: PackageSpec;

  constructor(workshop: Workshop, spec: PackageSpec) {
    this.#workshop = workshop;
    this.#spec = spec;
  }

  /** Brings npm into the workshop. Throws BaseUnavailableError. */
  async prepare(): Promise<void> {
    await writeEntries(this.#path('npm'), await npmEntries(join(this.#workshop.cache, 'runtimes')));
  }

  /** The newest version of a package; undefined where the registry does not say. */
  async newest(name: string): Promise<string | undefined> {
    await mkdir(this.#path('ask'), { recursive: true });
    const { ok, stdout } = await this.#npm('ask', ['view', name, 'version']);
    return ok ? /^\d\S*$/m.exec(stdout)?.[0] : undefined;
  }

  /** The lockfile: the newest versions of all that the package needs, each with its checksum. Throws PackageError. */
  async lock(): Promise<string> {
    await this.#project('lock');
    this.#must(await this.#npm('lock', ['install', '--package-lock-only', ...FLAGS]));
    return readFile(this.#path('lock', LOCK_FILE), 'utf8');
  }

  /** What the lockfile names, as it lies in an image for one architecture. Throws PackageError. */
  async install(lockText: string, architecture: Architecture, { bin, accept, isLibrary }: InstallOptions): Promise<Installed> {
    const lock = JSON.parse(lockText) as Lock;
    const of = written(this.#spec);
    mustBeHeld(lock, of);
    const project = await this.#project(architecture, lockText);
    const platform = ['--os=linux', `--cpu=${architectureNames(architecture).node}`, '--libc=glibc'];
    this.#must(await this.#npm(architecture, ['ci', ...platform, ...FLAGS]));
    await mustFit(join(project, MODULES), of);
    mustRunOn(pinned.version, await this.#tooNew(architecture));
    mustNeedNoScript(await scripted(project, lock), accept, architecture);
    const entries = await folderEntries(join(project, MODULES), posix.join(APP, MODULES), (path) => !NOT_PACKED.test(path));
    const launched = isLibrary ? undefined : await this.#launcher(project, architecture, bin);
    const text = { path: posix.join(APP, LOCK_FILE), type: 'file', content: Buffer.from(lockText) } as const;
    return {
      entries: [...entries, text, ...(launched === undefined ? [] : [launched.entry])],
      program: launched?.name ?? '',
      components: npmComponents(lock, new Set(entries.map(({ path }) => path))),
    };
  }

  /** The program in a folder of the path: a link where the file starts by itself, else a line that starts it. */
  async #launcher(project: string, architecture: Architecture, bin: string | undefined): Promise<{ name: string; entry: Entry }> {
    const of = written(this.#spec);
    const folder = join(project, MODULES, this.#spec.name);
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
    const program = chosenProgram(of, programsOf(manifest), { own: posix.basename(this.#spec.name), wanted: bin });
    const content = await readFile(join(folder, program.file)).catch(() => undefined);
    if (content === undefined) throw new PackageError(`${of} says that its program ${program.name} is ${program.file}, and has no such file: take another version of it`);
    const start = startOf(program, content, architecture);
    const path = posix.join('/usr/local/bin', program.name);
    const target = posix.join(APP, MODULES, '.bin', program.name);
    if (start.by === 'itself') return { name: program.name, entry: { path, type: 'symlink', target } };
    const line = [...start.words, target].map(shellWord).join(' ');
    return { name: program.name, entry: { path, type: 'file', mode: 0o755, content: Buffer.from(`#!/bin/sh\nexec ${line} "$@"\n`) } };
  }

  /** Packages that say they need a later Node than the image has. */
  async #tooNew(architecture: Architecture): Promise<Named[]> {
    const { ok, stdout } = await this.#npm(architecture, ['query', `*:semver(${pinned.version}, :attr(engines, [node]), ltr)`]);
    return ok ? (JSON.parse(stdout) as Named[]) : [];
  }

  async #project(name: string, lock?: string): Promise<string> {
    const folder = this.#path(name);
    await mkdir(folder, { recursive: true });
    const manifest = { private: true, dependencies: { [this.#spec.name]: this.#spec.version } };
    await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    if (lock !== undefined) await writeFile(join(folder, LOCK_FILE), lock);
    return folder;
  }

  #npm(folder: string, args: readonly string[]): Promise<Outcome> {
    const program = this.#path('npm', 'usr/local/lib/node_modules/npm/bin/npm-cli.js');
    return runIn(this.#workshop, { cwd: this.#path(folder), command: [process.execPath, program, ...args] });
  }

  #must(outcome: Outcome): void {
    if (!outcome.ok) throw npmFailure({ of: written(this.#spec), outcome });
  }

  #path(...parts: readonly string[]): string {
    return join(this.#workshop.folder, ...parts);
  }
}

/** The installed packages that would run something. */
async function scripted(project: string, { packages }: Lock): Promise<Scripted[]> {
  const found: Scripted[] = [];
  for (const [path, locked] of Object.entries(packages)) {
    if (locked.hasInstallScript !== true) continue;
    const folder = join(project, path);
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    // One for another system was not installed.
    if (text === undefined) continue;
    const { scripts = {} } = JSON.parse(text) as { scripts?: Record<string, string> };
    const prebuilds = await readdir(join(folder, 'prebuilds')).catch(() => []);
    found.push({ name: nameAt(path, locked), version: locked.version ?? '', scripts, prebuilds, optional: locked.optional === true });
  }
  return found;
}

