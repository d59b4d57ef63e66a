// Copies the bridge with all that it needs to a folder, where it then runs in any image: Node, the C libraries, their loader.
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, realpath, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { loadedPart } from './elf.ts';

/** What lies in the bridge's image, and in a folder it was copied to. */
const NODE = 'node';
const LIBRARIES = 'lib';
const LOADER = 'ld.so';
const MAIN = 'stdio-bridge.mjs';
/** Files of the bridge itself: the one it starts with, and those this loads. */
const PART = /^stdio-bridge(?:-[\w-]+)?\.mjs$/;
const LIBRARY = /\.so(?:\.|$)/;
/** For every user: an image may run as any. */
const MODE = { program: 0o755, file: 0o644, folder: 0o755 } as const;
const CHUNK_BYTES = 1024 * 1024;

/** The bridge cannot be copied; the message says why. */
export class InstallError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InstallError';
  }
}

/** What was copied. */
export interface Installed {
  readonly files: number;
  readonly bytes: number;
}

interface File {
  readonly from: string;
  /** Below the folder. */
  readonly to: string;
  readonly mode: number;
}

/**
 * Copies the bridge of which `main` is the file it was started with to `folder`, which must be there. Each file appears complete
 * or not at all, that of the bridge itself as the last, and takes the place of an earlier one. Throws InstallError.
 */
export async function install(main: string, folder: string): Promise<Installed> {
  const files = await filesOf(dirname(main), main);
  let bytes = 0;
  try {
    await mustBeFolder(folder);
    await makeFolder(join(folder, LIBRARIES));
    for (const { from, to, mode } of files) bytes += await copy(from, join(folder, to), mode);
  } catch (error) {
    throw new InstallError(`the bridge cannot be copied to ${folder}: ${reasonOf(error)}`);
  }
  return { files: files.length, bytes };
}

async function filesOf(root: string, main: string): Promise<File[]> {
  try {
    const parts = dirname(await realpath(main));
    for (const needed of [NODE, join(LIBRARIES, LOADER)]) await stat(join(root, needed));
    const libraries = (await readdir(join(root, LIBRARIES))).filter((name) => LIBRARY.test(name));
    const own = (await readdir(parts)).filter((name) => PART.test(name) && name !== MAIN);
    const modeOf = (library: string): number => (library === LOADER ? MODE.program : MODE.file);
    return [
      ...libraries.map((name) => ({ from: join(root, LIBRARIES, name), to: join(LIBRARIES, name), mode: modeOf(name) })),
      { from: join(root, NODE), to: NODE, mode: MODE.program },
      ...[...own, MAIN].map((name) => ({ from: join(parts, name), to: name, mode: MODE.file })),
    ];
  } catch {
    throw new InstallError('there is nothing to copy: no Node and no libraries lie beside this bridge, as they do in its image');
  }
}

/** A folder that is made here would be one that nobody mounts. */
async function mustBeFolder(folder: string): Promise<void> {
  if (!(await stat(folder)).isDirectory()) throw new Error('it is no folder');
}

/** One that is there is kept. On a read-only disk a recursive mkdir would speak of a folder that is not there. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
    // Not only as the mask of this process allows.
    await chmod(folder, MODE.folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Resolves to the bytes written. A copy that was cut off is written anew: it has the same name. */
async function copy(from: string, to: string, mode: number): Promise<number> {
  const unfinished = join(dirname(to), `.${basename(to)}.part`);
  const source = await open(from);
  try {
    const target = await open(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, mode);
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await source.read(chunk, 0, chunk.length, 0);
      const loaded = loadedPart(chunk.subarray(0, bytesRead));
      const length = loaded?.length ?? (await source.stat()).size;
      for (let at = 0; at < length;) {
        const read = await source.read(chunk, 0, Math.min(chunk.length, length - at), at);
        if (read.bytesRead === 0) throw new Error(`${from} ends early`);
        await target.writeFile(chunk.subarray(0, read.bytesRead));
        at += read.bytesRead;
      }
      if (loaded !== undefined) await target.write(loaded.header, 0, loaded.header.length, 0);
      await target.chmod(mode);
      await rename(unfinished, to);
      return length;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'it is no folder',
  EACCES: 'it may not be written by this user',
  EPERM: 'it may not be written by this user',
  EROFS: 'it is mounted read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'its limit of disk is reached',
};

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
