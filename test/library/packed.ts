// `npm pack`, once for all test files that want the tarball: it builds in the checkout, where only one can at a time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { withLock } from '../cluster/lock.ts';

const ROOT = join(import.meta.dirname, '../..');
const KEPT = join(ROOT, 'build/packed');
/** What is built, and what goes along. */
const SOURCES = [
  'bin', 'charts', 'imports', 'kubernetes', 'monitoring', 'reconciler', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'LICENSE',
];
const PATIENCE_MS = 3 * 60_000;

/** Name of the tarball, which is put into a folder. */
export async function packInto(folder: string): Promise<string> {
  const name = `${packageJson.name}-${packageJson.version}.tgz`;
  const made = join(KEPT, hashOf(SOURCES));
  await withLock(`${KEPT}.lock`, { log: () => undefined, signal: AbortSignal.timeout(PATIENCE_MS) }, async () => {
    if (existsSync(made)) return;
    // Those of earlier sources, and of one that was killed.
    rmSync(KEPT, { recursive: true, force: true });
    mkdirSync(`${made}.part`, { recursive: true });
    execFileSync('npm', ['pack', '--pack-destination', `${made}.part`], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    renameSync(`${made}.part`, made);
  });
  copyFileSync(join(made, name), join(folder, name));
  return name;
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const files = path.includes('.') || path === 'LICENSE' ? [path] : filesBelow(path);
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length + 1)).toSorted();
}
