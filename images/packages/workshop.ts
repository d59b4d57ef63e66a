// Where a package is installed before it is packed: a folder that goes when it is done, and what the programs there are given.
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Entry } from '../layer.ts';
import { PackageError } from './package-error.ts';
import { run, type Outcome } from './run.ts';

/** What all steps share. */
export interface Workshop {
  /** Fresh, removed by whoever made it. */
  readonly folder: string;
  /** Kept between runs. */
  readonly cache: string;
  /** The user's environment: registries, proxies and authorities are in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Of what is installed for one architecture: a layer is made in memory. */
export const MAX_INSTALLED = { mebibytes: 512, files: 60_000 } as const;

/** What `npm run` adds to the environment is about this project, and not about the package. */
const OF_THIS_PROJECT = /^(?:npm_(?:package|lifecycle|node|execpath|command)|npm_config_(?:local_prefix|prefix|global_prefix|workspaces?|ignore_scripts)|INIT_CWD|NODE_OPTIONS|PYTHON(?:PATH|HOME)|VIRTUAL_ENV$)/i;

/** What is run, where, and with what beside the user's environment. */
export interface Step {
  readonly cwd: string;
  readonly command: readonly string[];
  readonly more?: NodeJS.ProcessEnv;
}

/** Runs a program in a folder of the workshop, whatever this project's own settings are. */
export function runIn({ env, signal }: Workshop, { cwd, command, more = {} }: Step): Promise<Outcome> {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THIS_PROJECT.test(name)));
  return run(command, { cwd, env: { ...clean, ...more }, signal });
}

/** Writes files of an image to a folder of the workshop, to run them here. */
export async function writeEntries(folder: string, entries: readonly Entry[]): Promise<void> {
  const files = entries.filter((entry) => entry.type === 'file');
  for (const path of new Set(files.map((entry) => dirname(join(folder, entry.path))))) await mkdir(path, { recursive: true });
  await Promise.all(files.map(({ path, content, mode }) => writeFile(join(folder, path), content, { mode: mode ?? 0o644 })));
}

/** Throws where a folder holds more than goes into an image here. */
export async function mustFit(folder: string, what: string): Promise<void> {
  let bytes = 0;
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  for (const file of files) bytes += (await stat(join(file.parentPath, file.name))).size;
  const { mebibytes, files: most } = MAX_INSTALLED;
  if (bytes <= mebibytes * 1024 * 1024 && files.length <= most) return;
  const size = `${Math.round(bytes / 1024 / 1024)} MiB in ${files.length} files`;
  throw new PackageError(`${what} comes to ${size} with all it needs, and here an image takes ${mebibytes} MiB in ${most}: make it with a Dockerfile (docs/other-servers.md)`);
}
