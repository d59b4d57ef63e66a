// What installs of npm and of uv have in common: a folder for each package, a mark when all of it is there, and a failure with their words.
import { createHash } from 'node:crypto';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PackageCommand } from '../../../charts/package-command.ts';
import type { Log } from '../log.ts';
import { runToEnd } from './run-to-end.ts';

/** What is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A package was not installed; the message says why, in one sentence. */
export class InstallError extends Error {
  /** What npm or uv said of it. */
  readonly lastWords: readonly string[];

  constructor(message: string, lastWords: readonly string[]) {
    super(message);
    this.name = 'InstallError';
    this.lastWords = lastWords;
  }
}

export interface InstallOptions {
  /** The whole command as it was written. */
  readonly written: Launch;
  /** Folder for all packages. */
  readonly root: string;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
  readonly log: Log;
}

/** How one of the two installs. */
export interface Recipe {
  readonly program: 'npm' | 'uv';
  readonly args: (folder: string) => readonly string[];
  readonly env: (folder: string) => Readonly<Record<string, string>>;
  /** Before it starts. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Those lines of standard error that say what is wrong. */
  readonly telling: (words: readonly string[]) => readonly string[];
}

const MARK = '.installed';

/** Installs what is not there yet. Resolves to its folder. Rejects with InstallError. */
export async function installed(found: PackageCommand, recipe: Recipe, options: InstallOptions): Promise<string> {
  const { written, root, timeoutMs, stop, log } = options;
  const key = createHash('sha256').update(JSON.stringify([found.by, found.packages, found.options])).digest('hex').slice(0, 16);
  const folder = join(root, `${found.by}-${key}`);
  if (await exists(join(folder, MARK))) return folder;
  const packages = found.packages.join(', ');
  const { program } = recipe;
  try {
    // One that was left unfinished, by a container that was ended.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await recipe.prepare?.(folder);
  } catch (error) {
    throw new InstallError(`there is no room for ${packages}: ${(error as Error).message}`, []);
  }
  log.info('installing the package of the server', { packages: found.packages, by: program });
  const started = performance.now();
  const { failure, words } = await runToEnd(beside(written.command, program), recipe.args(folder), {
    cwd: folder, env: { ...written.env, ...recipe.env(folder) }, timeoutMs, stop, onLine: (line) => log.info(line, { from: program }),
  });
  if (failure !== undefined) throw new InstallError(`${program} could not install ${packages}: ${failure}`, recipe.telling(words));
  await writeFile(join(folder, MARK), '');
  log.info('installed the package of the server', { packages: found.packages, seconds: Math.round((performance.now() - started) / 100) / 10 });
  return folder;
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** The environment of a program that finds the others of its package, as npx and uvx leave it. */
export function withPath(env: Launch['env'], folder: string): Launch['env'] {
  const path = env['PATH'];
  return { ...env, PATH: path === undefined || path === '' ? folder : `${folder}:${path}` };
}

/** npm lies where npx does. */
function beside(command: string, program: string): string {
  return command.includes('/') ? join(dirname(command), program) : program;
}
