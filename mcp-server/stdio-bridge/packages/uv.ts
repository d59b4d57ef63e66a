// Packages of Python: installed as uvx would, and their program started itself, so that no uv stays beside it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageCommand } from '../../../charts/package-command.ts';
import { exists, installed, withPath, type InstallOptions, type Launch, type Recipe } from './installer.ts';

const MOST_WORDS = 5;
const TOOLS = 'tools';

/** What to start of a package; undefined where it has no such program: uvx then says which it has. */
export async function uvLaunch(found: PackageCommand, options: InstallOptions): Promise<Launch | undefined> {
  const folder = await installed(found, recipeOf(found), options);
  const [tool] = (await readdir(join(folder, TOOLS))).filter((each) => !each.startsWith('.'));
  if (tool === undefined) return undefined;
  const programs = join(folder, TOOLS, tool, 'bin');
  const command = join(programs, found.program ?? found.name);
  return (await exists(command)) ? { command, args: found.args, env: withPath(options.written.env, programs) } : undefined;
}

function recipeOf({ packages, options }: PackageCommand): Recipe {
  return {
    program: 'uv',
    args: () => ['tool', 'install', '--no-progress', ...options, '--', ...packages],
    env: (folder) => ({ UV_TOOL_DIR: join(folder, TOOLS), UV_TOOL_BIN_DIR: join(folder, 'bin') }),
    telling: (words) => words.filter((word) => !word.startsWith('warning:')).slice(-MOST_WORDS),
  };
}
