// The images in which npx and uvx start stdio servers: a runtime, its installer, and the four programs that those ask a system for.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { Architecture } from '../architecture.ts';
import { ACCOUNTS, debianPackages, lockFile, makeBase, updateLocks, type BaseOptions, type Material } from '../base.ts';
import { sbom, type Component } from '../bundle/sbom.ts';
import { OS_RELEASE, packed, type PackedPackage } from '../debian-contents.ts';
import { BaseUnavailableError, type DebianPackage, type FetchedPackage } from '../debian-packages.ts';
import { distributionOf, packageUrl } from '../distribution.ts';
import { packLayer, type Entry, type Layer } from '../layer.ts';
import type { ImageConfig } from '../oci-archive.ts';
import { NODE } from '../paths.ts';
import { NONROOT } from '../programs.ts';
import { npmEntries, TOOLS, uvEntries, uvOf } from './tools.ts';

/** An image that starts what it is told. */
export interface Runtime {
  /** Last part of the image's name. */
  readonly name: 'node-runtime' | 'python-runtime';
  /** Debian packages, beside those of the base. */
  readonly packages: readonly string[];
  /** Everything the image says. */
  readonly config: ImageConfig;
}

/** What an image is made of. */
interface Contents {
  readonly layers: readonly Layer[];
  readonly materials: readonly Material[];
}

const LOCK = 'runtimes/packages';
const BUSYBOX = 'busybox-static';
/** What npx and uvx, and scripts of packages, find in every system. Nothing else of BusyBox has a name. */
const APPLETS = ['/bin/sh', '/usr/bin/env', '/usr/bin/dirname', '/usr/bin/realpath'];
const PYTHON = [
  'python3.11-minimal', 'libpython3.11-minimal', 'libpython3.11-stdlib', 'libexpat1', 'zlib1g', 'libssl3', 'libffi8', 'libsqlite3-0', 'liblzma5', 'libbz2-1.0',
  'libuuid1', 'libcrypt1', 'ca-certificates',
];
const C_LIBRARIES = ['libc6', 'libgcc-s1', 'libstdc++6', 'gcc-12-base', 'base-files'];
/** That of the packages, where they do not name it themselves. */
const DISTRIBUTION = { id: 'debian', version: '12' };
const CERTIFICATES = /^\/usr\/share\/ca-certificates\/.*\.crt$/;

function config(title: string, command: string): ImageConfig {
  return {
    User: NONROOT,
    Env: ['MALLOC_ARENA_MAX=1'],
    WorkingDir: '/tmp',
    Labels: {
      'org.opencontainers.image.title': title,
      'org.opencontainers.image.version': packageJson.version,
    },
    Cmd: [command, '--version'],
  };
}

/** All of them. */
export const RUNTIMES: readonly Runtime[] = [
  { name: 'node-runtime', packages: [BUSYBOX], config: config('Node with npx, for stdio servers', 'npx') },
  { name: 'python-runtime', packages: [...C_LIBRARIES, ...PYTHON, BUSYBOX], config: config('Python with uvx, for stdio servers', 'uvx') },
];

/** What a runtime's image is made of; that of Node stands on the base of the other images. Throws BaseUnavailableError. */
export async function runtimeLayers({ name, packages }: Runtime, options: BaseOptions): Promise<Contents> {
  const debian = await Promise.all((await fetchPackages(packages, options)).map((each) => packed(each, isWanted(each.name))));
  const entries = debian.flatMap((each) => each.entries);
  const cache = join(options.cache, 'runtimes');
  const links = APPLETS.map((path): Entry => ({ path, type: 'symlink', target: '/bin/busybox' }));
  const isNode = name === 'node-runtime';
  const tool = isNode ? await npmEntries(cache) : await uvEntries(cache, options.architecture);
  const own = isNode ? [{ path: '/usr/local/bin/node', type: 'symlink', target: NODE } as const] : pythonEntries(entries);
  const components = componentsOf(name, debian, options.architecture);
  const layerEntries = [...entries, ...links, ...tool, ...own, bill(name, components)];
  const title = `${isNode ? `npm ${TOOLS.npm.version}` : `Python, uv ${TOOLS.uv.version}`}, BusyBox`;
  const layer = await packLayer(title, layerEntries, { cache: join(options.cache, 'layers') });
  const materials = components.map(({ name: what, purl = '', sha256 = '' }): Material => ({ uri: purl, name: what, sha256 }));
  if (!isNode) return { layers: [layer], materials };
  const base = await makeBase(options);
  return { layers: [base.layer, layer], materials: [...base.materials, ...materials] };
}

