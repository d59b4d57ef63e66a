// What of a Debian package goes into the base: libraries, licence texts, the distribution's name, and the record by which scanners know it.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { extract } from 'tar-stream';
import { contentsOf, controlOf, type FetchedPackage } from './debian-packages.ts';
import { licencesOf } from './debian-licences.ts';
import { sourceOf } from './distribution.ts';
import type { Entry } from './layer.ts';

/** A package, and what of it lies in the base. */
export interface PackedPackage extends FetchedPackage {
  readonly entries: readonly Entry[];
  /** Name of the source package, where it is another. */
  readonly source: string | undefined;
  /** Names of other packages in which it keeps its licence texts. */
  readonly textsIn: readonly string[];
  /** Licences its own texts name, as they name them; empty where they say it in no way that programs read. */
  readonly licences: readonly string[];
}

/** The file that names the distribution, and the link to it. */
export const OS_RELEASE = '/usr/lib/os-release';

/** Shared libraries and the loader, wherever the distribution keeps them; other paths are not looked at. */
const LIBRARY = /^(?:usr\/)?(lib64|lib\/(?:x86_64|aarch64)-linux-gnu|lib(?=\/ld-linux-aarch64))\/([^/]+\.so(?:\.[\d.]+)?)$/;
const COPYRIGHT = /^usr\/share\/doc\/([^/]+)\/copyright$/;
const DOC_LINK = /^usr\/share\/doc\/([^/]+)$/;
const RELEASE = /^(?:etc\/os-release|etc\/debian_version|usr\/lib\/os-release)$/;
/** Where images without a package manager record what they are made of: one file per package. */
const STATUS = '/var/lib/dpkg/status.d';

/** Reads a package. Of other paths than libraries and texts those are taken that `others` matches, without leading slash. */
export async function packed(debian: FetchedPackage, others?: RegExp): Promise<PackedPackage> {
  const files = await filesIn(await contentsOf(debian));
  const entries = files.flatMap((file) => entryOf(file) ?? (others?.test(file.path) === true ? [asIs(file)] : []));
  const links = files.filter(({ path, linkname }) => DOC_LINK.test(path) && linkname !== undefined);
  const control = (await filesIn(await controlOf(debian))).find(({ path }) => path === 'control');
  if (control === undefined) throw new Error(`${debian.name} ${debian.version} has no control file`);
  const copyright = files.find(({ path, linkname }) => COPYRIGHT.test(path) && linkname === undefined);
  return {
    ...debian,
    entries: [...entries, ...record(debian.name, control.content, entries)],
    source: sourceOf(Buffer.from(control.content).toString()),
    textsIn: links.map(({ linkname = '' }) => posix.basename(linkname)),
    licences: copyright === undefined ? [] : licencesOf(Buffer.from(copyright.content).toString()),
  };
}

/** The package's own words about itself, and the MD5 of those of its files that are here, as dpkg records them. */
function record(name: string, control: Uint8Array, entries: readonly Entry[]): Entry[] {
  const sums = entries.flatMap((entry) => (entry.type === 'file' ? [`${md5(entry.content)}  ${entry.path.slice(1)}\n`] : []));
  return [
    { path: `${STATUS}/${name}`, type: 'file', content: control },
    { path: `${STATUS}/${name}.md5sums`, type: 'file', content: Buffer.from(sums.join('')) },
  ];
}

interface PackedFile {
  /** Without leading slash. */
  readonly path: string;
  /** Where a symbolic link leads; undefined for files. */
  readonly linkname: string | undefined;
  readonly mode: number;
  readonly content: Uint8Array;
}

async function filesIn(archive: Buffer): Promise<PackedFile[]> {
  const tar = extract();
  tar.end(archive);
  const files: PackedFile[] = [];
  for await (const entry of tar) {
    const { name, type, linkname, mode } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (type !== 'file' && type !== 'symlink') continue;
    files.push({
      path: name.replace(/^\.\//, ''),
      linkname: type === 'symlink' ? (linkname ?? '') : undefined,
      mode,
      content: Buffer.concat(chunks),
    });
  }
  return files;
}

function entryOf({ path, linkname, mode, content }: PackedFile): Entry | undefined {
  const [, folder, library] = LIBRARY.exec(path) ?? [];
  const isText = COPYRIGHT.test(path) || (DOC_LINK.test(path) && linkname !== undefined);
  if (library === undefined && !isText && !RELEASE.test(path)) return undefined;
  return asIs({ path: library === undefined ? path : `${folder}/${library}`, linkname, mode, content });
}

function asIs({ path, linkname, mode, content }: PackedFile): Entry {
  return linkname === undefined
    ? { path: `/${path}`, type: 'file', mode: mode & 0o777, content }
    : { path: `/${path}`, type: 'symlink', target: linkname };
}

/** What dpkg records to find changed files; nobody is kept out by it. */
function md5(content: Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}
