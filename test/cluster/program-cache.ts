// Owns the user's cache of programs: made by whoever needs them first, found complete by everyone else.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../images/cache-folder.ts';
import { withLock, type WaitOptions } from './lock.ts';


/** Name of the platform as Go says it, for instance linux-amd64. */
export function platform(): string {
  return `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

/** What programs are built from, and the environment that says where the cache lies. */
export interface BuiltFrom {
  /** The folder with go.mod. */
  readonly source: string;
  /** Its files that decide what comes out. */
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Folder of the cache for what is built from these files: another one whenever one of them changes. */
export async function builtFolder(name: string, { source, files, env }: BuiltFrom): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(source, file)));
  return join(cacheFolder(env), `${name}-${platform()}-${hash.digest('hex').slice(0, 12)}`);
}

/** Calls `make`, which must fill `dir`, unless it holds all the programs; one process at a time. */
export async function unlessCached(
  dir: string,
  programs: readonly string[],
  { make, ...wait }: WaitOptions & { make: () => Promise<void> },
): Promise<void> {
  if ((await missingPrograms(dir, programs)).length === 0) return;
  await withLock(`${dir}.lock`, wait, async () => {
    // Another process may have made them while this one waited.
    if ((await missingPrograms(dir, programs)).length > 0) await make();
  });
}

/** Fills `dir` under a temporary name first: whoever finds it finds it complete. Throws when a program is missing after `fill`. */
export async function fillFolder(dir: string, programs: readonly string[], fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${dir}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    const missing = await missingPrograms(temporary, programs);
    if (missing.length > 0) throw new Error(`it did not give ${missing.join(', ')}`);
    await rm(dir, { recursive: true, force: true });
    await rename(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Those of the programs that `dir` does not hold, or not as programs. */
export async function missingPrograms(dir: string, programs: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const program of programs) await access(join(dir, program), constants.X_OK).catch(() => missing.push(program));
  return missing;
}
