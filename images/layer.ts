// Layers of images: files as a gzipped tar archive whose bytes depend on nothing but names, modes and contents.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A file, folder or symbolic link; everything in an image belongs to root. */
export type Entry = { /** Absolute path in the image. */ readonly path: string } & (
  | { readonly type: 'file'; readonly content: Uint8Array; /** @default 0o644 */ readonly mode?: number }
  | { readonly type: 'directory'; /** @default 0o755 */ readonly mode?: number }
  | { readonly type: 'symlink'; readonly target: string }
);

/** A layer, ready to be put into any number of images. */
export interface Layer {
  /** What made it, for the image's history. */
  readonly createdBy: string;
  /** The gzipped tar archive. */
  readonly blob: Uint8Array;
  /** Digest of the blob. */
  readonly digest: string;
  /** Digest of the tar archive. */
  readonly diffId: string;
  /** What is in it, folders too: absolute paths. */
  readonly paths: readonly string[];
}

/** How a layer is packed. */
export interface LayerOptions {
  /** Folder where compressed layers are kept. */
  readonly cache?: string;
  /** Of gzip; less than the default is for what is packed once and waited for. @default 9 */
  readonly level?: number;
}

/** Everything of 1970: an image says nothing of when it was made. */
const MTIME = new Date(0);
const gzipped = promisify(gzip);
const gunzipped = promisify(gunzip);

/** `sha256:` and the hash in hexadecimal, as images name their parts. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Packs entries, in whatever order they come; folders above them that are missing are added. Throws when a path appears twice.
 * With `cache`, a folder, what was compressed once is taken from there: a base takes seconds.
 */
export async function packLayer(createdBy: string, entries: readonly Entry[], { cache, level = 9 }: LayerOptions = {}): Promise<Layer> {
  const all = withFolders(entries);
  const tar = await tarOf(all);
  const diffId = digestOf(tar);
  const blob = cache === undefined ? await compressed(tar, level) : await kept(join(cache, `${diffId.replace('sha256:', '')}.tar.gz`), tar, level);
  return { createdBy, blob, digest: digestOf(blob), diffId, paths: all.map(({ path }) => path) };
}

/**
 * The files of a folder on this machine as entries below `at`. Of their modes only whether they are executable is kept.
 * `wanted` decides by the path in the layer; unless given, everything is.
 */
export async function folderEntries(folder: string, at: string, wanted: (path: string) => boolean = () => true): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const each of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const source = join(each.parentPath, each.name);
    const path = posix.join(at, source.slice(folder.length));
    if (!wanted(path)) continue;
    if (each.isDirectory()) found.push({ path, type: 'directory' });
    else if (each.isSymbolicLink()) found.push({ path, type: 'symlink', target: await readlink(source) });
    else if (each.isFile()) found.push(await fileEntry(source, path));
  }
  return found;
}

/** A file of this machine as an entry. Of its mode only whether it is executable is kept. */
export async function fileEntry(source: string, path: string): Promise<Entry> {
  const { mode } = await stat(source);
  return { path, type: 'file', mode: (mode & 0o111) === 0 ? 0o644 : 0o755, content: await readFile(source) };
}

async function compressed(tar: Uint8Array, level: number): Promise<Buffer> {
  const blob = await gzipped(tar, { level });
  // The header names the system it was made on; 255 says that it is unknown.
  blob[9] = 255;
  return blob;
}

/** What the file holds if that is the archive, compressed; else writes it. */
async function kept(file: string, tar: Buffer, level: number): Promise<Buffer> {
  const blob = await readFile(file).catch(() => undefined);
  if (blob !== undefined && (await gunzipped(blob).then((content) => content.equals(tar), () => false))) return blob;
  const fresh = await compressed(tar, level);
  const temporary = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, fresh);
  await rename(temporary, file);
  return fresh;
}

function withFolders(entries: readonly Entry[]): Entry[] {
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    if (all.has(entry.path)) throw new Error(`${entry.path} is in the layer twice`);
    all.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let folder = posix.dirname(path); folder !== '/'; folder = posix.dirname(folder)) {
      if (!all.has(folder)) all.set(folder, { path: folder, type: 'directory' });
    }
  }
  // By the bytes of the path: a folder comes before what is in it.
  return [...all.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries) {
    const header = { name: entry.path.slice(1), mtime: MTIME, type: entry.type };
    if (entry.type === 'file') tar.entry({ ...header, mode: entry.mode ?? 0o644 }, entry.content);
    else if (entry.type === 'directory') tar.entry({ ...header, mode: entry.mode ?? 0o755 });
    else tar.entry({ ...header, mode: 0o777, linkname: entry.target });
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
