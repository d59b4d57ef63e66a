// Installs the package as its users do: `npm pack`, then `npm install` of the tarball in a folder elsewhere. Needs no network:
// the dependencies are copied from what `npm ci` installed, so that npm finds everything but the tarball in place.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packInto } from './packed.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const { packages: LOCKED } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, Locked>> };

/** Packs and installs; returns the folder of the consumer, which the caller removes. */
export async function installPackage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'library-'));
  const tarball = await packInto(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', private: true, type: 'module' }));
  copyPackages(folder, ['']);
  // The optional Node binaries are for developers; an empty cache proves that nothing is downloaded.
  const offline = ['--offline', '--cache', join(folder, 'empty-cache'), '--omit=optional', '--ignore-scripts'];
  execFileSync('npm', ['install', ...offline, `./${tarball}`], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  return folder;
}

/** Puts packages, `''` for the dependencies of this one, and all that they need into a folder, as `npm ci` installed them here. */
export function copyPackages(folder: string, names: readonly string[]): void {
  const needed = new Set<string>();
  const add = (path: string): void => {
    const { dependencies, optionalDependencies, peerDependencies } = LOCKED[path] ?? {};
    // The optional ones of this package are Node, for those who develop it.
    for (const name of Object.keys({ ...dependencies, ...(path !== '' && optionalDependencies), ...peerDependencies })) addFrom(path, name);
  };
  const addFrom = (path: string, name: string): void => {
    const found = placesFrom(path).map((place) => `${place}node_modules/${name}`).find((each) => LOCKED[each] !== undefined);
    if (found === undefined || needed.has(found) || !existsSync(join(ROOT, found))) return;
    needed.add(found);
    add(found);
  };
  for (const name of names) {
    if (name === '') add('');
    else addFrom('', name);
  }
  // What lies in another comes with it.
  const outermost = new Set([...needed].map((path) => path.split('/node_modules/')[0] ?? path));
  for (const path of outermost) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  linkPrograms(folder);
}

/** Where what a package needs is looked for: in it, and in whatever it lies in. */
function placesFrom(path: string): string[] {
  const parents = path === '' ? [] : path.split('/node_modules/').map((_, index, parts) => `${parts.slice(0, index + 1).join('/node_modules/')}/`);
  return [...parents.toReversed(), ''];
}

function linkPrograms(folder: string): void {
  // npm takes a package whose programs are not linked for a broken one, and would fetch it again.
  const [from, to] = [ROOT, folder].map((base) => join(base, 'node_modules/.bin')) as [string, string];
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const target = readlinkSync(join(from, name));
    if (existsSync(join(to, target))) symlinkSync(target, join(to, name));
  }
}