/** Writes what the distribution offers to the lock file of each architecture; returns that of amd64. */
export async function updateRuntimeLock(options: BaseOptions): Promise<DebianPackage[]> {
  return updateLocks(LOCK, options, async (debian) => {
    const packages: DebianPackage[] = [];
    for (const name of new Set(RUNTIMES.flatMap(({ packages: of }) => of))) packages.push(await debian.offered(name));
    return packages;
  });
}

async function fetchPackages(names: readonly string[], options: BaseOptions): Promise<FetchedPackage[]> {
  const { log, anyVersions = false, architecture } = options;
  const debian = debianPackages(options);
  const locked = JSON.parse(await readFile(lockFile(LOCK, architecture), 'utf8')) as DebianPackage[];
  const fetched: FetchedPackage[] = [];
  for (const name of names) {
    const wanted = locked.find((each) => each.name === name);
    if (wanted === undefined) throw new Error(`${lockFile(LOCK, architecture)} has no ${name}: run npm run images -- --update-base`);
    fetched.push(await debian.locked(wanted).catch((error: unknown) => {
      if (!anyVersions || !(error instanceof BaseUnavailableError)) throw error;
      log(`${error.message}\n${name} is what this distribution offers instead: the image is not that of the lock file.`);
      return debian.offered(name);
    }));
  }
  return fetched;
}

/** What of a package is wanted beside libraries and texts: programs and Python's own library. */
function isWanted(name: string): RegExp | undefined {
  if (name === BUSYBOX) return /^bin\/busybox$/;
  if (name === 'ca-certificates') return /^usr\/share\/ca-certificates\//;
  return /python/.test(name) ? /^(?:usr\/bin\/python3\.11|usr\/lib\/python3\.11\/.*|etc\/python3\.11\/.*)$/ : undefined;
}

/** The names by which Python is started, and the certificates in one file, as programs look for them. */
function pythonEntries(entries: readonly Entry[]): Entry[] {
  const texts = entries.filter((entry) => entry.type === 'file').filter(({ path }) => CERTIFICATES.test(path));
  const certificates = texts.map(({ content }) => Buffer.from(content).toString());
  return [
    ...ACCOUNTS,
    ...['python3', 'python'].map((name): Entry => ({ path: `/usr/bin/${name}`, type: 'symlink', target: 'python3.11' })),
    { path: '/etc/ssl/certs/ca-certificates.crt', type: 'file', content: Buffer.from(certificates.join('')) },
    // Where OpenSSL looks, and so Python.
    { path: '/usr/lib/ssl/cert.pem', type: 'symlink', target: '/etc/ssl/certs/ca-certificates.crt' },
  ];
}

function componentsOf(name: Runtime['name'], debian: readonly PackedPackage[], architecture?: Architecture): Component[] {
  const release = debian.flatMap(({ entries }) => entries).find(({ path }) => path === OS_RELEASE);
  const distribution = release?.type === 'file' ? distributionOf(Buffer.from(release.content).toString()) : DISTRIBUTION;
  const { npm } = TOOLS;
  const uv = uvOf(architecture);
  return [
    ...debian.map((each): Component => {
      const { name: of, version, licences, sha256 } = each;
      return { name: of, version, named: licences, purl: packageUrl(distribution, each, architecture), sha256 };
    }),
    name === 'node-runtime'
      ? { type: 'application', name: 'npm', version: npm.version, licence: 'Artistic-2.0', purl: `pkg:npm/npm@${npm.version}`, sha256: npm.sha256 }
      : { type: 'application', name: 'uv', version: uv.version, licence: 'MIT OR Apache-2.0', purl: `pkg:pypi/uv@${uv.version}`, sha256: uv.sha256 },
  ];
}

function bill(name: Runtime['name'], components: readonly Component[]): Entry {
  return { path: `/usr/share/sbom/${name}.cdx.json`, type: 'file', content: Buffer.from(sbom(name, components, packageJson.version)) };
}
