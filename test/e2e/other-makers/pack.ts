// The suite's tool that makes images of MCP servers from npm: installs them from the lockfile, packs them, keeps the archive.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { createInterface } from 'node:readline';
import { BASE_ENV } from '../../../images/base.ts';
import { cacheFolder } from '../../../images/cache-folder.ts';
import { folderEntries, packLayer, type Entry } from '../../../images/layer.ts';
import { packImages, type Image } from '../../../images/oci-archive.ts';
import { APP, ROOT } from '../../../images/paths.ts';
import { NONROOT } from '../../../images/programs.ts';
import { withLock } from '../../cluster/lock.ts';
import { nodeBase } from '../../cluster/real-node/images.ts';
import { MODULES, type NpmImage } from './images.ts';

type Log = (line: string) => void;

const HERE = import.meta.dirname;
const INSTALLED_FROM = ['package.json', 'package-lock.json', '.npmrc'];
/** What the base depends on. */
const BASE = ['base.ts', 'base-packages.json', 'debian-contents.ts', 'node-binaries.json'];
/** All that the archive depends on beside the images asked for. */
const INPUTS = [...INSTALLED_FROM.map((file) => join(HERE, file)), import.meta.filename, ...BASE.map((file) => join(ROOT, 'images', file))];
/** What no program loads, two thirds of all files: source maps, TypeScript, texts, and builds that only bundlers look for. */
const NOT_LOADED = /\.(?:map|[cm]?ts|md)$|\/build\/esnext\//;
const INSTALL_LIMIT_MS = 5 * 60_000;

/** One archive with all the images, from the user's cache where the same was packed before; else minutes. */
export async function obtainArchive(images: readonly NpmImage[], log: Log): Promise<string> {
  const folder = join(cacheFolder(process.env), 'other-makers');
  const archive = join(folder, `${await inputsHash(images)}.tar`);
  if (existsSync(archive)) return archive;
  await withLock(join(folder, 'lock'), { log, signal: new AbortController().signal }, async () => {
    // Another process may have made it while this one waited.
    if (existsSync(archive)) return;
    const installed = await mkdtemp(join(folder, 'install-'));
    try {
      await install(installed, log);
      await pack(archive, { installed, images, log });
    } finally {
      await rm(installed, { recursive: true });
    }
  });
  return archive;
}

async function inputsHash(images: readonly NpmImage[]): Promise<string> {
  const hash = createHash('sha256').update(process.version).update(JSON.stringify(images));
  for (const file of INPUTS) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** `npm ci`, with the npm of this machine, without running anything of what it installs. */
async function install(folder: string, log: Log): Promise<void> {
  log('installing them from npm: about a minute, once');
  for (const file of INSTALLED_FROM) await cp(join(HERE, file), join(folder, file));
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--no-progress'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: INSTALL_LIMIT_MS });
  const mistakes: string[] = [];
  createInterface({ input: npm.stdout }).on('line', (line) => line !== '' && log(`npm: ${line}`));
  createInterface({ input: npm.stderr }).on('line', (line) => mistakes.push(line));
  const end = await new Promise<string>((resolve, reject) =>
    npm.once('error', reject).once('close', (code, signal) => resolve(String(signal ?? code))),
  );
  if (end !== '0') throw new Error(`npm ci ended with ${end}: ${mistakes.slice(0, 20).join('\n')}`);
}

/** One layer with everything installed serves all images: unpacking what each needs by itself would take twice as long. */
async function pack(
  archive: string,
  { installed, images, log }: { installed: string; images: readonly NpmImage[]; log: Log },
): Promise<void> {
  const base = await nodeBase(log);
  log('packing what was installed');
  const entries = await folderEntries(join(installed, MODULES), posix.join(APP, MODULES), (path) => !NOT_LOADED.test(path));
  const modules = await packLayer('npm ci', entries);
  const packed: Image[] = [];
  for (const { name, files, entrypoint } of images) {
    const own = Object.entries(files).map(([path, text]): Entry => ({ path, type: 'file', content: Buffer.from(text) }));
    const layers = own.length === 0 ? [base, modules] : [base, modules, await packLayer(`files of ${name}`, own)];
    packed.push({ names: [name], layers, config: { User: NONROOT, Env: BASE_ENV, WorkingDir: APP, Entrypoint: entrypoint } });
  }
  await packImages(archive, packed);
  log(`${images.length} images in ${archive}`);
}
