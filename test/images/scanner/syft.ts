// syft, the real scanner: built once from its Go module into the user's cache, and run on image archives with its defaults.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { obtainGoProgram } from '../../support/go-program.ts';

/** Its version stands in go.mod here. */
const SOURCE = join(import.meta.dirname, 'go');
const SCAN_LIMIT_MS = 100_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What it found in an image. */
export interface Scan {
  readonly distro: { readonly id: string; readonly versionID: string };
  readonly artifacts: readonly { readonly type: string; readonly name: string; readonly version: string; readonly purl: string }[];
}

/** Path of the program; the first call on a machine builds it, which takes five minutes of processor time. */
export function obtainSyft(log: (line: string) => void): Promise<string> {
  return obtainGoProgram({ name: 'syft', source: SOURCE, packagePath: 'github.com/anchore/syft/cmd/syft' }, log);
}

/** Scans an OCI archive, without asking anybody anything. `options` are further ones of its command line. */
export async function scan(program: string, archive: string, options: readonly string[] = []): Promise<Scan> {
  const args = ['scan', `oci-archive:${archive}`, '--quiet', '--output', 'json', ...options];
  const env = { ...process.env, SYFT_CHECK_FOR_APP_UPDATE: 'false' };
  const { stdout } = await promisify(execFile)(program, args, { env, timeout: SCAN_LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout) as Scan;
}
