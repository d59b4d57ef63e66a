// A program of one package, built once from its Go module into the user's cache.
import { join } from 'node:path';
import { goBuild } from '../cluster/go-build.ts';
import { builtFolder, fillFolder, unlessCached } from '../cluster/program-cache.ts';

/** What it is built from. */
export interface GoSource {
  readonly name: string;
  /** The folder with go.mod. */
  readonly source: string;
  readonly packagePath: string;
  /** Files of `source` besides go.mod and go.sum that decide what comes out; default: none. */
  readonly files?: readonly string[];
}

const BUILD_LIMIT_MS = 15 * 60_000;

/** Path of the program; the first call on a machine builds it, which takes about a minute. Throws when Go is missing or fails. */
export async function obtainGoProgram({ name, source, packagePath, files = [] }: GoSource, log: (line: string) => void): Promise<string> {
  const { env } = process;
  const dir = await builtFolder(name, { source, files: ['go.mod', 'go.sum', ...files], env });
  const signal = AbortSignal.timeout(BUILD_LIMIT_MS);
  const build = (temporary: string): Promise<void> => goBuild({ packagePath, output: join(temporary, name) }, { source, env, log, signal });
  await unlessCached(dir, [name], { log, signal, make: () => fillFolder(dir, [name], build) });
  return join(dir, name);
}
