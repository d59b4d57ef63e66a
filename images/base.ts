// The base of all images: Node from the lockfile, the C libraries it needs from Debian packages, and the files that name users.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARCHITECTURES, type Architecture } from './architecture.ts';
import { sbom, type Component } from './bundle/sbom.ts';
import { OS_RELEASE, packed, type PackedPackage } from './debian-contents.ts';
import { BaseUnavailableError, DebianPackages, type DebianPackage, type FetchedPackage } from './debian-packages.ts';
import { distributionOf, packageUrl, type Distribution } from './distribution.ts';
import { fileEntry, packLayer, type Entry, type Layer } from './layer.ts';
import { nodeBinary, type NodeBinary } from './node-binary.ts';
import { NODE, ROOT } from './paths.ts';

/** How the base is obtained. */
export interface BaseOptions {
  /** Folder where packages and the finished layer are kept between runs. */
  readonly cache: string;
  readonly log: (line: string) => void;
  /** Takes what the distribution offers where a locked version cannot be had. @default false */
  readonly anyVersions?: boolean;
  /** @default amd64 */
  readonly architecture?: Architecture;
}

/** Packages with libraries, and the one that names the distribution. Licence texts may lie in a further one, to which they link. */
const PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6', 'base-files'];

/** The base's environment, as in Debian's own images. */
export const BASE_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/** The file that fixes the Debian packages of an architecture. */
export function lockFile(name: string, architecture: Architecture = 'amd64'): string {
  return join(ROOT, 'images', `${name}${architecture === 'amd64' ? '' : `.${architecture}`}.json`);
}

/** The files that give users and groups names, and say where host names are looked up. */
export const ACCOUNTS: readonly Entry[] = [
  text('/etc/passwd', 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'),
  text('/etc/group', 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n'),
  text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
  { path: '/home/nonroot', type: 'directory' },
  { path: '/tmp', type: 'directory', mode: 0o1777 },
];

/** The base, and what it was made of. */
export interface Base {
  readonly layer: Layer;
  readonly materials: readonly Material[];
}

/** Something that was taken in, as it was when it was compared. */
export interface Material {
  /** Package URL. */
  readonly uri: string;
  /** What the hash is of: the package's file, or the one file of it that is used. */
  readonly name: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** The layer that all images share. Throws BaseUnavailableError when a part of it cannot be had. */
export async function baseLayer(options: BaseOptions): Promise<Layer> {
  return (await makeBase(options)).layer;
}

/** The layer that all images share, with its materials. Throws BaseUnavailableError when a part of it cannot be had. */
export async function makeBase(options: BaseOptions): Promise<Base> {
  const packages = await Promise.all((await fetchLocked(options)).map((each) => packed(each)));
  const distribution = distributionOf(textAt(OS_RELEASE, packages));
  const node = await nodeBinary(options);
  const entries = [
    ...ACCOUNTS,
    ...packages.flatMap((each) => each.entries),
    { path: NODE, type: 'file', mode: 0o755, content: node.program } as const,
    await fileEntry(node.licenceFile, '/nodejs/LICENSE'),
    text('/usr/share/sbom/base.cdx.json', sbom('base', baseComponents(distribution, packages, { node, architecture: options.architecture }), undefined)),
  ];
  const title = `node ${node.version}, ${packages.map(({ name, version }) => `${name} ${version}`).join(', ')}`;
  const urlOf = (each: PackedPackage): string => packageUrl(distribution, each, options.architecture);
  const debian = packages.map((each) => ({ uri: urlOf(each), name: `${each.name}.deb`, sha256: each.sha256 }));
  const materials = [...debian, { uri: nodeUrl(node), name: NODE, sha256: node.sha256 }];
  return { layer: await packLayer(title, entries, { cache: join(options.cache, 'layers') }), materials };
}

/** Writes what the distribution offers to the lock file of each architecture; returns that of amd64. */
export async function updateLock(options: BaseOptions): Promise<DebianPackage[]> {
  return updateLocks('base-packages', options, fetchOffered);
}

/** Writes what `offered` finds to the lock file of each architecture; returns that of amd64. */
export async function updateLocks(
  file: string,
  options: BaseOptions,
  offered: (debian: DebianPackages) => Promise<readonly DebianPackage[]>,
): Promise<DebianPackage[]> {
  const locks: DebianPackage[][] = [];
  for (const architecture of ARCHITECTURES) {
    const packages = await offered(debianPackages({ ...options, architecture }));
    const lock = packages.map(({ name, version, sha256 }) => ({ name, version, sha256 }));
    await writeFile(lockFile(file, architecture), `${JSON.stringify(lock, undefined, 2)}\n`);
    locks.push(lock);
  }
  return locks[0] ?? [];
}

/** The Debian packages of an architecture, which are kept below the cache. */
export function debianPackages({ cache, log, architecture = 'amd64' }: BaseOptions): DebianPackages {
  return new DebianPackages({ folder: join(cache, 'debian'), log, architecture });
}

async function fetchLocked(options: BaseOptions): Promise<FetchedPackage[]> {
  const { log, anyVersions = false, architecture } = options;
  const debian = debianPackages(options);
  const fetched: FetchedPackage[] = [];
  try {
    const lock = JSON.parse(await readFile(lockFile('base-packages', architecture), 'utf8')) as DebianPackage[];
    for (const each of lock) fetched.push(await debian.locked(each));
    return fetched;
  } catch (error) {
    if (!anyVersions || !(error instanceof BaseUnavailableError)) throw error;
    log(`${error.message}\nThe base is made of what this distribution offers instead: the images are not those of the lock file.`);
    return fetchOffered(debian);
  }
}

async function fetchOffered(debian: DebianPackages): Promise<FetchedPackage[]> {
  const fetched: FetchedPackage[] = [];
  for (const name of PACKAGES) fetched.push(await debian.offered(name));
  const links = new Set((await Promise.all(fetched.map((each) => packed(each)))).flatMap(({ textsIn }) => textsIn));
  for (const name of [...links].filter((name) => !PACKAGES.includes(name))) fetched.push(await debian.offered(name));
  return fetched;
}

function baseComponents(
  distribution: Distribution,
  packages: readonly PackedPackage[],
  { node, architecture }: { readonly node: NodeBinary; readonly architecture: Architecture | undefined },
): Component[] {
  const { id, version } = distribution;
  const debian = packages.map((each): Component => {
    const texts = packages.filter(({ name }) => name === each.name || each.textsIn.includes(name));
    const licences = [...new Set(texts.flatMap((text) => text.licences))];
    const { name, version, sha256 } = each;
    return { name, version, named: licences, purl: packageUrl(distribution, each, architecture), sha256 };
  });
  const cpe = `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:*:*:*:*`;
  return [
    { type: 'operating-system', name: id, version, purl: `pkg:generic/${id}@${version}` },
    ...debian,
    { type: 'application', name: 'node', version: node.version, licence: 'MIT', purl: nodeUrl(node), sha256: node.sha256, cpe },
  ];
}

function nodeUrl({ name, version }: NodeBinary): string {
  return `pkg:npm/${name}@${version}`;
}

function textAt(path: string, packages: readonly PackedPackage[]): string {
  const found = packages.flatMap(({ entries }) => entries).find((entry) => entry.path === path);
  if (found?.type !== 'file') throw new BaseUnavailableError(`no package of the base has ${path}, which names the distribution: run npm run images -- --update-base`);
  return Buffer.from(found.content).toString();
}

function text(path: string, content: string): Entry {
  return { path, type: 'file', content: Buffer.from(content) };
}
