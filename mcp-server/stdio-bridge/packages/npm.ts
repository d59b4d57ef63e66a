// Packages of npm: installed as npx would, and their program started itself, so that no npm stays beside it.
import { open, readFile, realpath, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PackageCommand } from '../../../charts/package-command.ts';
import { exists, installed, withPath, type InstallOptions, type Launch, type Recipe } from './installer.ts';

const FLAGS = ['--no-audit', '--no-fund', '--no-save', '--no-package-lock', '--no-update-notifier', '--omit=dev', '--logs-max=0', '--no-progress'];
const MOST_WORDS = 5;
const NOT_TELLING = /^npm (?:warn|notice)|^Log files were not written|^A complete log of this run/i;
const FIRST_LINE = 256;
/** A program for whichever Node there is, and Node's own flags. Others are started by the system, as their first line says. */
const BY_NODE = /^#!\s*\S*\/env\s+(?:-S\s+)?node(?:\s+(-.*?))?\s*$/;

/** What to start of a package; undefined where npx would not know either, or would find it where the server is started. */
export async function npmLaunch(found: PackageCommand, options: InstallOptions): Promise<Launch | undefined> {
  if (await isAtHand(found)) return undefined;
  const folder = await installed(found, recipeOf(found), options);
  const file = await programFile(found, folder);
  if (file === undefined) return undefined;
  const env = withPath(options.written.env, join(folder, 'node_modules/.bin'));
  const byNode = BY_NODE.exec(await firstLine(file));
  if (byNode === null) return { command: file, args: found.args, env };
  return { command: 'node', args: [...(byNode[1]?.split(/\s+/) ?? []), file, ...found.args], env };
}

function recipeOf({ packages, options }: PackageCommand): Recipe {
  return {
    program: 'npm',
    args: (folder) => ['install', '--prefix', folder, ...FLAGS, ...options, '--', ...packages],
    env: () => ({}),
    prepare: async (folder) => {
      // What npm reads where the server is started.
      if (await exists('.npmrc')) await symlink(resolve('.npmrc'), join(folder, '.npmrc'));
    },
    // The first say what is wrong; the last, where to read about it.
    telling: (words) => {
      const said = words.map((word) => word.replace(/^npm (?:error|ERR!) ?/, ''));
      return said.filter((word) => word !== '' && !NOT_TELLING.test(word)).slice(0, MOST_WORDS);
    },
  };
}

/** Without a version npx takes what an image has installed for it. */
async function isAtHand({ packages: [first], name, program }: PackageCommand): Promise<boolean> {
  return first === name && (await exists(join('node_modules/.bin', program ?? unscoped(name))));
}

async function programFile({ name, program }: PackageCommand, folder: string): Promise<string | undefined> {
  const modules = join(folder, 'node_modules');
  const path = program === undefined ? await mainProgram(join(modules, name), name) : join(modules, '.bin', program);
  return path === undefined ? undefined : realpath(path).catch(() => undefined);
}

/** As npx chooses: the only one there is, or the one that is named like the package. */
async function mainProgram(folder: string, name: string): Promise<string | undefined> {
  const { bin } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { bin?: string | Readonly<Record<string, string>> };
  if (bin === undefined) return undefined;
  const files = typeof bin === 'string' ? { [unscoped(name)]: bin } : bin;
  const different = [...new Set(Object.values(files))];
  const file = different.length === 1 ? different[0] : files[unscoped(name)];
  return file === undefined ? undefined : join(folder, file);
}

async function firstLine(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FIRST_LINE), 0, FIRST_LINE, 0);
    return buffer.toString('utf8', 0, bytesRead).split('\n')[0]?.trimEnd() ?? '';
  } finally {
    await handle.close();
  }
}

function unscoped(name: string): string {
  return name.split('/').at(-1) ?? name;
}
