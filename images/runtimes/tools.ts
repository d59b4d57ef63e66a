// npm and uv as their registries have them, let into an image only with the bytes that the repository names.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { namesOf, type Architecture } from '../architecture.ts';
import { BaseUnavailableError } from '../debian-packages.ts';
import { digestOf, fileEntry, type Entry } from '../layer.ts';
import pinned from './pinned.json' with { type: 'json' };

/** A program from a registry of packages. */
export type Tool = keyof typeof pinned;

export const TOOLS = pinned;
/** Bounds a dead registry. */
const TIMEOUT_MS = 300_000;
/** What nobody reads in a container. */
const LEFT_OUT = /^package\/(?:docs|man)\/|\.md$/;
const NPM_FOLDER = '/usr/local/lib/node_modules/npm';
const exec = promisify(execFile);

/** npm with npx, below /usr/local. `cache` is a folder that is kept. Throws BaseUnavailableError. */
export async function npmEntries(cache: string): Promise<Entry[]> {
  const { version } = pinned.npm;
  const archive = await fetched('npm', cache, ['npm', 'pack', `npm@${version}`, '--ignore-scripts', '--pack-destination', '.']);
  const tar = extract();
  tar.end(gunzipSync(await readFile(archive)));
  const entries: Entry[] = [];
  for await (const entry of tar) {
    const { name, type, mode } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (type !== 'file' || LEFT_OUT.test(name)) continue;
    const path = name.replace(/^package/, NPM_FOLDER);
    entries.push({ path, type: 'file', mode: (mode & 0o111) === 0 && !/\/bin\/np[mx]-cli\.js$/.test(path) ? 0o644 : 0o755, content: Buffer.concat(chunks) });
  }
  const links = (['npm', 'npx'] as const).map((name): Entry => ({ path: `/usr/local/bin/${name}`, type: 'symlink', target: `../lib/node_modules/npm/bin/${name}-cli.js` }));
  return [...entries, ...links];
}

/** The uv of an architecture. */
export function uvOf(architecture: Architecture = 'amd64'): { readonly version: string; readonly sha256: string } {
  return pinned[uvTool(architecture)];
}

function uvTool(architecture: Architecture): Tool {
  return architecture === 'amd64' ? 'uv' : `uv-${architecture}`;
}

/** uv with uvx, static programs in /usr/local/bin. `cache` is a folder that is kept. Throws BaseUnavailableError. */
export async function uvEntries(cache: string, architecture: Architecture = 'amd64'): Promise<Entry[]> {
  const { version } = uvOf(architecture);
  const options = ['--no-deps', '--only-binary', ':all:', '--platform', `musllinux_1_1_${namesOf(architecture).machine}`, '--dest', '.'];
  const wheel = await fetched(uvTool(architecture), cache, ['python3', '-m', 'pip', 'download', '--quiet', ...options, `uv==${version}`]);
  const folder = await mkdtemp(join(cache, 'uv-'));
  try {
    await run(['python3', '-m', 'zipfile', '-e', wheel, folder]);
    const scripts = join(folder, `uv-${version}.data/scripts`);
    const licences = join(folder, `uv-${version}.dist-info/licenses`);
    const programs = await Promise.all(['uv', 'uvx'].map((name) => fileEntry(join(scripts, name), `/usr/local/bin/${name}`)));
    const texts = await Promise.all((await readdir(licences)).map((name) => fileEntry(join(licences, name), `/usr/share/doc/uv/${name}`)));
    return [...programs.map((entry) => ({ ...entry, mode: 0o755 })), ...texts];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The package's file with the pinned bytes, from the folder or by the command that downloads it into a folder. */
async function fetched(tool: Tool, cache: string, command: readonly [string, ...string[]]): Promise<string> {
  const { version, sha256 } = pinned[tool];
  const file = join(cache, `${tool}-${version}-${sha256.slice(0, 16)}`);
  if ((await sum(file)) === sha256) return file;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'download-'));
  try {
    await run(command, folder);
    const [found = ''] = await readdir(folder);
    const is = await sum(join(folder, found));
    if (is !== sha256) throw new BaseUnavailableError(`${tool} ${version} has SHA-256 ${is ?? 'none'}, and images/runtimes/pinned.json wants ${sha256}: it is not packed`);
    await rename(join(folder, found), file);
    return file;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run([program, ...args]: readonly [string, ...string[]], cwd?: string): Promise<void> {
  await exec(program, args, { cwd, timeout: TIMEOUT_MS }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new BaseUnavailableError(`${program} is missing, which gets ${args.at(-1) ?? ''}: install it (on Debian python3-pip or npm)`);
    const said = String((error as { stderr?: string }).stderr ?? error).trim().split('\n').at(-1);
    throw new BaseUnavailableError(`${program} does not get ${args.at(-1) ?? ''}: ${said}`);
  });
}

async function sum(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && digestOf(bytes).replace('sha256:', '');
}
