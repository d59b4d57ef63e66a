// Files of the user's own that run with a package of a registry, as a script does with the SDK it imports: put beside it, and started in its place.
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, posix } from 'node:path';
import { digestOf, type Entry } from '../layer.ts';
import { APP, NODE } from '../paths.ts';
import { PackageError } from './package-error.ts';
import type { Ecosystem, PackageNames } from './package-spec.ts';
import { PYTHON } from './pypi-program.ts';

/** Files, and how the first of them is started. */
export interface OwnFiles {
  readonly names: PackageNames;
  readonly entries: readonly Entry[];
  readonly program: string;
  /** The same on a machine where the package is installed. */
  readonly here: string;
}

const MAX_BYTES = 10 * 1024 * 1024;
const NAME = /^[\w-][\w.-]*$/;
const RUNNERS: Readonly<Record<Ecosystem, { readonly program: string; readonly called: string; readonly endings: readonly string[] }>> = {
  npm: { program: NODE, called: 'node', endings: ['.js', '.mjs', '.cjs', '.ts', '.mts'] },
  pypi: { program: PYTHON, called: 'python3', endings: ['.py'] },
};
/** What the archive, or the program in it, cannot be called. */
const TAKEN = ['operator', 'kubernetes-mcp-server', 'stdio-bridge', 'node-runtime', 'python-runtime', 'node', 'npm', 'npx', 'python', 'python3', 'uv', 'uvx', 'sh', 'env', 'dirname', 'realpath'];

/** Reads them; the image's tag is made of what is in them and of the lock, so that another program is another image. Throws PackageError. */
export async function ownFiles(ecosystem: Ecosystem, files: readonly string[], lock: string): Promise<OwnFiles> {
  const [first = ''] = files;
  const { program, called, endings } = RUNNERS[ecosystem];
  if (!endings.includes(extname(first))) throw new PackageError(`--file ${first} is not a file that ${called} runs: expected its name to end in ${endings.join(', ')}`);
  const stem = basename(first, extname(first)).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^[^a-z]+|-+$/g, '').slice(0, 40);
  if (stem === '' || TAKEN.includes(stem)) throw new PackageError(`--file ${first}: its name is taken in the image, or is none for one: rename it, for instance to weather${extname(first)}`);
  const entries = await Promise.all(files.map(entryOf));
  const inputs = [lock, ...entries.map(({ path, content }) => `${path} ${digestOf(content)}`)];
  const tag = digestOf(Buffer.from(inputs.join('\n'))).replace('sha256:', '').slice(0, 12);
  const line = Buffer.from(`#!/bin/sh\nexec ${program} ${posix.join(APP, basename(first))} "$@"\n`);
  const launcher = { path: posix.join('/usr/local/bin', stem), type: 'file', mode: 0o755, content: line } as const;
  const names = { file: stem, image: stem, tag, server: stem };
  return { names, entries: [...entries, launcher], program: stem, here: `${called} ${first}` };
}

async function entryOf(file: string): Promise<Entry & { type: 'file' }> {
  const name = basename(file);
  if (!NAME.test(name)) throw new PackageError(`--file ${file}: its name has other characters than letters, digits, dots, hyphens and underscores`);
  const found = await stat(file).catch(() => undefined);
  const size = found?.size ?? 0;
  if (found?.isFile() !== true) throw new PackageError(`--file ${file}: there is no such file`);
  if (size > MAX_BYTES) throw new PackageError(`--file ${file} has ${size} bytes, and at most ${MAX_BYTES} are taken`);
  // Beside the packages of npm, so that imports find them.
  return { path: posix.join(APP, name), type: 'file', content: await readFile(file) };
}
