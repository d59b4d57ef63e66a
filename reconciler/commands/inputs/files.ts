// The files that `-f` names: a file is itself, a folder the manifests in it.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, UserError } from '../user-error.ts';

/** So many files of folders are read at most. */
const MOST_FILES = 1000;
const MANIFEST = /\.(ya?ml|json)$/;

/** A file itself, or the manifests of a folder by name, those of folders below only if asked. Throws UserError. */
export async function filesAt(path: string, { recursive }: { readonly recursive: boolean }): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const files = await manifestsIn(path, recursive, []);
    if (files.length > MOST_FILES) throw new UserError(`${path} holds more than ${MOST_FILES} manifests; give folders with fewer`);
    if (files.length > 0) return files;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot read ${path === '' ? 'a file without a name' : path}: ${reasonOf(error)}; give a YAML file with MCPServers`, { cause: error });
  }
  const below = recursive ? 'nor do the folders in it' : 'folders in it are read with --recursive alone';
  throw new UserError(`${path} holds no file that ends with .yaml, .yml or .json; ${below}`);
}

async function manifestsIn(folder: string, recursive: boolean, found: string[]): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Links to folders are not followed: they may lead in a circle.
    if (entry.isDirectory()) await (recursive ? manifestsIn(path, recursive, found) : undefined);
    else if (MANIFEST.test(entry.name) && (entry.isFile() || (await isFile(path)))) found.push(path);
    if (found.length > MOST_FILES) break;
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
