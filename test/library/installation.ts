// Installs the package as its users do: `npm pack`, then `npm install` of the tarball in a folder elsewhere. Needs no network:
// the dependencies are copied from what `npm ci` installed, so that npm finds everything but the tarball in place.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly devOptional?: boolean }>>;
}

/** Packs and installs; returns the folder of the consumer, which the caller removes. */
export function installPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'library-'));
  const [{ filename }] = JSON.parse(npm(ROOT, 'pack', '--json', '--pack-destination', folder)) as [{ filename: string }];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', private: true, type: 'module' }));
  copyDependencies(folder);
  // The optional Node binaries are for developers; an empty cache proves that nothing is downloaded.
  npm(folder, 'install', '--offline', '--cache', join(folder, 'empty-cache'), '--omit=optional', '--ignore-scripts', `./${filename}`);
  return folder;
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function copyDependencies(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lockfile;
  const needed = Object.entries(packages).filter(
    ([path, { dev, optional, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !optional && !devOptional,
  );
  for (const [path] of needed) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  // npm takes a package whose programs are not linked for a broken one, and would fetch it again.
  const [from, to] = [ROOT, folder].map((base) => join(base, 'node_modules/.bin')) as [string, string];
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const target = readlinkSync(join(from, name));
    if (existsSync(join(to, target))) symlinkSync(target, join(to, name));
  }
}
