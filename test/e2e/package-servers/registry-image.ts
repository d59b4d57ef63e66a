// The suite's tool that makes a registry of packages as an image: fetches what the lock files name, once, and packs it with its server.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BASE_ENV } from '../../../images/base.ts';
import { cacheFolder } from '../../../images/cache-folder.ts';
import { fileEntry, folderEntries, packLayer, type Entry, type Layer } from '../../../images/layer.ts';
import { packImages } from '../../../images/oci-archive.ts';
import { NODE } from '../../../images/paths.ts';
import { imageOf, NONROOT } from '../../../images/programs.ts';
import { imageConfig } from '../../../images/program-image.ts';
import { RUNTIMES, runtimeLayers } from '../../../images/runtimes/runtimes.ts';
import { withLock } from '../../cluster/lock.ts';
import { nodeBase } from '../../cluster/real-node/images.ts';

type Log = (line: string) => void;

export const REGISTRY_IMAGE = imageOf('e2e-package-registry');
export const INSTALLED_IMAGE = imageOf('e2e-installed');

const HERE = import.meta.dirname;
const REQUIREMENTS = ['requirements-newer.txt', 'requirements-older.txt'];
const NPM_FILES = ['package.json', 'package-lock.json', '.npmrc'];
const PROGRAM = 'registry.mjs';
/** Of the archive beside what is fetched. */
const INPUTS = [...NPM_FILES, ...REQUIREMENTS, PROGRAM, 'registry-image.ts'];
const FETCH_LIMIT_MS = 5 * 60_000;
/** Python and C library of the image that installs them. */
const PLATFORM = ['--python-version', '3.11', '--implementation', 'cp', '--platform', 'manylinux_2_28_x86_64', '--platform', 'manylinux2014_x86_64', '--platform', 'manylinux1_x86_64'];

/** What no program loads. */
const NOT_LOADED = /\.(?:map|[cm]?ts|md)$/;

const run = promisify(execFile);

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
}

/** The archive with the registry, from the user's cache where the same was packed before; else a minute. */
export async function obtainRegistry(log: Log): Promise<string> {
  const folder = join(cacheFolder(process.env), 'package-registry');
  const hash = createHash('sha256');
  for (const file of INPUTS) hash.update(await readFile(join(HERE, file)));
  const archive = join(folder, `${hash.digest('hex').slice(0, 16)}.tar`);
  await withLock(join(folder, 'lock'), { log, signal: new AbortController().signal }, async () => {
    if (existsSync(archive)) return;
    const fetched = await mkdtemp(join(folder, 'fetch-'));
    try {
      log('fetching the packages of servers from npm and PyPI: about a minute, once');
      const server = await fileEntry(join(HERE, PROGRAM), `/${PROGRAM}`);
      const entries = [...(await npmEntries(fetched)), ...(await wheelEntries(fetched)), server];
      const layers = [await nodeBase(log), await packLayer('packages and their server', entries)];
      const installed = [...(await bothRuntimes(log)), await packLayer('packages, installed', await installedEntries(fetched))];
      await packImages(archive, [
        { names: [REGISTRY_IMAGE], layers, config: { User: NONROOT, Env: BASE_ENV, Entrypoint: [NODE, `/${PROGRAM}`] } },
        { names: [INSTALLED_IMAGE], layers: installed, config: { User: NONROOT, Env: BASE_ENV, WorkingDir: '/tmp' } },
      ]);
    } finally {
      await rm(fetched, { recursive: true });
    }
  });
  return archive;
}

/** Installs the same packages into an image of their own, with both runtimes below them. */
async function installedEntries(folder: string): Promise<Entry[]> {
  const node = await folderEntries(join(folder, 'project/node_modules'), '/app/node_modules', (path) => !NOT_LOADED.test(path));
  const python = await Promise.all(REQUIREMENTS.map(async (requirements) => {
    const name = requirements.replace(/^requirements-|\.txt$/g, '');
    const target = join(folder, name);
    const options = ['--no-deps', '--no-index', '--find-links', join(folder, 'wheels'), '--only-binary', ':all:', ...PLATFORM, '--target', target];
    await run('python3', ['-m', 'pip', 'install', '--quiet', ...options, '--requirement', join(HERE, requirements)], { timeout: FETCH_LIMIT_MS });
    return folderEntries(target, `/app/${name}`, (path) => !path.includes('__pycache__'));
  }));
  return [...node, ...python.flat()];
}

/** Writes one archive with both runtimes to `folder`; returns its path. */
export async function packRuntimes(folder: string, log: Log): Promise<string> {
  const options = { cache: cacheFolder(process.env), log, anyVersions: true };
  const archive = join(folder, 'runtimes.tar');
  const images = RUNTIMES.map(async (runtime) => ({
    names: [imageOf(runtime.name)], layers: (await runtimeLayers(runtime, options)).layers, config: imageConfig(runtime),
  }));
  await packImages(archive, await Promise.all(images));
  return archive;
}

/** Node and Python in one image: what both have is the same. */
async function bothRuntimes(log: Log): Promise<Layer[]> {
  const options = { cache: cacheFolder(process.env), log, anyVersions: true };
  const layers: Layer[] = [];
  for (const runtime of RUNTIMES.toReversed()) layers.push(...(await runtimeLayers(runtime, options)).layers);
  return layers;
}

/** npm keeps the tarballs it has compared by what they were compared with. */
async function npmEntries(folder: string): Promise<Entry[]> {
  const [project, cache] = [join(folder, 'project'), join(folder, 'cache')];
  for (const file of NPM_FILES) await cp(join(HERE, file), join(project, file));
  await run('npm', ['ci', '--ignore-scripts', '--no-progress', '--cache', cache], { cwd: project, timeout: FETCH_LIMIT_MS });
  const { packages } = JSON.parse(await readFile(join(HERE, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  const byName: Record<string, Record<string, object>> = {};
  const entries: Entry[] = [];
  for (const [path, { integrity, ...manifest }] of Object.entries(packages)) {
    if (integrity === undefined) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const file = `${name.replace('/', '+')}-${manifest.version}.tgz`;
    const versions = (byName[name] ??= {});
    if (versions[manifest.version] !== undefined) continue;
    const [kind = '', sum = ''] = integrity.split(/-(.*)/s);
    const hex = Buffer.from(sum, 'base64').toString('hex');
    const kept = join(cache, '_cacache/content-v2', kind, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
    // One for other systems was not fetched; nobody here asks for it.
    if (!existsSync(kept)) continue;
    versions[manifest.version] = { name, ...manifest, integrity, file };
    entries.push({ ...(await fileEntry(kept, `/data/tarballs/${file}`)), mode: 0o644 } as Entry);
  }
  return [...entries, { path: '/data/npm.json', type: 'file', content: Buffer.from(JSON.stringify(byName)) }];
}

async function wheelEntries(folder: string): Promise<Entry[]> {
  const wheels = join(folder, 'wheels');
  for (const requirements of REQUIREMENTS) {
    const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', ...PLATFORM];
    await run('python3', ['-m', 'pip', 'download', '--quiet', ...options, '--dest', wheels, '--requirement', join(HERE, requirements)], { timeout: FETCH_LIMIT_MS });
  }
  return Promise.all((await readdir(wheels)).map((file) => fileEntry(join(wheels, file), `/data/wheels/${file}`)));
}
